"""Layers of transformers as their first publications name them, which most trainers keep.

A layer that is one there may be several here: each has as many rows of the trained one as it has itself.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

Named = tuple[str, tuple[str, ...]]
"""A name there and those of the layers here, with underscores; `#` is the number of the block."""

_NUMBER = re.compile(r"_(\d+)_")
_SIDES = (
    ("x_block", "ff", ("to_q", "to_k", "to_v"), "to_out_0", "norm1"),
    ("context_block", "ff_context", ("add_q_proj", "add_k_proj", "add_v_proj"), "to_add_out", "norm1_context"),
)


def _joint() -> Iterator[Named]:
    """Of Stable Diffusion 3, whose blocks have a side for the picture and one for the text."""
    for side, inner, reading, leaving, norm in _SIDES:
        begin = f"joint_blocks_#_{side}_"
        yield f"{begin}attn_qkv", tuple(f"transformer_blocks_#_attn_{each}" for each in reading)
        yield f"{begin}attn_proj", (f"transformer_blocks_#_attn_{leaving}",)
        yield f"{begin}mlp_fc1", (f"transformer_blocks_#_{inner}_net_0_proj",)
        yield f"{begin}mlp_fc2", (f"transformer_blocks_#_{inner}_net_2",)
        yield f"{begin}adaLN_modulation_1", (f"transformer_blocks_#_{norm}_linear",)
    second = "joint_blocks_#_x_block_attn2_"
    yield f"{second}qkv", tuple(f"transformer_blocks_#_attn2_to_{each}" for each in "qkv")
    yield f"{second}proj", ("transformer_blocks_#_attn2_to_out_0",)


def _double() -> Iterator[Named]:
    """Of FLUX.1, FLUX.2 and Chroma, whose blocks are double at first and single then."""
    for (_, inner, reading, leaving, norm), side in zip(_SIDES, ("img", "txt"), strict=True):
        begin, block = f"double_blocks_#_{side}_", "transformer_blocks_#_"
        yield f"{begin}attn_qkv", tuple(f"{block}attn_{each}" for each in reading)
        yield f"{begin}attn_proj", (f"{block}attn_{leaving}",)
        yield f"{begin}mlp_0", (f"{block}{inner}_net_0_proj",)
        yield f"{begin}mlp_2", (f"{block}{inner}_net_2",)
        yield f"{begin}mlp_0", (f"{block}{inner}_linear_in",)
        yield f"{begin}mlp_2", (f"{block}{inner}_linear_out",)
        yield f"{begin}mod_lin", (f"{block}{norm}_linear",)
    begin, block = "single_blocks_#_", "single_transformer_blocks_#_"
    yield f"{begin}linear1", (*(f"{block}attn_to_{each}" for each in "qkv"), f"{block}proj_mlp")
    yield f"{begin}linear2", (f"{block}proj_out",)
    yield f"{begin}linear1", (f"{block}attn_to_qkv_mlp_proj",)
    yield f"{begin}linear2", (f"{block}attn_to_out",)
    yield f"{begin}modulation_lin", (f"{block}norm_linear",)


def _refined() -> Iterator[Named]:
    """Of Lumina-Image 2 and Z-Image."""
    for room in ("layers", "noise_refiner", "context_refiner"):
        begin = f"{room}_#_"
        yield f"{begin}attention_qkv", tuple(f"{begin}attn_to_{each}" for each in "qkv")
        yield f"{begin}attention_out", (f"{begin}attn_to_out_0",)
        yield f"{begin}attention_qkv", tuple(f"{begin}attention_to_{each}" for each in "qkv")
        yield f"{begin}attention_out", (f"{begin}attention_to_out_0",)
        yield f"{begin}adaLN_modulation_1", (f"{begin}norm1_linear",)
        for number in "123":
            yield f"{begin}feed_forward_w{number}", (f"{begin}feed_forward_linear_{number}",)


def _plain() -> Iterator[Named]:
    """Of Sana and Krea 2."""
    begin, block = "blocks_#_", "transformer_blocks_#_"
    yield f"{begin}attn_qkv", tuple(f"{block}attn1_to_{each}" for each in "qkv")
    yield f"{begin}attn_proj", (f"{block}attn1_to_out_0",)
    yield f"{begin}cross_attn_q_linear", (f"{block}attn2_to_q",)
    yield f"{begin}cross_attn_kv_linear", (f"{block}attn2_to_k", f"{block}attn2_to_v")
    yield f"{begin}cross_attn_proj", (f"{block}attn2_to_out_0",)
    yield f"{begin}mlp_inverted_conv_conv", (f"{block}ff_conv_inverted",)
    yield f"{begin}mlp_point_conv_conv", (f"{block}ff_conv_point",)
    for each in "qkv":
        yield f"{begin}attn_w{each}", (f"{block}attn_to_{each}",)
    yield f"{begin}attn_wo", (f"{block}attn_to_out_0",)
    yield f"{begin}attn_gate", (f"{block}attn_to_gate",)
    for each in ("gate", "up", "down"):
        yield f"{begin}mlp_{each}", (f"{block}ff_{each}",)


def _gathered() -> Mapping[str, tuple[tuple[str, ...], ...]]:
    found: dict[str, tuple[tuple[str, ...], ...]] = {}
    for theirs, ours in (*_joint(), *_double(), *_refined(), *_plain()):
        found[theirs] = (*found.get(theirs, ()), ours)
    return found


_NAMES = _gathered()


def named_first(written: str) -> Iterator[tuple[str, ...]]:
    """The layers that a first publication may call so, of each family that has such a name; all with underscores."""
    match = _NUMBER.search(written)
    if match is None:
        return
    kind = f"{written[: match.start()]}_#_{written[match.end() :]}"
    for ours in _NAMES.get(kind, ()):
        yield tuple(each.replace("#", match[1]) for each in ours)
