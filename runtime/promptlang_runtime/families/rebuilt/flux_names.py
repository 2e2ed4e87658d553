"""The names and places of tensors in FLUX.1 as it was first published, which Chroma keeps, and in diffusers.

diffusers has a table of its own, for the published width alone.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

import torch
from torch import Tensor

from promptlang_runtime.models.layouts import building
from promptlang_runtime.models.pipelines import Tensors

OUTSIDE: Mapping[str, str] = {
    "img_in": "x_embedder",
    "txt_in": "context_embedder",
    "time_in.in_layer": "time_text_embed.timestep_embedder.linear_1",
    "time_in.out_layer": "time_text_embed.timestep_embedder.linear_2",
    "vector_in.in_layer": "time_text_embed.text_embedder.linear_1",
    "vector_in.out_layer": "time_text_embed.text_embedder.linear_2",
    "guidance_in.in_layer": "time_text_embed.guidance_embedder.linear_1",
    "guidance_in.out_layer": "time_text_embed.guidance_embedder.linear_2",
    "final_layer.linear": "proj_out",
    "final_layer.adaLN_modulation.1": "norm_out.linear",
}
DOUBLE: Mapping[str, str] = {
    "img_mod.lin": "norm1.linear",
    "txt_mod.lin": "norm1_context.linear",
    "img_attn.proj": "attn.to_out.0",
    "txt_attn.proj": "attn.to_add_out",
    "img_attn.norm.query_norm": "attn.norm_q",
    "img_attn.norm.key_norm": "attn.norm_k",
    "txt_attn.norm.query_norm": "attn.norm_added_q",
    "txt_attn.norm.key_norm": "attn.norm_added_k",
    "img_mlp.0": "ff.net.0.proj",
    "img_mlp.2": "ff.net.2",
    "txt_mlp.0": "ff_context.net.0.proj",
    "txt_mlp.2": "ff_context.net.2",
}
SINGLE: Mapping[str, str] = {
    "modulation.lin": "norm.linear",
    "linear2": "proj_out",
    "norm.query_norm": "attn.norm_q",
    "norm.key_norm": "attn.norm_k",
}
PACKED: Mapping[str, tuple[str, ...]] = {  # several layers in one, in this order
    "img_attn.qkv": ("attn.to_q", "attn.to_k", "attn.to_v"),
    "txt_attn.qkv": ("attn.add_q_proj", "attn.add_k_proj", "attn.add_v_proj"),
    "linear1": ("attn.to_q", "attn.to_k", "attn.to_v", "proj_mlp"),
}
BLOCKS = {"double_blocks": ("transformer_blocks", DOUBLE), "single_blocks": ("single_transformer_blocks", SINGLE)}
INPUT = "img_in.weight"


@building("denoiser")
def as_diffusers(own: Tensors) -> Tensors:
    """The denoiser's tensors under diffusers' names, whichever they have; others keep their own."""
    if INPUT not in own:
        return own
    width = own[INPUT].shape[0]
    found: dict[str, Tensor] = {}
    for name, value in own.items():
        stem, _, ending = name.rpartition(".")
        ending = "weight" if ending == "scale" else ending  # what norms were called at first
        if match := re.fullmatch(r"(double_blocks|single_blocks)\.(\d+)\.(.+)", stem):
            blocks, inner = BLOCKS[match[1]]
            found |= _of_block(f"{blocks}.{match[2]}", inner, match[3], ending, value, width)
        elif stem in OUTSIDE:
            # The last norm says how far to move and then how much to grow, and in diffusers the other way round.
            is_norm = stem.endswith("adaLN_modulation.1")
            found[f"{OUTSIDE[stem]}.{ending}"] = torch.cat(value.chunk(2)[::-1]) if is_norm else value
        else:
            found[f"{stem}.{ending}"] = value
    return found


def _of_block(
    begin: str, inner: Mapping[str, str], part: str, ending: str, value: Tensor, width: int
) -> Mapping[str, Tensor]:
    if part in PACKED:
        names = PACKED[part]
        pieces = value.tensor_split([width * place for place in range(1, len(names))])
        return {f"{begin}.{each}.{ending}": one for each, one in zip(names, pieces, strict=True)}
    return {f"{begin}.{inner[part]}.{ending}": value} if part in inner else {}
