"""Files of textual inversions."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from torch import Tensor

from promptlang.models.fitting.misfits import inversion_rows
from promptlang_runtime.errors import RenderError
from promptlang_runtime.models.tensors import network_tensors, shapes_of


def vectors_of(path: Path, keys: Mapping[str, str]) -> Mapping[str, Tensor]:
    """The vectors of an inversion, (vectors, width), for every part of `keys`; raises RenderError."""
    tensors = network_tensors(path)
    found = inversion_rows(path, shapes_of(tensors), keys)
    if isinstance(found, str):
        raise RenderError(found)
    return {part: tensors[key].reshape(-1, tensors[key].shape[-1]) for part, key in found.items()}
