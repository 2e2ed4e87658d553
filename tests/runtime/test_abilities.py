"""The table of abilities, cell by cell: what acts changes the picture, what does nothing or is refused is said."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np
import pytest
import torch
from PIL import Image
from safetensors.torch import save_file

import promptlang
from promptlang.config.chain import load as load_project
from promptlang.plans.blending import BESIDE
from promptlang.tables.models.abilities import FEATURES, ability
from promptlang.tables.models.families import FAMILIES, family
from promptlang_runtime.errors import RenderError
from promptlang_runtime.executors.here import render
from promptlang_runtime.models.places import find_all
from promptlang_runtime.planning.jobs import placed
from tests.runtime import tiny_files
from tests.runtime import tiny_language as language
from tests.runtime.pictures import draw
from tests.runtime.test_blend import adapter_for, eyes
from tests.runtime.test_controls import net_for
from tests.runtime.test_network_layouts import LAYOUTS

BUILDERS = {name: build for name, (build, _) in LAYOUTS.items()} | {
    "sd3": language.sd3,
    "sana": language.sana,
    "sana sprint": language.sana_sprint,
    "flux schnell": lambda: language.flux(is_guided=False),
    "flux2 dev": language.flux2_dev,
    "flux2 klein 4B, distilled": lambda: language.klein(is_distilled=True),
    "z-image turbo": language.z_image,
    "krea2 turbo": language.krea2,
}
"""Tiny models by family, and by variant where a variant is told apart."""

VARIANTS = {"flux": "dev", "flux2": "klein 4B", "z-image": "base", "krea2": "raw"}
LAYERS = {"sd3": "transformer.transformer_blocks.0.attn.to_q", "sana": "transformer.transformer_blocks.0.attn1.to_q"}
SAMPLERS = {"sana": "dpm2m", "sana sprint": "lcm"}
INVERSIONS = {"sd1": {"emb_params": 32}, "sd2": {"emb_params": 32}, "sdxl": {"clip_l": 32, "clip_g": 64}}
SILENT = {"nofix": "no second model is ever loaded", "vass": "what it computes is not public"}
"""Features that draw nothing here, whatever the family: nothing to look at."""


@dataclass(frozen=True)
class Asked:
    """A statement without the feature and with it, and the rules that say that it does nothing, or is not drawn."""

    words: str
    without: str = "a red cow"
    parser: str = "new"
    rules: tuple[str, ...] = ()
    command: str = "render"


ASKED = {
    "clipskip": Asked("/clipskip:4 a red cow", rules=("clipskip/no-effect", "clipskip/not-clip")),
    "weights": Asked("a (red:1.9) cow", rules=("weight/no-effect",)),
    "break": Asked("a red BREAK cow", parser="a1111", rules=("break/no-effect",)),
    "guidance": Asked("/guidance:3 a red cow", "/guidance:6 a red cow", rules=("guidance/no-effect",)),
    "negative": Asked("a red cow [a blue circle]", rules=("negative/no-effect",)),
    "true-cfg": Asked("/true-cfg:3 a red cow [a blue circle]", "a red cow [a blue circle]"),
    "rescale": Asked("/rescale:0.8 a red cow [blue]", "a red cow [blue]"),
    "freeu": Asked("/freeu:0.6,0.4,1.6,1.8 a red cow"),
    "nofix": Asked("/nofix a red cow"),
    "vass": Asked("/vass a red cow"),
    "schedules": Asked("a [red:blue:1] cow", parser="a1111"),
    "schedules-below": Asked(
        "a cow /negative a [red:blue:1] bird",
        "a cow /negative a red bird",
        parser="a1111",
        rules=("negative/no-effect",),
    ),
    "several": Asked("a red cow AND a blue bird :0.6", parser="a1111"),
    "mixed": Asked('("a red cow", "a blue bird").blend(1, 0.6)', parser="compel"),
    "remix": Asked("/image:start.png /strength:0.6 a red cow", command="remix"),
    "mask": Asked("/image:start.png /mask:mask.png /strength:0.6 a red cow", command="remix"),
    "control": Asked("/control:map /control-net:net /control-image:start.png a red cow"),
    "blend": Asked("/blend:start.png /blend-adapter:looks.safetensors a red cow"),
    "hires": Asked("/hires:1.5 /hires-steps:2 a red cow"),
    "vae": Asked("/vae:other a red cow"),
    "network": Asked("a red cow <ink:0.8>"),
    "inversion": Asked("a red cow <word>", "a red cow word"),
}
DEFAULT_RULES = ("option/wrong-family", "family/not-drawn")


@pytest.fixture(scope="session")
def project_of(tmp_path_factory):
    """A project for each family: its tiny model, a network, an inversion, another VAE and a picture."""
    root, written = tmp_path_factory.mktemp("abilities"), {}

    def project(name):
        if name in written:
            return written[name]
        folder = root / name
        pipeline = BUILDERS[name]()
        pipeline.save_pretrained(folder / "model")
        if ability("control", family(of(name))).acts and not ability("control", family(of(name))).limit:
            net_for(of(name), pipeline).save_pretrained(folder / "net")
        if ability("blend", family(of(name))).acts and not ability("blend", family(of(name))).limit:
            save_file(adapter_for(pipeline), folder / "looks.safetensors")
            eyes().save_pretrained(folder / BESIDE)
        torch.manual_seed(4)
        layouts = LAYOUTS.get(of(name))
        if layouts:
            tiny_files.save([*layouts[1].values()][-1](), folder / "ink.safetensors")
        else:
            layer = LAYERS[name]
            weight = pipeline.transformer.get_submodule(layer.partition(".")[2]).weight
            pair = {"lora_A": torch.randn(4, weight.shape[1]), "lora_B": torch.randn(weight.shape[0], 4)}
            save_file({f"{layer}.{half}.weight": each for half, each in pair.items()}, folder / "ink.safetensors")
        words = INVERSIONS.get(of(name), {"emb_params": 16})
        save_file({key: torch.randn(2, width) for key, width in words.items()}, folder / "word.safetensors")
        torch.manual_seed(9)
        for weight in pipeline.vae.parameters():
            weight.data += 0.05 * torch.randn_like(weight)
        pipeline.vae.save_pretrained(folder / "other")
        Image.effect_mandelbrot((64, 64), (-2, -1, 1, 1), 40).convert("RGB").save(folder / "start.png")
        Image.linear_gradient("L").save(folder / "mask.png")
        named = name.partition(" ")[2] or VARIANTS.get(name)
        variant = f', variant = "{named}"' if named else ""
        (folder / "promptlang.toml").write_text(
            f'[concepts.names]\ntiny = {{ path = "model", family = "{of(name)}"{variant} }}\n'
            f'ink = {{ path = "ink.safetensors", kind = "lora", family = "{of(name)}" }}\n'
            f'word = {{ path = "word.safetensors", kind = "inversion", family = "{of(name)}" }}\n'
        )
        written[name] = load_project(folder / "promptlang.toml").project
        return written[name]

    return project


def of(name):
    """The family of a model."""
    return name.partition(" ")[0]


def compiled(name, project, asked, words):
    """The first plan of a statement for the family's model, and the rules that it has broken."""
    side = 64 if family(of(name)).is_unet else 32
    sampler = SAMPLERS.get(name, "k_euler")
    words = words if family(of(name)).guidance != 1 or "/guidance" in words else f"/guidance:4 {words}"
    steps = 5 if asked.parser == "a1111" else 3  # webui switches a step later, and the last one changes hardly a pixel
    text = (
        f"/{asked.command} /parser:{asked.parser} /seed:7 /steps:{steps} /size:{side}x{side} /sampler:{sampler} {words}"
    )
    if "/negative" in words and name == "flux":
        text = text.replace("/negative", "/true-cfg:2 /negative")
    if asked.command == "remix" and words == asked.without:
        text = text.replace("/remix", "/render", 1)
    found = promptlang.compile(f"/set <tiny>\n{text}", project=project)
    assert found.plans, found.diagnostics
    return placed(found.plans[0], project.root), {each.rule.name for each in found.diagnostics}


