"""The tensors of text encoders under the names of transformers, where checkpoints have those of OpenCLIP."""

from __future__ import annotations

import re
from collections.abc import Mapping

TOKENS = "token_embedding.weight"
LAYER = re.compile(r"encoder\.layers\.(\d+)\.")
"""How the names of a layer's tensors begin in transformers."""
_OPEN_LAYER = re.compile(r"transformer\.resblocks\.(\d{1,4})\.(.+?)[._](weight|bias)")
_PARTS: Mapping[str, tuple[str, ...]] = {
    "ln_1": ("layer_norm1",),
    "ln_2": ("layer_norm2",),
    "attn.in_proj": ("self_attn.q_proj", "self_attn.k_proj", "self_attn.v_proj"),
    "attn.out_proj": ("self_attn.out_proj",),
    "mlp.c_fc": ("mlp.fc1",),
    "mlp.c_proj": ("mlp.fc2",),
}


def text_names(name: str) -> tuple[str, ...]:
    """What transformers calls a tensor in a layer of OpenCLIP: several names where several lie in it, in that order."""
    match = _OPEN_LAYER.fullmatch(name)
    if match is None:
        return ()
    layer, packed, ending = match.groups()
    return tuple(f"encoder.layers.{layer}.{part}.{ending}" for part in _PARTS.get(packed, ()))


def is_within(name: str, most: int) -> bool:
    """Whether a tensor is of the first so many layers, or of none."""
    match = LAYER.match(name)
    return match is None or int(match[1]) < most
