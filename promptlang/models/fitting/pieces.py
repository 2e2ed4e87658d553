"""Keys of networks taken apart: which layer each belongs to as the file writes it, and what it is to it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from types import MappingProxyType

from promptlang.models.evidence.networks import DOWNS, METHODS, UPS

Shape = tuple[int, ...]
Shapes = Mapping[str, Shape]
"""The shapes of one layer's tensors, by their roles."""

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
# `to_k_lora`, as diffusers wrote it at first, and `qkv_lora1`, as XLabs does.
_NUMBERED = re.compile(r"(?P<layer>.+(?=_lora\.)|.+_lora[12](?=\.))(?:_lora)?\.(?P<side>down|up)\.weight")
_LONGEST = 3  # `lora_A.default.weight`


def piece(key: str) -> tuple[str, str] | None:
    """The layer of a tensor and its role there: `down` and `up`, `mid`, `alpha`, DoRA's `magnitude`, a factor.

    None for tensors of methods that are not drawn, and of none.
    """
    if numbered := _NUMBERED.fullmatch(key):
        return numbered["layer"], "down" if numbered["side"] == "down" else "up"
    return next(((layer, _ROLES[ending]) for layer, ending in _cuts(key) if ending in _ROLES), None)


def layers_of(tensors: Mapping[str, Shape]) -> Mapping[str, Shapes]:
    """The shapes of a network's tensors by layer, as the file names it, and role; of those that are drawn."""
    found: dict[str, dict[str, Shape]] = {}
    for key, shape in tensors.items():
        if told := piece(key):
            found.setdefault(told[0], {})[told[1]] = shape
    return found


def method_of(key: str) -> str:
    """The method that a tensor is of, as its name ends; empty where it is of none."""
    return next((METHODS[ending] for _, ending in _cuts(key) if ending in METHODS), "")


def _cuts(key: str) -> Iterator[tuple[str, str]]:
    parts = key.split(".")
    for length in range(min(_LONGEST, len(parts) - 1), 0, -1):
        yield ".".join(parts[:-length]), ".".join(parts[-length:])