@lru_cache(maxsize=64)
def drawn(plan):
    """The picture of a plan; many features are compared with the same one."""
    return draw(plan)


def test_every_family_that_is_drawn_is_walked():
    assert set(map(of, BUILDERS)) == {row.name for row in FAMILIES if row.rendered}
    assert set(ASKED) == {each.name for each in FEATURES}


@pytest.mark.parametrize("feature", [*ASKED])
@pytest.mark.parametrize("name", [*BUILDERS])
def test_a_cell_of_the_table_is_true(project_of, name, feature):
    asked, project = ASKED[feature], project_of(name)
    plan, rules = compiled(name, project, asked, asked.words)
    cell = ability(feature, family(of(name)), plan.model.variant)
    said = rules & {*asked.rules, *DEFAULT_RULES}
    if cell.limit:
        assert "family/not-drawn" in rules
        with pytest.raises(RenderError):
            find_all(plan)
        with pytest.raises(RenderError):
            drawn(plan)
        return
    if feature in SILENT:
        assert bool(said) is not cell.acts
        return
    without, _ = compiled(name, project, asked, asked.without)
    if cell.acts:
        assert not said
        find_all(plan)
        assert not np.array_equal(drawn(plan), drawn(without))
    elif feature == "inversion":
        assert said
        with pytest.raises(RenderError):
            find_all(plan)
    else:
        assert said
        assert np.array_equal(drawn(plan), drawn(replace(without, clip_skip=plan.clip_skip)))


def apart(name, project_of, features, *, device, dtype):
    """How far pictures of features that act are from those of the CPU in single precision, in levels of 255."""
    project, far = project_of(name), {}
    for feature in features:
        plan, _ = compiled(name, project, ASKED[feature], ASKED[feature].words)
        cell = ability(feature, family(of(name)), plan.model.variant)
        if cell.acts and not cell.limit and feature not in SILENT:
            picture = np.asarray(render(plan, device=device, dtype=dtype)[0], dtype=np.int16)
            far[feature] = float(np.abs(picture - drawn(plan)).mean())
    return far


@pytest.mark.parametrize("name", ["sd1", "flux", "qwen-image"])
def test_half_precision_begins_with_the_same_noise(project_of, name):
    """Libraries draw other numbers in it from the same seed: another picture, some 40 levels off."""
    far = apart(name, project_of, ["guidance", "remix"], device="cpu", dtype="bfloat16")
    assert far
    assert max(far.values()) < 12


@pytest.mark.gpu
@pytest.mark.skipif(not torch.cuda.is_available(), reason="there is no CUDA device")
@pytest.mark.parametrize(("dtype", "most"), [("float32", 2.5), (None, 12)])
@pytest.mark.parametrize("name", [*BUILDERS])
def test_a_gpu_draws_every_feature_as_the_cpu_does(project_of, name, dtype, most):
    """In single precision, whose convolutions are rounded on a GPU, and in the precision that a family takes there."""
    far = apart(name, project_of, ASKED, device="cuda", dtype=dtype)
    print(name, dtype, {feature: round(each, 2) for feature, each in far.items()})
    assert {feature: each for feature, each in far.items() if each > most} == {}
