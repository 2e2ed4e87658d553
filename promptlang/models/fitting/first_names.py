"""Layers of transformers as their first publications name them, which most trainers keep.

A layer that is one there may be several here: each has as many rows of the trained one as it has itself.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

Named = tuple[str, tuple[str, ...], str]
"""A name there, with underscores, those of the layers here, and the families of both; `#` is the number of a block."""

_NUMBER = re.compile(r"_(\d+)_")
_SIDES = (
    ("x_block", "ff", ("to_q", "to_k", "to_v"), "to_out.0", "norm1"),
    ("context_block", "ff_context", ("add_q_proj", "add_k_proj", "add_v_proj"), "to_add_out", "norm1_context"),
)


def _joint() -> Iterator[Named]:
    """Of Stable Diffusion 3, whose blocks have a side for the picture and one for the text."""
    block = "transformer_blocks.#."
    for side, inner, reading, leaving, norm in _SIDES:
        begin = f"joint_blocks_#_{side}_"
        yield f"{begin}attn_qkv", tuple(f"{block}attn.{each}" for each in reading), "sd3"
        yield f"{begin}attn_proj", (f"{block}attn.{leaving}",), "sd3"
        yield f"{begin}mlp_fc1", (f"{block}{inner}.net.0.proj",), "sd3"
        yield f"{begin}mlp_fc2", (f"{block}{inner}.net.2",), "sd3"
        yield f"{begin}adaLN_modulation_1", (f"{block}{norm}.linear",), "sd3"
    second = "joint_blocks_#_x_block_attn2_"
    yield f"{second}qkv", tuple(f"{block}attn2.to_{each}" for each in "qkv"), "sd3"
    yield f"{second}proj", (f"{block}attn2.to_out.0",), "sd3"


def _double() -> Iterator[Named]:
    """Of FLUX.1, FLUX.2 and Chroma, whose blocks are double at first and single then."""
    older, every = "flux chroma", "flux chroma flux2"
    for (_, inner, reading, leaving, norm), side in zip(_SIDES, ("img", "txt"), strict=True):
        begin, block = f"double_blocks_#_{side}_", "transformer_blocks.#."
        yield f"{begin}attn_qkv", tuple(f"{block}attn.{each}" for each in reading), every
        yield f"{begin}attn_proj", (f"{block}attn.{leaving}",), every
        yield f"{begin}mlp_0", (f"{block}{inner}.net.0.proj",), older
        yield f"{begin}mlp_2", (f"{block}{inner}.net.2",), older
        yield f"{begin}mlp_0", (f"{block}{inner}.linear_in",), "flux2"
        yield f"{begin}mlp_2", (f"{block}{inner}.linear_out",), "flux2"
        yield f"{begin}mod_lin", (f"{block}{norm}.linear",), "flux"
    begin, block = "single_blocks_#_", "single_transformer_blocks.#."
    yield f"{begin}linear1", (*(f"{block}attn.to_{each}" for each in "qkv"), f"{block}proj_mlp"), older
    yield f"{begin}linear2", (f"{block}proj_out",), older
    yield f"{begin}linear1", (f"{block}attn.to_qkv_mlp_proj",), "flux2"
    yield f"{begin}linear2", (f"{block}attn.to_out",), "flux2"
    yield f"{begin}modulation_lin", (f"{block}norm.linear",), "flux"
    guiding = "distilled_guidance_layer"
    for theirs, ours in (("in", "linear_1"), ("out", "linear_2")):
        yield f"{guiding}_layers_#_{theirs}_layer", (f"{guiding}.layers.#.{ours}",), "chroma"


def _beside() -> Iterator[Named]:
    """Of FLUX.1 as XLabs trains them: what stands beside the layers of a block."""
    for (_, _, reading, leaving, _), number in zip(_SIDES, "12", strict=True):
        begin, block = "double_blocks_#_processor_", "transformer_blocks.#.attn."
        yield f"{begin}qkv_lora{number}", tuple(block + each for each in reading), ""
        yield f"{begin}proj_lora{number}", (block + leaving,), ""
    begin, block = "single_blocks_#_processor_", "single_transformer_blocks.#."
    yield f"{begin}qkv", tuple(f"{block}attn.to_{each}" for each in "qkv"), ""
    yield f"{begin}proj", (f"{block}proj_out",), ""


def _refined() -> Iterator[Named]:
    """Of Lumina-Image 2 and Z-Image."""
    for room in ("layers", "noise_refiner", "context_refiner"):
        begin, block = f"{room}_#_", f"{room}.#."
        for attention, family in (("attn", "lumina2"), ("attention", "z-image")):
            yield f"{begin}attention_qkv", tuple(f"{block}{attention}.to_{each}" for each in "qkv"), family
            yield f"{begin}attention_out", (f"{block}{attention}.to_out.0",), family
        yield f"{begin}adaLN_modulation_1", (f"{block}norm1.linear",), "lumina2"
        for number in "123":
            yield f"{begin}feed_forward_w{number}", (f"{block}feed_forward.linear_{number}",), "lumina2"


def _plain() -> Iterator[Named]:
    """Of Sana and Krea 2."""
    begin, block = "blocks_#_", "transformer_blocks.#."
    yield f"{begin}attn_qkv", tuple(f"{block}attn1.to_{each}" for each in "qkv"), "sana"
    yield f"{begin}attn_proj", (f"{block}attn1.to_out.0",), "sana"
    yield f"{begin}cross_attn_q_linear", (f"{block}attn2.to_q",), "sana"
    yield f"{begin}cross_attn_kv_linear", (f"{block}attn2.to_k", f"{block}attn2.to_v"), "sana"
    yield f"{begin}cross_attn_proj", (f"{block}attn2.to_out.0",), "sana"
    yield f"{begin}mlp_inverted_conv_conv", (f"{block}ff.conv_inverted",), "sana"
    yield f"{begin}mlp_point_conv_conv", (f"{block}ff.conv_point",), "sana"
    fused = (f"{each}_blocks" for each in ("layerwise", "refiner"))
    for theirs, ours in ((begin, block), *((f"txtfusion_{each}_#_", f"text_fusion.{each}.#.") for each in fused)):
        for each in "qkv":
            yield f"{theirs}attn_w{each}", (f"{ours}attn.to_{each}",), "krea2"
        yield f"{theirs}attn_wo", (f"{ours}attn.to_out.0",), "krea2"
        yield f"{theirs}attn_gate", (f"{ours}attn.to_gate",), "krea2"
        for each in ("gate", "up", "down"):
            yield f"{theirs}mlp_{each}", (f"{ours}ff.{each}",), "krea2"


def _gathered() -> Mapping[str, tuple[tuple[tuple[str, ...], str], ...]]:
    found: dict[str, tuple[tuple[tuple[str, ...], str], ...]] = {}
    for theirs, ours, families in (*_joint(), *_double(), *_beside(), *_refined(), *_plain()):
        found[theirs] = (*found.get(theirs, ()), (ours, families))
    return found


_NAMES = _gathered()


def named_first(written: str) -> Iterator[tuple[str, ...]]:
    """The layers that a first publication may call so, of each family that has such a name; all with underscores."""
    for ours, _ in _named(written):
        yield tuple(each.replace(".", "_") for each in ours)


def opened_as(written: str, family: str) -> tuple[str, ...]:
    """The layers, with dots, that a layer of a file of that family is opened as, by its name there with underscores."""
    return next((ours for ours, families in _named(written) if family in families.split()), ())


def _named(written: str) -> Iterator[tuple[tuple[str, ...], str]]:
    match = _NUMBER.search(written)
    if match is None:
        return
    kind = f"{written[: match.start()]}_#_{written[match.end() :]}"
    for ours, families in _NAMES.get(kind, ()):
        yield tuple(each.replace("#", match[1]) for each in ours), families
