"""Which transformers have a layer of that name, by their layouts: in folders, and as they were first published."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from functools import lru_cache

from promptlang.models.evidence.networks import NUMBER
from promptlang.tables.layouts.row import Groups, layer_names
from promptlang.tables.layouts.table import layouts_of
from promptlang.tables.models.families import family
from promptlang.tables.models.folders import FOLDERS


def owners(plain: str) -> frozenset[str]:
    """The families whose transformers have such a layer, numbers aside; its name is written with underscores."""
    return _kinds().get(NUMBER.sub("_#", plain), frozenset())


def families_of(kind: str) -> Collection[str]:
    """The families whose denoiser may be of that class of diffusers."""
    return {name for name, row in FOLDERS.items() if kind in row.classes(row.denoiser)}


@lru_cache(maxsize=1)
def _kinds() -> Mapping[str, frozenset[str]]:
    found: dict[str, frozenset[str]] = {}
    for name, row in FOLDERS.items():
        for groups in () if family(name).is_unet else layouts_of(row.classes(row.denoiser)):
            for kind in _layers(groups):
                found[kind] = found.get(kind, frozenset()) | {name}
    return found


def _layers(groups: Groups) -> Iterator[str]:
    for name in layer_names(groups):
        yield NUMBER.sub("_#", name.replace("*", "0").replace("#", "0").replace(".", "_"))
