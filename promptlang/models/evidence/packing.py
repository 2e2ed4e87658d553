"""Numbers that are no plain ones: the signs that programs leave which pack a model into fewer bits."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import MappingProxyType

_WAYS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "small numbers with scales beside them": (".scale_weight", ".weight_scale", ".comfy_quant", "scaled_fp8"),
        "numbers packed by bitsandbytes": (".absmax", ".quant_map"),
        "numbers packed by GPTQ or AWQ": (".qweight", ".qzeros"),
        "numbers packed by SVDQuant": (".wscales",),
    }
)
_BY_ENDING: Mapping[str, str] = MappingProxyType({each: way for way, endings in _WAYS.items() for each in endings})
_ENDINGS = tuple(_BY_ENDING)


def packed(keys: Iterable[str]) -> str:
    """How the tensors of a file are packed; empty where they are plain numbers."""
    key = next((each for each in keys if each.endswith(_ENDINGS)), "")
    return next((way for ending, way in _BY_ENDING.items() if key.endswith(ending)), "") if key else ""
