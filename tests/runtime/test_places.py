"""What a plan calls for is known to be missing before anything is loaded."""

from __future__ import annotations

import re
from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path

import pytest
import torch
from safetensors.torch import save_file

import promptlang
from promptlang.config.chain import load
from promptlang.plans.plan import Model
from promptlang_runtime.errors import RenderError
from promptlang_runtime.executors.loading import load as load_model
from promptlang_runtime.executors.loading import load_vae
from promptlang_runtime.families.table import FAMILIES
from promptlang_runtime.models.places import find_all
from promptlang_runtime.planning.jobs import placed
from promptlang_runtime.planning.undrawable import refuse_undrawable
from tests.models.conftest import write_model


@pytest.mark.parametrize("text", ["a cow <demo>", "a cow <neon:0.5> <blueprint>"])
def test_the_bundled_files_are_found(text: str) -> None:
    find_all(promptlang.compile(f"/render /parser:new {text}").plans[0])


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a cow <unknown-thing>", "no model called `unknown-thing` is known here"),
        ("a cow <unknown-thing:0.7>", "no model called `unknown-thing` is known here"),
    ],
)
def test_a_name_without_a_file_is_refused(text: str, message: str) -> None:
    with pytest.raises(RenderError, match=message):
        find_all(promptlang.compile(f"/render /parser:new {text}").plans[0])


CONFIG = """[concepts.names]
gone = { path = "gone.safetensors" }
torn = { path = "torn.safetensors" }
bare = { path = "bare.safetensors" }
"""


@pytest.mark.parametrize(
    ("called", "message"),
    [
        ("<gone>", "<gone> cannot be drawn with: gone.safetensors cannot be read: no such file"),
        ("<torn>", "<torn> cannot be drawn with: torn.safetensors cannot be read: this is not a safetensors file"),
        ("<torn:0.5>", "<torn> cannot be drawn with: torn.safetensors cannot be read"),
        ("<bare>", "<bare> is a denoiser alone of Z-Image: Qwen3 4B and the autoencoder are missing"),
        ("<bare:0.5>", "<bare> is a denoiser, which cannot be rendered yet"),
    ],
)
def test_no_other_model_takes_the_place_of_the_one_named(tmp_path: Path, called: str, message: str) -> None:
    keys = {"cap_embedder.1.weight": (3840, 8), "noise_refiner.0.attention.k_norm.weight": (8,)}
    tensors = {
        name: torch.zeros(shape) for name, shape in {**keys, "layers.0.adaLN_modulation.0.weight": (8, 8)}.items()
    }
    save_file(tensors, tmp_path / "bare.safetensors")
    (tmp_path / "torn.safetensors").write_bytes(b"\xff" * 300)
    (tmp_path / "promptlang.toml").write_text(CONFIG, encoding="utf-8")
    project = load(tmp_path / "promptlang.toml").project
    (plan,) = promptlang.compile(f"/render /parser:new a cow {called}", project=project).plans
    with pytest.raises(RenderError, match=re.escape(message)):
        find_all(plan)


def test_a_model_in_parts_is_refused_until_it_has_them_all(tmp_path: Path) -> None:
    unet = {
        "input_blocks.0.0.weight": torch.zeros(8, 4, 3, 3),
        "input_blocks.1.1.transformer_blocks.0.attn2.to_k.weight": torch.zeros(8, 768),
    }
    save_file(unet, tmp_path / "unet.safetensors")
    save_file({"text_model.encoder.layers.11.layer_norm1.weight": torch.zeros(768)}, tmp_path / "clip.safetensors")
    ends = {"encoder.conv_in.weight": (8, 3, 3, 3), "decoder.conv_out.weight": (3, 8, 3, 3)}
    vae = {name: torch.zeros(shape) for name, shape in (ends | {"decoder.conv_in.weight": (8, 4, 3, 3)}).items()}
    save_file(vae, tmp_path / "vae.safetensors")
    entry = '[concepts.cow]\npath = "unet.safetensors"\ntext-encoder = "clip.safetensors"\n'
    for vae, is_whole in (("", False), ('vae = "vae.safetensors"', True)):
        (tmp_path / "promptlang.toml").write_text(entry + vae, encoding="utf-8")
        project = load(tmp_path / "promptlang.toml").project
        (plan,) = promptlang.compile("/render /parser:new a cow <cow>", project=project).plans
        if is_whole:
            find_all(plan)
            continue
        with pytest.raises(RenderError, match="the autoencoder is missing"):
            find_all(plan)


