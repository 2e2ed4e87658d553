"""What a text asks for is seen in its picture, or said: by the check, by a dry run and by the renderer alike."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from unittest.mock import patch

import numpy as np
import pytest
import torch
from diffusers import DiffusionPipeline
from diffusers.image_processor import VaeImageProcessor
from numpy.typing import NDArray
from PIL import Image
from safetensors.torch import save_file

from promptlang.diagnostics import Diagnostic, Severity
from promptlang.lowering.lower import compile
from promptlang.meaning.project import Project
from promptlang.plans.json import content_hash
from promptlang.plans.plan import Plan
from promptlang.tables.models.families import family
from promptlang.tables.models.known import KnownConcept
from promptlang.tables.options.fills import Nothing, Spoken
from promptlang.tables.options.kinds import Choice, FilePath, Integer, Name, Number, Size
from promptlang.tables.options.row import Option
from promptlang.tables.options.table import ROWS
from promptlang_runtime.conditioning.clip import core
from promptlang_runtime.errors import RenderError
from promptlang_runtime.executors.here import render
from promptlang_runtime.executors.reading import NOT_READ, refuse_unread
from promptlang_runtime.families.table import FAMILIES
from promptlang_runtime.models.libraries import denoiser_of
from promptlang_runtime.models.places import find_all
from promptlang_runtime.planning.jobs import placed
from tests.asked import IN_TEXT, SPOKEN, Example, values
from tests.runtime import tiny_language
from tests.runtime.pictures import low_rank, without_alpha
from tests.runtime.test_network_layouts import LAYOUTS
from tests.thorough import is_thorough

BUILDERS: dict[str, Callable[[], DiffusionPipeline]] = {name: build for name, (build, _) in LAYOUTS.items()} | {
    "sd3": tiny_language.sd3,
    "sana": tiny_language.sana,
}
QUICK = ("sd1", "sdxl", "flux", "z-image")
"""Between them they change both sides of a prompt, one or none, take guidance in each way, and weigh words or not."""
VARIANTS = {"flux": "dev", "flux2": "klein 4B"}
VECTORS = {"sd1": {"emb_params": 32}, "sd2": {"emb_params": 32}, "sdxl": {"clip_l": 32, "clip_g": 64}}
NOT_SEEN = {*NOT_READ, "file_format"}
"""The fields of a plan that change no pixel."""


@dataclass(frozen=True)
class Place:
    """A family's tiny model in a project of its own, with networks, another VAE and a picture to start from."""

    family: str
    project: Project
    drawn: dict[str, tuple[bytes, ...]]

    @property
    def side(self) -> int:
        """The smallest side that shows something."""
        return 64 if family(self.family).is_unet else 2 * family(self.family).multiple

    def statement(self, parser: str, options: str, text: str) -> str:
        """Small and quick to draw."""
        side = f"/size:{self.side}x{self.side} " if "/size" not in options and "aspect" not in options else ""
        steps = "" if "/steps" in options else "/steps:4 "
        head = "/remix /image:start.png" if "/strength" in options else "/remix" if "/image" in options else "/render"
        return f"{head} /parser:{parser} {options} {side}{steps}/seed:3 {text}".replace("/parser:old ", "")


