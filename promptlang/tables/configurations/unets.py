"""UNets, and the ControlNets that are made of them."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from promptlang.tables.configurations.row import Blocks, Described, side
from promptlang.tables.configurations.words import LEVELS, PLAIN_ACTS
from promptlang.values import replace

_UNET = Described(
    sides=(
        side("in_channels", "conv_in", 1),
        side("block_out_channels[0]", "conv_in", 0),
        side("conv_in_kernel", "conv_in", 2),
        side("out_channels", "conv_out", 0),
        side("block_out_channels[0]", "conv_out", 1),
        side("conv_out_kernel", "conv_out", 2),
        side("cross_attention_dim[-1]", "mid_block.attentions.0.transformer_blocks.0.attn2.to_k", 1),
        side("block_out_channels[0]", "time_embedding.linear_1", 1),
        side("projection_class_embeddings_input_dim", "add_embedding.linear_1", 1, needed=False),
        side("time_embedding_dim", "time_embedding.linear_1", 0),
    ),
    blocks=(
        Blocks("down_block_types", "down_blocks", levels=True),
        Blocks("up_block_types", "up_blocks", levels=True),
        Blocks("layers_per_block", "down_blocks.0.resnets", levels=True),
        Blocks("transformer_layers_per_block", "down_blocks.0.attentions.0.transformer_blocks", levels=True),
    ),
    divided=(("block_out_channels", "norm_num_groups"), ("block_out_channels", "attention_head_dim")),
    lists=(
        (
            *("down_block_types", "up_block_types", "block_out_channels", "layers_per_block", "cross_attention_dim"),
            *("attention_head_dim", "transformer_layers_per_block", "only_cross_attention"),
        ),
    ),
    listed=frozenset({"layers_per_block", "cross_attention_dim", "attention_head_dim", "transformer_layers_per_block"}),
    numbers={
        "downsample_padding": 1,
        "mid_block_scale_factor": 1,
        "dropout": 0.0,
        "norm_eps": 1e-5,
        "freq_shift": 0,
        "resnet_out_scale_factor": 1.0,
        "addition_embed_type_num_heads": 64,
    },
    switches=(
        ("num_class_embeds", "class_embedding.", False),
        ("class_embed_type", "class_embedding.", False),
        ("class_embeddings_concat", "class_embedding.", False),
        ("addition_embed_type", "add_embedding.", False),
        ("encoder_hid_dim", "encoder_hid_proj.", False),
        ("time_cond_proj_dim", ".cond_proj.", False),
        ("dual_cross_attention", ".transformers.", False),
    ),
    flat=("use_linear_projection", ".proj_in.weight"),
    asked=tuple((key, "add_embedding.") for key in ("addition_embed_type", "projection_class_embeddings_input_dim")),
    closed=frozenset({"num_attention_heads"}),
    words={
        **LEVELS,
        "mid_block_type": frozenset({"UNetMidBlock2DCrossAttn", "UNetMidBlock2DSimpleCrossAttn", "UNetMidBlock2D"}),
        "time_embedding_type": frozenset({"fourier", "positional"}),
        "time_embedding_act_fn": PLAIN_ACTS,
        "timestep_post_act": PLAIN_ACTS,
        "addition_embed_type": frozenset({"text", "text_image", "text_time", "image", "image_hint"}),
        "encoder_hid_dim_type": frozenset({"text_proj", "text_image_proj", "image_proj"}),
        "resnet_time_scale_shift": frozenset({"default", "scale_shift"}),
    },
    unsaid={
        "in_channels": 4,
        "block_out_channels": (320, 640, 1280, 1280),
        "conv_in_kernel": 3,
        "out_channels": 4,
        "conv_out_kernel": 3,
        "cross_attention_dim": 1280,
        "projection_class_embeddings_input_dim": None,
        "addition_time_embed_dim": None,
        "time_embedding_dim": None,
        "down_block_types": 4,
        "up_block_types": 4,
        "layers_per_block": 2,
        "transformer_layers_per_block": 1,
        "attention_head_dim": 8,
        "norm_num_groups": 32,
    },
    open=frozenset(
        {
            "mid_block_type",
            "time_embedding_act_fn",
            "timestep_post_act",
            "addition_embed_type",
            "encoder_hid_dim_type",
        }
    ),
)
_MAP = "controlnet_cond_embedding"
_LISTED_OF_UNETS = frozenset({"up_block_types", "layers_per_block", "cross_attention_dim"})
_UNET_ALONE = frozenset({"conv_in_kernel", "time_embedding_dim"})
_CONTROL = replace(
    _UNET,
    sides=(
        *(each for each in _UNET.sides if not each.tensor.startswith("conv_out") and each.keys[0] not in _UNET_ALONE),
        side("conditioning_channels", f"{_MAP}.conv_in", 1),
        side("conditioning_embedding_out_channels[0]", f"{_MAP}.conv_in", 0),
        side("conditioning_embedding_out_channels[-1]", f"{_MAP}.conv_out", 1),
        side("block_out_channels[0]", f"{_MAP}.conv_out", 0),
        side("block_out_channels[-1]", "controlnet_mid_block", 0),
    ),
    blocks=tuple(each for each in _UNET.blocks if each.key != "up_block_types"),
    lists=(tuple(each for each in _UNET.lists[0] if each not in _LISTED_OF_UNETS),),
    listed=frozenset({"attention_head_dim", "transformer_layers_per_block"}),
    numbers={key: each for key, each in _UNET.numbers.items() if key not in ("dropout", "resnet_out_scale_factor")},
    switches=_UNET.switches[:1],
    closed=frozenset[str](),
    words={
        key: each
        for key, each in _UNET.words.items()
        if key not in ("up_block_types", "time_embedding_type", "time_embedding_act_fn", "timestep_post_act")
    },
    unsaid={
        **{
            key: each
            for key, each in _UNET.unsaid.items()
            if key not in ("conv_in_kernel", "out_channels", "conv_out_kernel", "up_block_types", "time_embedding_dim")
        },
        "conditioning_channels": 3,
        "conditioning_embedding_out_channels": (16, 32, 96, 256),
    },
)

UNETS: Mapping[str, Described] = MappingProxyType({"UNet2DConditionModel": _UNET, "ControlNetModel": _CONTROL})
