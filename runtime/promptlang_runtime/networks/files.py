"""Files of networks taken apart: which layer each tensor belongs to as the file writes it, and what it is to it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from types import MappingProxyType

from torch import Tensor

from promptlang.meaning.drawing import DRAWN_METHODS
from promptlang.models.evidence.networks import DOWNS, METHODS, UPS
from promptlang_runtime.errors import RenderError
from promptlang_runtime.models.pipelines import Tensors

Pieces = Mapping[str, Tensor]
"""The tensors of one layer by their role: `down` and `up`, `mid`, `alpha`, DoRA's `magnitude`, LyCORIS's factors."""

_FACTORS = (
    *("hada_w1_a", "hada_w1_b", "hada_w2_a", "hada_w2_b", "hada_t1", "hada_t2"),
    *("lokr_w1", "lokr_w1_a", "lokr_w1_b", "lokr_w2", "lokr_w2_a", "lokr_w2_b", "lokr_t2"),
)
_ROLES: Mapping[str, str] = MappingProxyType(
    {
        **dict.fromkeys(DOWNS, "down"),
        **dict.fromkeys(UPS, "up"),
        **{role: role for role in _FACTORS},
        **dict.fromkeys((ending for ending, method in METHODS.items() if method == "DoRA"), "magnitude"),
        "lora_mid.weight": "mid",
        "alpha": "alpha",
    }
)
_NUMBERED = re.compile(r"(?P<layer>.+)_lora\.(?P<side>down|up)\.weight")  # `to_k_lora`, as diffusers wrote it at first
_LONGEST = 3  # `lora_A.default.weight`


def by_layer(tensors: Tensors, name: str) -> dict[str, Pieces]:
    """The tensors of a network by layer, as the file names it, and role; `name` is for messages.

    Raises RenderError for a method that is not drawn, and for tensors of none.
    """
    found: dict[str, dict[str, Tensor]] = {}
    for key, tensor in tensors.items():
        layer, role = _told(key, name)
        found.setdefault(layer, {})[role] = tensor
    return dict(found)


def _told(key: str, name: str) -> tuple[str, str]:
    if numbered := _NUMBERED.fullmatch(key):
        return numbered["layer"], "down" if numbered["side"] == "down" else "up"
    parts = key.split(".")
    for length in range(min(_LONGEST, len(parts) - 1), 0, -1):
        ending = ".".join(parts[-length:])
        if ending in _ROLES:
            return ".".join(parts[:-length]), _ROLES[ending]
        method = METHODS.get(ending)
        if method and method not in DRAWN_METHODS:
            raise RenderError(f"<{name}> is a network of the kind {method}, which cannot be rendered yet", "remove it")
    raise RenderError(f"the LoRA <{name}> holds `{key}`, which is no part of a network that is drawn", "remove it")
