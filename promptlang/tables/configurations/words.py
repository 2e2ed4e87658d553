"""Names that diffusers and transformers look up where a configuration has them."""

from __future__ import annotations

from collections.abc import Mapping

# fmt: off
ACTS = frozenset({  # transformers/activations.py
    "gelu", "gelu_10", "gelu_fast", "gelu_new", "gelu_python", "gelu_pytorch_tanh", "gelu_python_tanh",
    "gelu_accurate", "hardswish", "laplace", "leaky_relu", "linear", "mish", "quick_gelu", "relu", "relu2",
    "relu6", "sigmoid", "silu", "sqrtsoftplus", "swish", "tanh", "prelu", "xielu",
})
# fmt: on
PLAIN_ACTS = frozenset({"swish", "silu", "mish", "gelu", "relu"})  # diffusers/models/activations.py
_TYPES = frozenset({"auto", "float16", "float32", "float64", "bfloat16", "float8_e4m3fn", "float8_e5m2"})
STORED: Mapping[str, frozenset[str]] = {"dtype": _TYPES, "torch_dtype": _TYPES}
ACTING = {"hidden_act": ACTS, **STORED}


ROPES = frozenset({"default", "axial", "mrope", "linear", "dynamic", "yarn", "longrope", "llama3", "proportional"})
"""How places turn the numbers of a head (transformers/modeling_rope_utils.py)."""


FRACTIONS = frozenset(
    {"initializer_range", "initializer_factor", "rms_norm_eps", "layer_norm_eps", "layer_norm_epsilon"}
    | {"attn_logit_softcapping", "final_logit_softcapping"}
)
"""Keys at which transformers 5 takes fractions alone, though JSON tells `0` from no `0.0`."""


def _blocks(side: str) -> frozenset[str]:
    """The blocks of a UNet or a VAE, by diffusers/models/unets/unet_2d_blocks.py."""
    coder = {"Down": "Encoder", "Up": "Decoder"}[side]
    kinds = ("", "Attn", "CrossAttn", "SimpleCrossAttn", "Skip", "AttnSkip", "K", "KCrossAttn")
    names = {f"{kind}{side}Block2D" for kind in kinds} | {f"{kind}{side}{coder}Block2D" for kind in ("", "Attn")}
    names.add(f"Resnet{side}sampleBlock2D")
    return frozenset(names | {f"UNetRes{name}" for name in names})


LEVELS = {"act_fn": PLAIN_ACTS, "down_block_types": _blocks("Down"), "up_block_types": _blocks("Up")}
DEEP_BLOCKS = frozenset({"ResBlock", "EfficientViTBlock"})
QK_NORMS = frozenset(
    {"layer_norm", "fp32_layer_norm", "layer_norm_across_heads", "rms_norm", "rms_norm_across_heads", "l2"}
)
