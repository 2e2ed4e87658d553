"""Layers of transformers as their first publications name them, where diffusers' loader of LoRAs does not know these.

A layer that is one there may be several here: each has as many rows of the trained one as it has itself.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

import torch

from promptlang_runtime.networks.layers import Layer

_SIDES = (
    ("x_block", "ff", ("to_q", "to_k", "to_v"), "to_out_0", "norm1"),
    ("context_block", "ff_context", ("add_q_proj", "add_k_proj", "add_v_proj"), "to_add_out", "norm1_context"),
)


def _joint() -> Iterator[tuple[str, tuple[str, ...]]]:
    """Of Stable Diffusion 3, whose blocks have a side for the picture and one for the text."""
    for side, inner, reading, leaving, norm in _SIDES:
        begin = rf"joint_blocks_(\d+)_{side}_"
        yield f"{begin}attn_qkv", tuple(f"transformer_blocks_#_attn_{each}" for each in reading)
        yield f"{begin}attn_proj", (f"transformer_blocks_#_attn_{leaving}",)
        yield f"{begin}mlp_fc1", (f"transformer_blocks_#_{inner}_net_0_proj",)
        yield f"{begin}mlp_fc2", (f"transformer_blocks_#_{inner}_net_2",)
        yield f"{begin}adaLN_modulation_1", (f"transformer_blocks_#_{norm}_linear",)
    second = r"joint_blocks_(\d+)_x_block_attn2_"
    yield f"{second}qkv", tuple(f"transformer_blocks_#_attn2_to_{each}" for each in "qkv")
    yield f"{second}proj", ("transformer_blocks_#_attn2_to_out_0",)


def _refined() -> Iterator[tuple[str, tuple[str, ...]]]:
    """Of Lumina-Image 2."""
    for room in ("layers", "noise_refiner", "context_refiner"):
        begin = rf"{room}_(\d+)_"
        yield f"{begin}attention_qkv", tuple(f"{room}_#_attn_to_{each}" for each in "qkv")
        yield f"{begin}attention_out", (f"{room}_#_attn_to_out_0",)
        yield f"{begin}adaLN_modulation_1", (f"{room}_#_norm1_linear",)
        for number in "123":
            yield f"{begin}feed_forward_w{number}", (f"{room}_#_feed_forward_linear_{number}",)


def _plain() -> Iterator[tuple[str, tuple[str, ...]]]:
    """Of Sana and Krea 2."""
    begin, block = r"blocks_(\d+)_", "transformer_blocks_#_"
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


_NAMES = tuple((re.compile(pattern), ours) for pattern, ours in (*_joint(), *_refined(), *_plain()))


def rows_by_first_name(written: str, known: Mapping[str, Layer]) -> Mapping[str, torch.Tensor]:
    """The layers of the model that a first publication calls so, with the rows that each has of it; else none."""
    for pattern, ours in _NAMES:
        if match := pattern.fullmatch(written):
            names = tuple(each.replace("#", match[1]) for each in ours)
            return dict(_shared(names, known)) if all(each in known for each in names) else {}
    return {}


def _shared(names: tuple[str, ...], known: Mapping[str, Layer]) -> Iterator[tuple[str, torch.Tensor]]:
    start = 0
    for name in names:
        count, reads = known[name].module.weight.shape[:2]
        rows = torch.arange(start, start + count)
        # The last context block only leads out: diffusers has its scale before its shift.
        swapped = name.endswith("norm1_context_linear") and count == 2 * reads
        yield name, torch.cat(rows.chunk(2)[::-1]) if swapped else rows
        start += count
