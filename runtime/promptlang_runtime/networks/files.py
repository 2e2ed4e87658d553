"""Files of networks taken apart: which layer each tensor belongs to as the file writes it, and what it is to it."""

from __future__ import annotations

from collections.abc import Mapping

from torch import Tensor

from promptlang.models.fitting.pieces import method_of, piece
from promptlang_runtime.errors import RenderError
from promptlang_runtime.models.pipelines import Tensors

Pieces = Mapping[str, Tensor]
"""The tensors of one layer by their role: `down` and `up`, `mid`, `alpha`, DoRA's `magnitude`, LyCORIS's factors."""


def by_layer(tensors: Tensors, name: str) -> dict[str, Pieces]:
    """The tensors of a network by layer, as the file names it, and role; `name` is for messages.

    Raises RenderError for a method that is not drawn, and for tensors of none.
    """
    found: dict[str, dict[str, Tensor]] = {}
    for key, tensor in tensors.items():
        told = piece(key)
        if told is None:
            raise _undrawn(key, name)
        layer, role = told
        found.setdefault(layer, {})[role] = tensor
    return dict(found)


def _undrawn(key: str, name: str) -> RenderError:
    if method := method_of(key):
        return RenderError(f"<{name}> is a network of the kind {method}, which cannot be rendered yet", "remove it")
    return RenderError(f"the LoRA <{name}> holds `{key}`, which is no part of a network that is drawn", "remove it")