LISTED = """[concepts.names]
called = { path = "fur.safetensors", family = "sd1", kind = "checkpoint" }
other = { path = "xl.safetensors", family = "sd1", kind = "checkpoint" }
lost = { path = "lost.safetensors", family = "sd1", kind = "checkpoint" }
wrong = { path = "fur.safetensors", family = "sd1", kind = "vae" }
style = { path = "fur.safetensors", family = "sd1", kind = "inversion" }
half = { path = "half.safetensors", family = "sd1" }
"""
KEY = "lora_unet_down_blocks_0_attentions_0_transformer_blocks_0_attn2_to_k"


@pytest.mark.parametrize(
    ("called", "message"),
    [
        ("<called>", "<called> is a file of the kind lora, which draws nothing alone"),
        ("<other>", "<other> is called Stable Diffusion 1.x in `promptlang.toml`, but its file is Stable Diffusion XL"),
        ("<lost>", "<lost> cannot be drawn with: lost.safetensors cannot be read: no such file or directory"),
        ("<wrong>", "<wrong> is called a vae in `promptlang.toml`, but its file is a lora"),
        ("<style>", "<style> is called an inversion in `promptlang.toml`, but its file is a lora"),
        ("<demo> <half>", "<half> is no VAE for Stable Diffusion 1.x: it has no end of its decoder"),
    ],
)
def test_check_and_render_say_one_thing(tmp_path: Path, called: str, message: str) -> None:
    shapes = {f"{KEY}.lora_down.weight": (4, 768), f"{KEY}.lora_up.weight": (320, 4)}
    save_file({name: torch.zeros(shape) for name, shape in shapes.items()}, tmp_path / "fur.safetensors")
    unet = {
        "model.diffusion_model.input_blocks.0.0.weight": (8, 4, 3, 3),
        "model.diffusion_model.input_blocks.4.1.transformer_blocks.0.attn2.to_k.weight": (8, 2048),
        "first_stage_model.decoder.conv_in.weight": (8, 4, 3, 3),
    }
    save_file({name: torch.zeros(shape) for name, shape in unet.items()}, tmp_path / "xl.safetensors")
    half = {"decoder.conv_in.weight": (8, 4, 3, 3), "encoder.conv_in.weight": (8, 3, 3, 3)}
    save_file({name: torch.zeros(shape) for name, shape in half.items()}, tmp_path / "half.safetensors")
    (tmp_path / "promptlang.toml").write_text(LISTED, encoding="utf-8")
    project = load(tmp_path / "promptlang.toml").project
    compiled = promptlang.compile(f"/render /parser:new a cow {called}", project=project)
    assert message in [each.message for each in compiled.diagnostics if each.rule.name == "concept/unusable"]
    with pytest.raises(RenderError, match=re.escape(message)):
        find_all(compiled.plans[0])


def test_a_package_that_is_not_there_is_said_before(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None if name == "torchsde" else find_spec(name))
    compiled = promptlang.compile("/render /parser:new /sampler:dpm_sde a cow on a far hill")
    (found,) = [each for each in compiled.diagnostics if each.rule.name == "sampler/package-missing"]
    with pytest.raises(RenderError, match=re.escape(found.message)):
        find_all(compiled.plans[0])


