"""Networks of models with a UNet and CLIP: under diffusers' names, or under those that most trainers write."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping

from torch import nn

from promptlang_runtime.conditioning.clip import core
from promptlang_runtime.models.pipelines import Layered, Tensors
from promptlang_runtime.networks.files import by_layer
from promptlang_runtime.networks.layers import Changed, changes, layers_of, underscored

UNET = "lora_unet_"
TEXT_MODEL = "text_model_"  # stands in the names whether the encoder is wrapped or not

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


def unet_network(
    tensors: Tensors, name: str, unet: Layered, encoders: Mapping[str, tuple[str, nn.Module]]
) -> tuple[Changed, ...]:
    """What a network changes in a UNet and in CLIP encoders.

    `encoders` are the text encoders and the names of their parts, by how trainers begin the names of their layers.
    Raises RenderError for methods that are not drawn and for layers that the model has not.
    """
    layers = {each.name: each for each in layers_of("unet", unet)}
    known = underscored(layers.values(), UNET, "unet_", "lycoris_", "base_model_model_")
    known |= {UNET + first.replace(".", "_"): layers[ours] for ours, first in _first_names(layers)}
    for written, (part, encoder) in encoders.items():
        inside = list(layers_of(part, core(encoder)))
        known |= underscored(inside, *(begin + model for begin in (written, f"{part}_") for model in (TEXT_MODEL, "")))
    return changes(by_layer(tensors, name), known, name)


def _first_names(names: Iterable[str]) -> Iterator[tuple[str, str]]:
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