@pytest.fixture(scope="session")
def place(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Place:
    """A model and what goes with it."""
    name, root = request.param, tmp_path_factory.mktemp("lost")
    pipeline = BUILDERS[name]()
    pipeline.save_pretrained(root / "model")
    other = BUILDERS[name]()
    with torch.no_grad():
        for weight in other.vae.decoder.parameters():
            weight.mul_(1.1)
    other.vae.save_pretrained(root / "vae")
    for name_of_picture, colour in (("start", "#2040d0"), ("other", "#d04020")):
        Image.new("RGB", (64, 64), colour).save(root / f"{name_of_picture}.png")
    concepts = [_concept(root, "model", "checkpoint", name)]
    for strength, lora in ((4, "ink"), (9, "oak")):
        save_file(_lora(name, pipeline, strength), root / f"{lora}.safetensors")
        concepts.append(_concept(root, lora, "lora", name))
    for count, inversion in enumerate(("zorb", "wide"), 1):
        torch.manual_seed(count)
        widths = VECTORS.get(name, {"emb_params": 32})
        save_file({key: torch.randn(count, width) for key, width in widths.items()}, root / f"{inversion}.safetensors")
        concepts.append(_concept(root, inversion, "inversion", name))
    return Place(name, Project(root=root, concepts=tuple(concepts), concept="model"), {})


def _concept(root: Path, name: str, kind: str, of_family: str) -> KnownConcept:
    path = root / ("model" if kind == "checkpoint" else f"{name}.safetensors")
    variant = VARIANTS.get(of_family, "") if kind == "checkpoint" else ""
    return KnownConcept(name=name, kind=kind, family=of_family, evidence="the test", path=path, variant=variant)


def _lora(name: str, pipeline: DiffusionPipeline, strength: int) -> dict[str, torch.Tensor]:
    """Strong random matrices for a layer of the denoiser, and for one of the text encoder where files have such."""
    part = FAMILIES[name].folder.denoiser
    layers = {f"{part}.{key}": each for key, each in denoiser_of(pipeline, part).named_modules() if _is_asking(key)}
    chosen = dict(sorted(layers.items())[:1])
    if family(name).is_unet:
        layer = "encoder.layers.0.self_attn.q_proj"
        chosen[f"text_encoder.text_model.{layer}"] = core(pipeline.text_encoder).get_submodule(layer)
    return without_alpha(low_rank(chosen), strength=strength)


def _is_asking(layer: str) -> bool:
    """Whether it makes the question that pixels ask of the text."""
    return layer.endswith(("to_q", "attn2.to_k")) and ("transformer_blocks" in layer or layer.startswith("layers"))


def test_every_family_that_is_drawn_is_walked_through() -> None:
    """A new one as well."""
    assert BUILDERS.keys() == FAMILIES.keys()


def _pixels(place: Place, plan: Plan, said: tuple[Diagnostic, ...]) -> tuple[bytes, ...] | None:
    """The pictures of a plan; None where it is refused, which all three must say in the same words."""
    plan = placed(plan, place.project.root or Path())
    refused = _refusal(plan)
    if refused is None:
        key = content_hash(plan)
        if key not in place.drawn:
            with _numbers() as numbers:
                pictures = render(plan, device="cpu")
            place.drawn[key] = (*(each.tobytes() for each in pictures), *numbers)
        return place.drawn[key]
    with pytest.raises(RenderError) as caught:
        render(plan, device="cpu")
    assert caught.value.message == refused
    assert refused in [each.message for each in said], f"the check does not say: {refused}"
    return None


@contextmanager
def _numbers() -> Iterator[list[bytes]]:
    """The numbers that pictures are made of meanwhile: what a tiny model hears in its last steps changes no byte."""
    decoded: list[bytes] = []
    in_bytes = VaeImageProcessor.numpy_to_pil

    def keep(images: NDArray[np.float32]) -> list[Image.Image]:
        decoded.append(images.tobytes())
        return in_bytes(images)

    with patch.object(VaeImageProcessor, "numpy_to_pil", staticmethod(keep)):
        yield decoded


def _refusal(plan: Plan) -> str | None:
    try:
        refuse_unread(plan)
        find_all(plan)
    except RenderError as error:
        return error.message
    return None


def assert_seen(place: Place, text: str, other: str, names: tuple[str, ...]) -> None:
    """The pictures of two texts differ, or one of them is refused, or a finding that speaks of it says why not."""
    pictures: list[tuple[bytes, ...] | None] = []
    said: list[Diagnostic] = []
    for each in (text, other):
        found = compile(each, project=place.project)
        said += found.diagnostics
        if not found.plans:
            return
        pictures.append(_pixels(place, found.plans[0], found.diagnostics))
    if None in pictures or pictures[0] != pictures[1]:
        return
    warned = [each for each in said if each.severity < Severity.HINT]
    assert any(name in f"{each.rule.name} {each.message}" for each in warned for name in names), (text, other)


def _examples(place: Place) -> list[Example]:
    """One for each kind of node, for each field with the first family, and all of them in a thorough run.

    What files of networks hold is theirs to say.
    """
    found = {(each.kind, each.field if place.family == QUICK[0] else ""): each for each in IN_TEXT}
    chosen = IN_TEXT if is_thorough() else tuple(found.values())
    return [each for each in chosen if each.field != "arguments" or family(place.family).is_unet]


@pytest.mark.parametrize("place", BUILDERS if is_thorough() else QUICK, indirect=True)
def test_what_a_text_asks_for_is_seen(place: Place) -> None:
    """Every kind of node."""
    for example in _examples(place):
        words = "{}" if example.alone else "a red {} at dusk"
        one, other = (
            place.statement(example.dialect, "/guidance:5", f"{words.format(text)} /negative bad")
            for text in (example.text, example.other)
        )
        assert_seen(place, one, other, ("weight", "break", "switch", "concept", "network"))


@pytest.mark.parametrize("place", BUILDERS if is_thorough() else QUICK, indirect=True)
def test_what_an_option_asks_for_is_seen(place: Place) -> None:
    """Every option that fills a field."""
    for row in ROWS:
        if isinstance(row.fills, Nothing | Spoken) or row.fills.field in NOT_SEEN:
            continue
        text = "a red cow [bad]"
        without = place.statement("new", "/image:start.png" if row.commands else "", text)
        given = [place.statement("new", value, text) for value in _values(row, place)]
        plans = _hashes(place, without)
        other = next((each for each in given if _hashes(place, each) != plans), given[-1])
        assert_seen(place, other, without, (f"{row.name}/", f"/{row.name}", row.words))


@pytest.mark.parametrize("place", BUILDERS if is_thorough() else QUICK[:1], indirect=True)
def test_what_an_option_says_of_others_is_seen(place: Place) -> None:
    """Those that fill no field of their own; every other fills one, or says why not."""
    for row in ROWS:
        if isinstance(row.fills, Spoken):
            for pair in SPOKEN[row.name]:
                one, other = (
                    text.replace("/steps:4", f"/steps:4 /seed:3 /size:{place.side}x{place.side}") for text in pair
                )
                assert_seen(place, one, other, (f"{row.name}/", f"/{row.name}", "weight", "schedule", "negative"))


def _hashes(place: Place, text: str) -> list[str]:
    return [content_hash(plan) for plan in compile(text, project=place.project).plans]


def _values(row: Option, place: Place) -> list[str]:
    """Values that are quick to draw; one of them is another than the family's own."""
    match row.kind:
        case Size():
            return [f"/{row.name}:{2 * place.side}x{place.side}"]
        case Name():
            return [f"/{row.name}:vae"]
        case FilePath():
            return [f"/{row.name}:other.png"]
        case Integer(low=low):
            return [f"/{row.name}:{low + 2}", f"/{row.name}:{low + 3}"]
        case Choice(items=items) if all(not item.remark for item in items):
            return [f"/{row.name}:{item.name}" for item in reversed(items)]
        case Number(likely=likely):
            return [f"/{row.name}:{number:g}" for number in sorted(likely)]
        case _:
            return list(values(row))[-1:]