def test_a_package_is_not_missed_where_nothing_renders(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    compiled = promptlang.compile("/render /parser:new /sampler:dpm_sde a cow on a near hill")
    assert "sampler/package-missing" not in {each.rule.name for each in compiled.diagnostics}


FILES = ["/vae:models/gone.safetensors", "/vae:gone", "/vae:promptlang.toml", "/vae:.", "/image:gone.png"]


@pytest.mark.parametrize("option", FILES)
def test_what_an_option_names_is_looked_at_before(tmp_path: Path, option: str) -> None:
    (tmp_path / "promptlang.toml").write_text("[project]\n", encoding="utf-8")
    project = load(tmp_path / "promptlang.toml").project
    command = "remix" if "image" in option else "render"
    compiled = promptlang.compile(f"/{command} /parser:new {option} a cow", project=project)
    (found,) = [each for each in compiled.diagnostics if each.rule.name == "option/unusable-file"]
    with pytest.raises(RenderError) as refused:
        find_all(placed(compiled.plans[0], tmp_path))
    assert refused.value.help == found.help


def test_a_vae_is_looked_for_in_the_project_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """From whichever folder the command is called: a file of that name there is another one."""
    (tmp_path / "promptlang.toml").write_text("[project]\n", encoding="utf-8")
    (tmp_path / "inner").mkdir()
    ends = {"encoder.conv_in.weight": (8, 3, 3, 3), "decoder.conv_in.weight": (8, 4, 3, 3)}
    write_model(tmp_path / "inner" / "own.safetensors", {**ends, "decoder.conv_out.weight": (3, 8, 3, 3)})
    monkeypatch.chdir(tmp_path / "inner")
    compiled = promptlang.compile(
        "/render /vae:own.safetensors a cow", project=load(Path("../promptlang.toml")).project
    )
    message = "there is no VAE at `own.safetensors`"
    assert message in [each.message for each in compiled.diagnostics]
    with pytest.raises(RenderError, match="there is no VAE at"):
        find_all(placed(compiled.plans[0], tmp_path))
    repository = replace(compiled.plans[0], vae="owner__name")
    assert placed(repository, tmp_path).vae == "owner__name"


def test_what_is_named_as_a_repository_is_looked_for_in_the_project_and_in_no_other_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By check and renderer alike: a folder that is called so where the command is called is another one."""
    for place in ("inner/owner/name", "inner/owner__name", "own/vae"):
        (tmp_path / place).mkdir(parents=True)
    (tmp_path / "promptlang.toml").write_text("[project]\n", encoding="utf-8")
    project, where = load(tmp_path / "promptlang.toml").project, {"device": torch.device("cpu"), "dtype": torch.float32}
    monkeypatch.chdir(tmp_path / "inner")
    for name in ("owner/name", "owner__name"):
        compiled = promptlang.compile(f"/render /vae:{name} a cow", project=project)
        assert "option/unusable-file" not in [each.rule.name for each in compiled.diagnostics]
        plan = placed(compiled.plans[0], tmp_path)
        find_all(plan)
        with pytest.raises(RenderError, match="`owner/name` is not on this computer"):
            load_vae(str(plan.vae), FAMILIES["sd1"], **where, hub=False)
    with pytest.raises(RenderError, match="`owner/name` is not on this computer"):
        load_model(Model(name="owner/name", family="sd1"), **where)
    monkeypatch.chdir(tmp_path)
    compiled = promptlang.compile("/render /vae:own/vae a cow", project=project)
    assert "option/unusable-file" in [each.rule.name for each in compiled.diagnostics]
    for root in (tmp_path, Path()):
        with pytest.raises(RenderError, match="own/vae` is no folder of a VAE"):
            find_all(placed(compiled.plans[0], root))


def test_what_is_to_be_fetched_is_said_before_anything_is_drawn() -> None:
    plan = promptlang.compile("/render a cow").plans[0]
    with pytest.raises(RenderError, match="`owner/vae` is not on this computer"):
        refuse_undrawable(replace(plan, vae="owner__vae"), set())
    with pytest.raises(RenderError, match="`owner/name` is not on this computer"):
        refuse_undrawable(replace(plan, model=Model(name="owner/name", family="sd1")), set())
    refuse_undrawable(replace(plan, vae="owner__vae"), set(), hub=True)
