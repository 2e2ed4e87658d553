"""VAEs."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from promptlang.tables.configurations.row import Blocks, Described, side
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
    },
)
_KL_FLUX2 = replace(
    _KL,
    # A decoder may have widths of its own.
    sides=tuple(
        each for each in _KL.sides if not (each.tensor.startswith("decoder.") and "block_out_channels" in each.keys[0])
    ),
    unsaid={
        **_KL.unsaid,
        "block_out_channels": (128, 256, 512, 512),
        "latent_channels": 32,
        "down_block_types": 4,
        "up_block_types": 4,
        "layers_per_block": 2,
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
    },
)
_FILM = Described(
    sides=(
        side("input_channels", "encoder.conv_in", 1),
        side("base_dim", "encoder.conv_in", 0),
        side("base_dim*dim_mult[-1]", "decoder.conv_in", 0),
        side("z_dim", "decoder.conv_in", 1),
    ),
    words={},
    unsaid={"input_channels": 3, "base_dim": 96, "dim_mult": (1, 2, 4, 4), "z_dim": 16},
)
_FILM21 = Described(
    sides=(
        side("in_channels", "encoder.conv_in", 1),
        side("base_dim*dim_mult[0]", "encoder.conv_in", 0),
        side("decoder_base_dim*dim_mult[-1]", "decoder.conv_in", 0),
        side("z_dim", "decoder.conv_in", 1),
        side("out_channels", "decoder.conv_out", 0),
    ),
    words={},
    unsaid={
        "in_channels": 4,
        "base_dim": 96,
        "dim_mult": (1, 2, 4, 8, 8),
        "decoder_base_dim": 144,
        "z_dim": 64,
        "out_channels": 4,
        "patch_size": None,
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
