"""The family table: its rows are consistent, and the numbers of other programs follow from them."""

from __future__ import annotations

import pytest

from promptlang.tables.models.clip_skip import (
    a1111_clip_skip,
    clip_skip_range,
    comfy_clip_layer,
    diffusers_clip_skip,
    effective_clip_skip,
)
from promptlang.tables.models.concepts import BUILT_IN, DEMO, native_side
from promptlang.tables.models.families import FAMILIES, UNKNOWN, aspect_size, family, takes_network, variant_options
from promptlang.tables.models.family import ClipSkip
from promptlang.tables.options.table import OPTIONS
from promptlang.tables.samplers import ROWS

ASPECTS = ("portrait", "tall", "landscape", "wide")


@pytest.mark.parametrize("row", FAMILIES, ids=lambda row: row.name)
def test_rows_are_sound(row) -> None:
    assert row.docs.endswith(".")
    assert row.source
    assert family(row.name) is row
    assert tuple(row.sizes) == ASPECTS
    for width, height in row.sizes.values():
        grid = 64 if row.is_unet else row.multiple
        assert width % grid == height % grid == 0
        assert 0.85 < width * height / row.native**2 < 1.15
    assert row.sizes["landscape"] == row.sizes["portrait"][::-1]
    assert row.sizes["wide"] == row.sizes["tall"][::-1]
    (drawing,) = (each for each in ROWS if each.name == row.sampler)
    assert row.prediction != "flow" or drawing.flow
    assert all(each in {other.name for other in FAMILIES} for each in row.networks_from)
    assert bool(row.skippable) == (row.clip_skip in (ClipSkip.APPLIES, ClipSkip.AT_LEAST_TWO, ClipSkip.IGNORED_BY_RULE))


def test_a_name_that_is_no_family_is_unknown() -> None:
    assert family("stable-diffusion-9") is UNKNOWN


def test_stable_diffusion_1_has_twelve_layers_and_thirteen_states() -> None:
    assert [each.layers for each in family("sd1").encoders] == [12]
    assert clip_skip_range(family("sd1")) == range(1, 14)
    assert clip_skip_range(family("sd1"), 8) == range(1, 10)
    assert clip_skip_range(family("sdxl-refiner")) == range(1, 14)
    assert clip_skip_range(family("sd2")) is None
    assert clip_skip_range(family("flux")) is None
    assert clip_skip_range(UNKNOWN) == range(1, 14)


@pytest.mark.parametrize(
    ("name", "taken"),
    [
        ("sd1", (1, 2, 13)),
        ("sd2", (None, None, None)),
        ("sdxl", (2, 2, 13)),
        ("sd3", (2, 2, 13)),
        ("flux", (None, None, None)),
        ("unknown", (1, 2, 13)),
    ],
)
def test_what_clip_skip_takes(name: str, taken: tuple[int | None, ...]) -> None:
    assert tuple(effective_clip_skip(family(name), number) for number in (1, 2, 13)) == taken


def test_only_stable_diffusion_2_can_be_forced() -> None:
    assert effective_clip_skip(family("sd2"), 3, force=True) == 3
    assert effective_clip_skip(family("flux"), 3, force=True) is None


@pytest.mark.parametrize(
    ("name", "numbers"), [("sd1", (None, 1, 2, 12)), ("sdxl", (None, None, 1, 11)), ("sd3", (None, None, 1, 11))]
)
def test_diffusers_counts_from_the_default(name: str, numbers: tuple[int | None, ...]) -> None:
    row = family(name)
    assert tuple(diffusers_clip_skip(row, number) for number in (1, 2, 3, 13)) == numbers


def test_other_programs_count_as_the_language_does() -> None:
    assert [a1111_clip_skip(number) for number in (1, 12, 13)] == [1, 12, 12]
    assert [comfy_clip_layer(number) for number in (1, 13)] == [-1, -13]


def test_sizes_shrink_with_the_model() -> None:
    assert aspect_size(family("sd1"), "tall") == (384, 704)
    assert aspect_size(family("sd1"), "tall", native=128) == (96, 176)
    assert aspect_size(family("sd2"), "wide", native=512) == (704, 384)
    assert native_side(DEMO) == 128
    for aspect in ASPECTS:
        for native in (64, 128, 256, 512, 640, 1024):
            width, height = aspect_size(family("sd1"), aspect, native)
            assert width % 8 == height % 8 == 0
            assert 0.75 < width * height / native**2 < 1.3


def test_networks_go_with_their_family_and_with_unknown_ones() -> None:
    assert takes_network(family("sd1"), "sd1")
    assert takes_network(family("sd1"), "unknown")
    assert takes_network(UNKNOWN, "sdxl")
    assert takes_network(family("kolors"), "sdxl")
    assert not takes_network(family("sdxl"), "kolors")
    assert not takes_network(family("sdxl"), "sd1")


def test_a_variant_brings_its_own_defaults() -> None:
    assert variant_options("flux", "schnell") == (("guidance", "1"), ("steps", "4"))
    assert variant_options("flux2", "klein 4B, distilled") == (("guidance", "1"), ("steps", "4"))
    assert variant_options("flux", "dev") == ()
    assert variant_options("sd1", "schnell") == ()


def test_built_in_concepts_are_sound() -> None:
    names = [each.name for each in BUILT_IN]
    assert len(set(names)) == len(names)
    for each in BUILT_IN:
        assert each.name == each.name.lower()
        assert each.evidence
        assert family(each.family).name == each.family
        assert all(name in OPTIONS for name, _ in each.options)


def test_realistic_vision_2_is_stable_diffusion_1_whatever_it_looks_like() -> None:
    (known,) = (each for each in BUILT_IN if each.name == "realistic-vision-2")
    assert (known.family, known.kind) == ("sd1", "checkpoint")
    (waifu,) = (each for each in BUILT_IN if each.name == "waifu-diffusion-v1-4")
    assert waifu.family == "sd2"
