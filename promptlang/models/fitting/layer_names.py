"""The layers of a model, by the names that files of networks give them.

Most trainers write every dot of a name as an underscore. Names are matched with the layers the model really has, which
no rewriting of names can do without mistakes.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import TypeVar

Layer = TypeVar("Layer")
Place = tuple[str, str]
"""The part of a layer in diffusers, and its name there."""

UNET = "unet"
TRAINED = "lora_unet_"
TEXT_MODEL = "text_model_"  # stands in the names whether the encoder is wrapped or not
_CLIP_ATTENTION = re.compile(r"(?<=self_attn_)to_(q|k|v|out)$")

# Parts of a residual block as the first publications name them.
_RESIDUAL = {
    "norm1": "in_layers.0",
    "conv1": "in_layers.2",
    "time_emb_proj": "emb_layers.1",
    "norm2": "out_layers.0",
    "conv2": "out_layers.3",
    "conv_shortcut": "skip_connection",
}
_OUTSIDE = {
    "conv_in": "input_blocks.0.0",
    "conv_out": "out.2",
    "time_embedding.linear_1": "time_embed.0",
    "time_embedding.linear_2": "time_embed.2",
    "add_embedding.linear_1": "label_emb.0.0",
    "add_embedding.linear_2": "label_emb.0.2",
}
_BLOCK = re.compile(r"(down|mid|up)_block(?:s\.(\d+))?\.(resnets|attentions|downsamplers|upsamplers)\.(\d+)\.(.+)")


def written_names(unet: Iterable[str], encoders: Mapping[Place, Iterable[str]]) -> dict[str, Place]:
    """Every layer by the names that it may have in a file, with underscores.

    `encoders` are the layers of text encoders by their part and how trainers begin the names of its layers.
    """
    unet = tuple(unet)
    found: dict[str, Place] = {}
    for begin in (TRAINED, "unet_", "lycoris_", "base_model_model_"):
        found |= {begin + _flat(name): (UNET, name) for name in unet}
    found |= {TRAINED + _flat(first): (UNET, name) for name, first in first_names(unet)}
    for (part, trained), names in encoders.items():
        inside = tuple(names)
        for begin in (trained, f"{part}_"):
            for model in (TEXT_MODEL, ""):
                found |= {begin + model + _flat(name): (part, name) for name in inside}
    return found


BEGINS = ("", "diffusion_model_", "lycoris_", "lora_transformer_", "lora_unet_", "base_model_model_")
"""How trainers begin the names of a transformer's layers where they keep to diffusers' names for the rest."""


def transformer_names(part: str, names: Iterable[str]) -> dict[str, str]:
    """The layers of a transformer by the names that files give them, where they keep to diffusers' names."""
    names = tuple(names)
    return {begin + _flat(name): name for begin in (f"{part}_", *BEGINS) for name in names}


def _flat(name: str) -> str:
    return name.replace(".", "_")


def found_in(known: Mapping[str, Layer], written: str) -> Layer | None:
    """The layer that a file calls so; diffusers at first had names of its own for what lies in an attention."""
    plain = _CLIP_ATTENTION.sub(r"\1_proj", _flat(written).replace("_processor_", "_"))
    return known.get(plain) or known.get(f"{plain}_0")


def first_names(names: Iterable[str]) -> Iterator[tuple[str, str]]:
    """Every layer of a UNet with the name that it has in the first publications, and in trainers that keep to them."""
    names = tuple(names)
    blocks = {name.rpartition(".")[0] for name in names}
    length = sum(re.fullmatch(r"down_blocks\.0\.resnets\.\d+", block) is not None for block in blocks) + 1
    for name in names:
        if name in _OUTSIDE:
            yield name, _OUTSIDE[name]
        elif match := _BLOCK.fullmatch(name):
            yield name, _first_name(match, length, blocks)


def _first_name(match: re.Match[str], length: int, blocks: set[str]) -> str:
    """The name of a layer in a block, where every level is `length` blocks long and its last one changes the size."""
    side, level, kind, number, rest = match.groups()
    inner = _RESIDUAL.get(rest, rest) if kind == "resnets" else rest
    if side == "mid":
        return f"middle_block.{1 if kind == 'attentions' else 2 * int(number)}.{inner}"
    slot = 1 if kind == "attentions" else 0
    if kind == "downsamplers":
        return f"input_blocks.{(int(level) + 1) * length}.0.op"
    if side == "down":
        return f"input_blocks.{1 + int(level) * length + int(number)}.{slot}.{inner}"
    if kind == "upsamplers":
        attends = any(block.startswith(f"up_blocks.{level}.attentions.") for block in blocks)
        return f"output_blocks.{(int(level) + 1) * length - 1}.{1 + attends}.{inner}"
    return f"output_blocks.{int(level) * length + int(number)}.{slot}.{inner}"


_FIRST = re.compile(r"(input|middle|output)_blocks?\.(\d+)(?:\.(\d+))?\.(.+)")
_RESIDUAL_BACK = {first: ours for ours, first in _RESIDUAL.items()}
_OUTSIDE_BACK = {first: ours for ours, first in _OUTSIDE.items()}
_HALVES = re.compile(r"input_blocks\.([1-9]\d?)\.0\.op\.")
_RESIDES = re.compile(r"(?:in|emb|out)_layers\.|skip_connection$")


def level_length(names: Iterable[str]) -> int:
    """How many blocks long a level is, by the tensors of the first publications that halve the picture; 0 if none."""
    return min((int(match[1]) for name in names if (match := _HALVES.match(name))), default=0)


def our_name(first: str, length: int) -> str:
    """The name in diffusers of a layer of the first publications, where a level is `length` blocks long; else empty."""
    if first in _OUTSIDE_BACK:
        return _OUTSIDE_BACK[first]
    if first.startswith("middle_block."):
        _, number, rest = first.split(".", 2)
        return f"mid_block.{_inner(rest, int(number) // 2)}"
    match = _FIRST.fullmatch(first)
    if match is None or match[3] is None:
        return ""
    side, number, rest = match[1], int(match[2]), match[4]
    if side == "input":
        level, place = divmod(number - 1, length)
        return f"down_blocks.{level}." + ("downsamplers.0.conv" if rest == "op" else _inner(rest, place))
    level, place = divmod(number, length)
    return f"up_blocks.{level}." + ("upsamplers.0.conv" if rest == "conv" else _inner(rest, place))


def _inner(rest: str, number: int) -> str:
    if _RESIDES.match(rest):
        return f"resnets.{number}.{_RESIDUAL_BACK.get(rest, rest)}"
    return f"attentions.{number}.{rest}"
