"""Files of textual inversions."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from torch import Tensor

from promptlang_runtime.errors import RenderError
from promptlang_runtime.models.tensors import network_tensors


def vectors_of(path: Path, keys: Mapping[str, str]) -> Mapping[str, Tensor]:
    """The vectors of an inversion, (vectors, width), for every part of `keys`; raises RenderError.

    A file for a single encoder has them under its key, or alone under any; one for several under the key of each.
    """
    tensors = network_tensors(path)
    found = {part: tensors[key] for part, key in keys.items() if key in tensors}
    if len(keys) == 1 and not found and len(tensors) == 1:
        found = dict(zip(keys, tensors.values(), strict=True))
    if found.keys() != keys.keys():
        number = "a single text encoder" if len(keys) == 1 else f"{len(keys)} text encoders"
        raise RenderError(f"`{path}` is not a textual inversion for {number}")
    rows = {part: vectors.reshape(-1, vectors.shape[-1]) for part, vectors in found.items() if vectors.dim() in (1, 2)}
    if rows.keys() != keys.keys() or len({len(each) for each in rows.values()}) != 1:
        raise RenderError(f"`{path}` is not a textual inversion: its tensors are no rows of vectors")
    return rows
