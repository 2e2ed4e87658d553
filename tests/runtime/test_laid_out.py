"""Layouts that are written down are those of the libraries, and what a file lacks is said as by what opens it."""

from __future__ import annotations

import random
import re
from collections.abc import Container, Mapping
from dataclasses import replace
from pathlib import Path
from shutil import copy

import diffusers
import pytest
import torch
import transformers
from safetensors.torch import load_file, save_file

import promptlang
from promptlang.config.chain import load
from promptlang.models.evidence.header import Tensor
from promptlang.models.fitting.tensors.gaps import misshapen
from promptlang.models.fitting.tensors.laid_out import mislaid
from promptlang.plans.plan import Model
from promptlang.refusals.named_files import file_refusal
from promptlang.tables.layouts.row import layout
from promptlang.tables.layouts.table import CLASSES, FIRST
from promptlang.tables.models.families import family
from promptlang_runtime.errors import RenderError
from promptlang_runtime.executors.loading import open_files
from promptlang_runtime.families.table import family_of
from promptlang_runtime.models.places import find_all
from promptlang_runtime.networks.controls import open_control
from tests.runtime import tiny, tiny_read_files
from tests.runtime.test_controls import net_for
from tests.thorough import is_thorough

PARTS = frozenset({"denoiser", "vae", "text-encoder"})
INSIDE = ("model.language_model.", "language_model.", "model.", "text_model.", "")
UNREAD = ("bn.num_batches_tracked", "text_projection.weight", "lm_head.weight")
"""What published files go without, or what other rules speak of."""
CLASSIC = {
    "sd1": (tiny.tiny_pipeline, tiny.original_layout),
    "sd2": (tiny.tiny_sd2, tiny.sd2_layout),
    "sdxl": (tiny.tiny_sdxl, tiny.sdxl_layout),
}


def header(tensors: Mapping[str, torch.Tensor]) -> dict[str, Tensor]:
    return {name: Tensor("F32", tuple(each.shape), 0, 0) for name, each in tensors.items()}


@pytest.mark.parametrize("kind", CLASSES)
def test_a_layout_is_all_that_the_library_makes_of_a_class(kind: str) -> None:
    """In the sizes that it takes for granted: every tensor has a line, and none is of another shape than told."""
    found = getattr(diffusers, kind, None) or getattr(transformers, kind)
    config = () if hasattr(diffusers, kind) else (found.config_class(),)
    with torch.device("meta"):
        tensors = header(found(*config).state_dict())
    begin = next(each for each in INSIDE if each in ("", *{name[: len(each)] for name in tensors}))
    own = {name.removeprefix(begin): each for name, each in tensors.items() if name.startswith(begin)}
    assert not mislaid(own, [CLASSES[kind]])
    known = layout(CLASSES[kind])
    lines = {name for name in own if name in known.alone or known.blocks.match(name)}
    assert {each for each in own if each not in lines and not each.startswith("visual")} <= {*UNREAD}


FILES = (*CLASSIC, *tiny_read_files.FAMILIES)


def written(name: str, root: Path) -> Model:
    """A tiny model as a single file."""
    if name not in CLASSIC:
        return tiny_read_files.FAMILIES[name]().written(root).whole
    build, names = CLASSIC[name]
    save_file(names(build()), root / "whole.safetensors")
    return Model(name="tiny", family=name, path=str(root / "whole.safetensors"))


def spoiled(tensors: Mapping[str, torch.Tensor], name: str, how: str) -> dict[str, torch.Tensor]:
    own = tensors[name]
    others = {each: tensor for each, tensor in tensors.items() if each != name}
    match how:
        case "lost":
            return others
        case "flat":
            return {**others, name: torch.tensor(1.0)}
        case "wide":
            return {**others, name: torch.cat([own, own[:1]]) if own.dim() else torch.zeros(2)}
        case _:
            kinds = {"counted": torch.int64, "complex": torch.complex64, "true": torch.bool}
            return {**others, name: own.to(kinds[how])}


def opened(model: Model) -> str:
    """Why the renderer does not open a model's files; empty where it does."""
    try:
        open_files(family_of(model), model, Path(str(model.path)), torch.float32)
    except RenderError as error:
        return error.message
    return ""


@pytest.mark.parametrize("name", FILES)
def test_a_file_is_refused_before_it_is_opened_as_when_it_is(tmp_path: Path, name: str) -> None:
    """A sample of tensors, each lost, a number, wider or of whole numbers; the sound file is passed over in silence."""
    model = written(name, tmp_path)
    assert not misshapen(Path(str(model.path)), model.family, model.variant, PARTS)
    tensors, bad = load_file(str(model.path)), replace(model, path=str(tmp_path / "bad.safetensors"))
    for each in tmp_path.glob("whole.tokenizer.json"):
        copy(each, tmp_path / "bad.tokenizer.json")
    chosen = random.Random(name)
    for _ in range(200 if is_thorough() else 2):
        spot, how = chosen.choice([*tensors]), chosen.choice(("lost", "flat", "wide", "counted"))
        save_file({key: each.contiguous() for key, each in spoiled(tensors, spot, how).items()}, str(bad.path))
        said = misshapen(Path(str(bad.path)), model.family, model.variant, PARTS)
        assert bool(said) == bool(opened(bad)), (spot, how, said, opened(bad))


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("file")
    written("sd1", root)
    return root / "whole.safetensors"


