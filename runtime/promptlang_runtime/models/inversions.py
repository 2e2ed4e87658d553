"""Files of textual inversions."""

from __future__ import annotations

from pathlib import Path

from torch import Tensor

from promptlang_runtime.errors import RenderError
from promptlang_runtime.models.tensors import load_tensors


def single_vectors(path: Path) -> Tensor:
    """The vectors of an inversion for one text encoder, (vectors, width); raises RenderError."""
    tensors = load_tensors(path)
    vectors = tensors.get("emb_params")
    if vectors is None and len(tensors) == 1:
        (vectors,) = tensors.values()
    if vectors is None or not 1 <= vectors.dim() <= 2:
        raise RenderError(f"`{path}` is not a textual inversion for a single text encoder")
    return vectors.reshape(-1, vectors.shape[-1])
