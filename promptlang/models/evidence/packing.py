"""Numbers that are no plain ones: the signs that programs leave which keep a model in fewer bits."""

from __future__ import annotations

from collections.abc import Mapping
from math import prod
from types import MappingProxyType

from promptlang.models.evidence.gguf import PACKED
from promptlang.models.evidence.header import Header
from promptlang.models.evidence.records import quoted

EIGHT_BITS: Mapping[str, str] = MappingProxyType({"F8_E4M3": "fp8 e4m3", "F8_E5M2": "fp8 e5m2"})
"""Types of eight bits, which are made plain numbers as they are, or by the scales beside them."""
SCALES = (".scale_weight", ".weight_scale")
"""What follows a layer's name in that of the number, or the row of numbers, that its weight is multiplied with."""
REMARKS = (".scale_input", ".input_scale", ".comfy_quant", "scaled_fp8")
"""What is said beside of how to compute in eight bits, which plain numbers do not need."""

PLAIN = frozenset({"F64", "F32", "F16", "BF16"})
"""Types whose numbers are as they are, and whose tensors have the network's own shapes; packed ones have others."""
COMPLEX = "C64"
_COUNTS: Mapping[str, str] = MappingProxyType(
    {
        **{f"{sign}{bits}": "whole numbers" for sign in "UI" for bits in (8, 16, 32, 64)},
        "BOOL": "truth values",
        COMPLEX: "complex numbers",
    }
)
_RARE = frozenset({"F4", "F6_E2M3", "F6_E3M2", "F8_E8M0"})
_FOREIGN = " of GGUF"  # types that no table has
_SCALED = "small numbers with scales beside them"
_WAYS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "numbers with two scales each": (".weight_scale_2", ".pre_quant_scale"),
        "numbers packed by bitsandbytes": (".absmax", ".quant_map"),
        "numbers packed by GPTQ or AWQ": (".qweight", ".qzeros"),
        "numbers packed by SVDQuant": (".wscales",),
    }
)
_BY_ENDING: Mapping[str, str] = MappingProxyType({each: way for way, endings in _WAYS.items() for each in endings})
_ENDINGS = (*_BY_ENDING, *SCALES, ".comfy_quant")


def packed(header: Header) -> str:
    """How the tensors of a file are packed; empty where they are numbers, or scaled ones of eight bits."""
    if unknown := next((each.dtype for each in header.tensors.values() if each.dtype.endswith(_FOREIGN)), ""):
        return f"numbers of the {unknown}"
    signs = [each for each in header.tensors if each.endswith(_ENDINGS)]
    for key in signs:
        if way := next((way for ending, way in _BY_ENDING.items() if key.endswith(ending)), ""):
            return way
    return "" if all(_is_understood(header, key) for key in signs) else _SCALED


def no_weights(dtype: str) -> str:
    """In one clause what a tensor of that type holds that is no weights; empty where it may hold some."""
    if dtype in _RARE:
        return f"holds numbers of a type that is not drawn with ({dtype})"
    return f"holds {_COUNTS[dtype]} ({dtype}), which are no weights" if dtype in _COUNTS else ""


def unweighing(header: Header) -> str:
    """The first tensor that holds no weights, in one clause with what it holds; empty where all may hold some."""
    found = ((name, no_weights(each.dtype)) for name, each in header.tensors.items())
    return next((f"{quoted(name)} {why}" for name, why in found if why), "")


def quantization(header: Header) -> str:
    """The bits that weights of a file are kept in, where they are fewer than sixteen: `fp8 e4m3, scaled`."""
    if blocks := sorted({each.dtype for each in header.tensors.values() if each.dtype in PACKED}):
        return f"gguf {', '.join(blocks)}"
    found = {each.dtype for each in header.tensors.values() if each.dtype in EIGHT_BITS and len(each.shape) > 1}
    if not found:
        return ""
    scaled = ["scaled"] if any(each.endswith(SCALES) for each in header.tensors) else []
    return ", ".join([*(EIGHT_BITS[each] for each in sorted(found)), *scaled])


def _is_understood(header: Header, key: str) -> bool:
    """Whether a sign belongs to a weight of eight bits, and a scale is one for all of it or for each of its rows."""
    layer, _, ending = key.rpartition(".")
    weight = header.tensors.get(f"{layer}.weight")
    if weight is None or weight.dtype not in EIGHT_BITS:
        return False
    return f".{ending}" not in SCALES or prod(header.shape(key)) in (1, *weight.shape[:1])