OUTSIDE = "model.diffusion_model."
ATTENTION = f"{OUTSIDE}input_blocks.1.1.transformer_blocks.0.attn1.to_q.weight"
SAID = {
    "lost": (f"{OUTSIDE}out.2.bias", "`lost.safetensors` lacks `model.diffusion_model.out.2.bias`"),
    "wide": (ATTENTION, f"`{ATTENTION}` of `wide.safetensors` is 33×32, where 32×32 is needed"),
    "flat": ("first_stage_model.decoder.norm_out.weight", "is a single number, where 32 is needed"),
    "counted": (ATTENTION, f"`{ATTENTION}` of `counted.safetensors` holds whole numbers (I64), which are no weights"),
    "complex": (ATTENTION, f"`{ATTENTION}` of `complex.safetensors` holds complex numbers (C64), which are no weights"),
    "true": (ATTENTION, f"`{ATTENTION}` of `true.safetensors` holds truth values (BOOL), which are no weights"),
}


@pytest.mark.parametrize("how", SAID)
def test_check_and_a_dry_run_name_the_tensor(tmp_path: Path, whole: Path, how: str) -> None:
    spot, words = SAID[how]
    save_file(spoiled(load_file(whole), spot, how), tmp_path / f"{how}.safetensors")
    entry = f'{how} = {{ path = "{how}.safetensors", family = "sd1", kind = "checkpoint" }}\n'
    (tmp_path / "promptlang.toml").write_text(f"[concepts.names]\n{entry}", encoding="utf-8")
    project = load(tmp_path / "promptlang.toml").project
    found = promptlang.compile(f"/render a cow <{how}>", project=project)
    (message,) = [each.message for each in found.diagnostics if each.rule.name == "concept/unusable"]
    assert message.endswith(words)
    with pytest.raises(RenderError) as caught:
        find_all(found.plans[0])
    assert caught.value.message == message


def test_what_nobody_has_written_down_is_passed_over(tmp_path: Path, whole: Path) -> None:
    """Other tensors beside a model's, in names and numbers of others, and files of a few tensors alone."""
    tensors = load_file(whole)
    more = {f"model_ema.{at}": each.clone() for at, each in enumerate(tensors.values()) if at < 9}
    counted = {"model_ema.num_updates": torch.tensor(3), "betas": torch.zeros(1000)}
    few = {name: tensors[name] for name in [*tensors][::9]}
    halves = {name: each.half() for name, each in tensors.items()}
    for at, own in enumerate(({**tensors, **more, **counted}, few, halves)):
        place = tmp_path / f"{at}.safetensors"
        save_file(own, place)
        assert not misshapen(place, "sd1", "", PARTS)


def first_control(name: str, names: Container[str]) -> str:
    """A name of a ControlNet as it was first published."""
    if match := re.fullmatch(r"controlnet_cond_embedding\.(conv_in|blocks\.(\d)|conv_out)\.(.+)", name):
        place = {"conv_in": 0, "conv_out": 14}.get(match[1], 2 * int(match[2] or 0) + 2)
        return f"input_hint_block.{place}.{match[3]}"
    name = re.sub(r"^controlnet_down_blocks\.(\d+)", r"zero_convs.\1.0", name)
    name = name.replace("controlnet_mid_block", "middle_block_out.0")
    return name if name.startswith(("zero_convs", "middle_block_out")) else tiny.unet_name(name, names)


@pytest.mark.parametrize("begin", ["control_model.", "", "diffusers"])
def test_a_controlnet_in_a_file_is_looked_through(tmp_path: Path, begin: str) -> None:
    own = net_for("sd1", tiny.tiny_pipeline()).state_dict()
    tensors = own if begin == "diffusers" else {f"{begin}{first_control(name, own)}": own[name] for name in own}
    net = tmp_path / "net.safetensors"
    save_file(tensors, net)
    control = frozenset({"control"})
    assert not misshapen(net, "sd1", "", control)
    chosen = random.Random(begin)
    for how in ("lost", "flat", "wide", "counted"):
        bad = tmp_path / f"{how}.safetensors"
        save_file(spoiled(tensors, chosen.choice([*tensors]), how), bad)
        assert misshapen(bad, "sd1", "", control)
        refusal = file_refusal("control-net", str(bad), tmp_path, family("sd1"))
        assert refusal is not None
        with pytest.raises(RenderError, match="is no ControlNet for this model"):
            open_control(str(bad), "ControlNetModel", tiny.tiny_pipeline().unet, dtype=torch.float32)


def test_layouts_of_first_publications_have_a_layout_of_their_class() -> None:
    assert FIRST.keys() <= CLASSES.keys()
