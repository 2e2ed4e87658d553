"""VAEs."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from promptlang.tables.configurations.row import Blocks, Described, buffer_side, side
from promptlang.tables.configurations.words import DEEP_BLOCKS, LEVELS, PLAIN_ACTS
from promptlang.values import replace

_KL = Described(
    sides=(
        side("in_channels", "encoder.conv_in", 1),
        side("block_out_channels[0]", "encoder.conv_in", 0),
        side("latent_channels", "decoder.conv_in", 1),
        side("block_out_channels[-1]", "decoder.conv_in", 0),
        side("out_channels", "decoder.conv_out", 0),
        side("block_out_channels[0]", "decoder.conv_out", 1),
        side("block_out_channels[-1]", "encoder.conv_out", 1),
    ),
    blocks=(
        Blocks("down_block_types", "encoder.down_blocks", levels=True),
        Blocks("up_block_types", "decoder.up_blocks", levels=True),
        Blocks("layers_per_block", "encoder.down_blocks.0.resnets", levels=True),
    ),
    divided=(("block_out_channels", "norm_num_groups"),),
    lists=(("down_block_types", "up_block_types", "block_out_channels"),),
    listed=frozenset({"sample_size"}),
    numbers={"scaling_factor": 0.18215},
    switches=(("use_quant_conv", "quant_conv.weight", True), ("use_post_quant_conv", "post_quant_conv.weight", True)),
    words=LEVELS,
    unsaid={
        "in_channels": 3,
        "block_out_channels": (64,),
        "latent_channels": 4,
        "out_channels": 3,
        "down_block_types": 1,
        "up_block_types": 1,
        "layers_per_block": 1,
        "norm_num_groups": 32,
        "sample_size": 32,
    },
)
_KL_FLUX2 = replace(
    _KL,
    # A decoder may have widths of its own.
    sides=(
        *(each for each in _KL.sides if not each.tensor.startswith("decoder.") or "channels[" not in each.keys[0]),
        buffer_side("patch_size[0]*patch_size[-1]*latent_channels", "bn.running_mean", 0),
    ),
    numbers={"batch_norm_eps": 1e-4, "batch_norm_momentum": 0.1},
    fixed=frozenset({"patch_size"}),
    unsaid={
        **_KL.unsaid,
        "block_out_channels": (128, 256, 512, 512),
        "latent_channels": 32,
        "down_block_types": 4,
        "up_block_types": 4,
        "layers_per_block": 2,
        "sample_size": 1024,
        "patch_size": (2, 2),
    },
)
_DEEP = Described(
    sides=(
        side("in_channels", "encoder.conv_in", 1),
        side("latent_channels", "encoder.conv_out", 0),
        side("encoder_block_out_channels[-1]", "encoder.conv_out", 1),
        side("latent_channels", "decoder.conv_in", 1),
        side("decoder_block_out_channels[-1]", "decoder.conv_in", 0),
    ),
    divided=(
        ("encoder_block_out_channels", "attention_head_dim"),
        ("decoder_block_out_channels", "attention_head_dim"),
    ),
    lists=tuple(
        tuple(f"{side}_{each}" for each in ("block_out_channels", "block_types", "layers_per_block", "qkv_multiscales"))
        for side in ("encoder", "decoder")
    ),
    counted={"encoder_qkv_multiscales": 6, "decoder_qkv_multiscales": 6},
    numbers={"scaling_factor": 1.0},
    words={
        "encoder_block_types": DEEP_BLOCKS,
        "decoder_block_types": DEEP_BLOCKS,
        "decoder_act_fns": PLAIN_ACTS,
        "decoder_conv_act_fn": PLAIN_ACTS,
        "decoder_norm_types": frozenset({"rms_norm", "layer_norm", "batch_norm"}),
        "upsample_block_type": frozenset({"pixel_shuffle", "interpolate"}),
    },
    unsaid={
        "in_channels": 3,
        "latent_channels": 32,
        "encoder_block_out_channels": (128, 256, 512, 512, 1024, 1024),
        "decoder_block_out_channels": (128, 256, 512, 512, 1024, 1024),
        "encoder_layers_per_block": (2, 2, 2, 3, 3, 3),
        "decoder_layers_per_block": (3, 3, 3, 3, 3, 3),
        "attention_head_dim": 32,
    },
)
_FILM_BLOCKS = (Blocks("num_res_blocks", "decoder.up_blocks.0.resnets", levels=True, more=1),)
_FILM_LISTS = (("dim_mult", "temperal_downsample-1"), ("z_dim", "latents_mean", "latents_std"))
_FILM = Described(
    sides=(
        side("input_channels", "encoder.conv_in", 1),
        side("base_dim", "encoder.conv_in", 0),
        side("base_dim*dim_mult[-1]", "decoder.conv_in", 0),
        side("z_dim", "decoder.conv_in", 1),
    ),
    blocks=_FILM_BLOCKS,
    lists=_FILM_LISTS,
    counted={"latents_mean": 16, "latents_std": 16, "temperal_downsample": 3, "attn_scales": 0},
    numbers={"dropout": 0.0},
    words={},
    unsaid={"input_channels": 3, "base_dim": 96, "dim_mult": (1, 2, 4, 4), "z_dim": 16, "num_res_blocks": 2},
)
_FILM21 = Described(
    sides=(
        side("in_channels", "encoder.conv_in", 1),
        side("base_dim*dim_mult[0]", "encoder.conv_in", 0),
        side("decoder_base_dim*dim_mult[-1]", "decoder.conv_in", 0),
        side("z_dim", "decoder.conv_in", 1),
        side("out_channels", "decoder.conv_out", 0),
    ),
    blocks=_FILM_BLOCKS,
    lists=_FILM_LISTS,
    counted={"latents_mean": 64, "latents_std": 64, "temperal_downsample": 4, "attn_scales": 0},
    numbers={"dropout": 0.0, "scale_factor_spatial": 16, "scale_factor_temporal": 8},
    words={},
    unsaid={
        "in_channels": 4,
        "base_dim": 96,
        "dim_mult": (1, 2, 4, 8, 8),
        "decoder_base_dim": 144,
        "z_dim": 64,
        "out_channels": 4,
        "patch_size": None,
        "num_res_blocks": 2,
    },
)

VAES: Mapping[str, Described] = MappingProxyType(
    {
        "AutoencoderKL": _KL,
        "AutoencoderKLFlux2": _KL_FLUX2,
        "AutoencoderKLQwenImage": _FILM,
        "AutoencoderKLQwenImage21": _FILM21,
        "AutoencoderDC": _DEEP,
    }
)
