"""The model families: one row each, with encoders, defaults, sizes and what `/clipskip` does there.

Checks, plan, inspection, hover, exporters and `docs/families.md` read these rows and name no family themselves.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from types import MappingProxyType

from promptlang.tables.models.drawn_families import DRAWN
from promptlang.tables.models.family import SIZES_512, Aspect, ClipSkip, Family, Size, Variant, variant_names
from promptlang.tables.models.known_families import KNOWN
from promptlang.tables.models.unet_families import UNETS

UNKNOWN = Family(
    name="unknown",
    title="Unknown family",
    docs="Nothing in the file says which family it is; the family is never guessed from a name.",
    source="the language itself",
    encoders=(),
    clip_skip=ClipSkip.PASSED_ON,
    clip_skip_default=1,
    final_norm=True,
    native=512,
    sizes=SIZES_512,
    guidance=7.0,
    steps=25,
    sampler="dpm2m",
    prediction="unknown",
    multiple=8,
)
FAMILIES: tuple[Family, ...] = (*UNETS, *DRAWN, *KNOWN, UNKNOWN)
BY_NAME: Mapping[str, Family] = MappingProxyType({each.name: each for each in FAMILIES})


def family(name: str) -> Family:
    """The row of that name, or the row `unknown`."""
    return BY_NAME.get(name, UNKNOWN)


def variants(row: Family, named: str) -> Iterator[Variant]:
    """The published variants that a text such as `klein 4B, distilled` names."""
    names = variant_names(named)
    return (each for each in row.variants if each.name in names)


def has_single_files(row: Family, named: str) -> bool:
    """Whether models of the family, or of the variants that the text names, are drawn from single files and parts."""
    own = (each.single_files for each in variants(row, named) if each.single_files is not None)
    return next(own, row.single_files)


def own_sampler(row: Family, named: str) -> str:
    """The sampler that alone draws the variant that the text names; empty where there is none such."""
    return next((each.sampler for each in variants(row, named) if each.sampler), "")


def hidden_variants(row: Family, named: str) -> tuple[Variant, ...]:
    """The variants that no file tells apart, where none of them is named."""
    names = variant_names(named)
    hidden = tuple(each for each in row.variants if each.hidden and any(name.startswith(each.beside) for name in names))
    return () if any(each.name in names for each in hidden) else hidden


def variant_options(family_name: str, named: str) -> tuple[tuple[str, str], ...]:
    """Option values that the published variants named want instead of their family's defaults."""
    wanted: dict[str, str] = {}
    for found in variants(family(family_name), named):
        for name, value in (("guidance", found.guidance), ("steps", found.steps)):
            if value is not None:
                wanted[name] = f"{value:g}"
        if found.sampler:
            wanted["sampler"] = found.sampler
    return tuple(wanted.items())


def takes_network(row: Family, network_family: str) -> bool:
    """Whether a LoRA or inversion of that family can be used with a checkpoint of `row`; an unknown one may."""
    return network_family in (row.name, UNKNOWN.name, *row.networks_from) or row is UNKNOWN


def aspect_size(row: Family, aspect: Aspect, native: int | None = None) -> Size:
    """The size of `/portrait` and its kin, scaled for a model trained on a square of `native` pixels.

    Example: `aspect_size(family("sd1"), "tall", native=128)` is `(96, 176)`.
    """
    width, height = row.sizes[aspect]
    if native is None or native == row.native:
        return width, height
    grid = 64 if native >= 512 else max(8, native // 8)
    return _on_grid(width * native / row.native, grid), _on_grid(height * native / row.native, grid)


def near_size(row: Family, size: Size) -> Size:
    """The size of the family's own step that is nearest."""
    width, height = (max(round(side / row.multiple), 1) * row.multiple for side in size)
    return width, height


def _on_grid(length: float, grid: int) -> int:
    return max(grid, round(length / grid) * grid)
