"""UNets and transformers, and the ControlNets that hold them."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from promptlang.tables.configurations.row import Blocks, Described, side
from promptlang.tables.configurations.words import LEVELS, PLAIN_ACTS, QK_NORMS
from promptlang.values import replace

_INNER = "num_attention_heads*attention_head_dim"
_TRANSFORMER, _SINGLE = "transformer_blocks", "single_transformer_blocks"
_LEAVING = "patch_size*patch_size*out_channels|in_channels"
_FLUX = Described(
    sides=(
        side("in_channels", "x_embedder", 1),
        side(_INNER, "x_embedder", 0),
        side("joint_attention_dim", "context_embedder", 1),
        side(_INNER, "context_embedder", 0),
        side(_INNER, "proj_out", 1),
        side(_LEAVING, "proj_out", 0),
        side(_INNER, "norm_out.linear", 1),
        side("attention_head_dim", "transformer_blocks.0.attn.norm_q", 0),
    ),
    blocks=(Blocks("num_layers", _TRANSFORMER, alike=True), Blocks("num_single_layers", _SINGLE, alike=True)),
    words={},
    unsaid={
        "in_channels": 64,
        "num_attention_heads": 24,
        "attention_head_dim": 128,
        "joint_attention_dim": 4096,
        "num_layers": 19,
        "num_single_layers": 38,
        "patch_size": 1,
        "out_channels": None,
        "pooled_projection_dim": 768,
    },
)
_GUIDANCE = "distilled_guidance_layer"
_CHROMA = replace(
    _FLUX,
    sides=(
        *(each for each in _FLUX.sides if not each.tensor.startswith("norm_out")),
        side("approximator_num_channels", f"{_GUIDANCE}.in_proj", 1),
        side("approximator_hidden_dim", f"{_GUIDANCE}.in_proj", 0),
        side(_INNER, f"{_GUIDANCE}.out_proj", 0),
    ),
    blocks=(*_FLUX.blocks, Blocks("approximator_layers", f"{_GUIDANCE}.layers", alike=True)),
    unsaid={
        **{key: each for key, each in _FLUX.unsaid.items() if key != "pooled_projection_dim"},
        "approximator_num_channels": 64,
        "approximator_hidden_dim": 5120,
        "approximator_layers": 5,
    },
)
_FLUX2 = replace(
    _FLUX,
    sides=(
        *_FLUX.sides,
        side("timestep_guidance_channels", "time_guidance_embed.timestep_embedder.linear_1", 1),
        side(_INNER, "time_guidance_embed.timestep_embedder.linear_1", 0),
    ),
    unsaid={
        **{key: each for key, each in _FLUX.unsaid.items() if key != "pooled_projection_dim"},
        "in_channels": 128,
        "num_attention_heads": 48,
        "joint_attention_dim": 15360,
        "num_layers": 8,
        "num_single_layers": 48,
        "timestep_guidance_channels": 256,
    },
)
_POOLED = side("pooled_projection_dim", "time_text_embed.text_embedder.linear_1", 1)
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
    ),
    blocks=(
        Blocks("down_block_types", "down_blocks", levels=True),
        Blocks("up_block_types", "up_blocks", levels=True),
        Blocks("layers_per_block", "down_blocks.0.resnets", levels=True),
    ),
    divided=(("block_out_channels", "norm_num_groups"),),
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
        "down_block_types": 4,
        "up_block_types": 4,
        "layers_per_block": 2,
        "norm_num_groups": 32,
    },
    open=frozenset(
        {
            "norm_num_groups",
            "mid_block_type",
            "time_embedding_act_fn",
            "timestep_post_act",
            "addition_embed_type",
            "encoder_hid_dim_type",
        }
    ),
)
_MAP = "controlnet_cond_embedding"
_CONTROL = replace(
    _UNET,
    sides=(
        *(each for each in _UNET.sides if not each.tensor.startswith("conv_out") and "conv_in_kernel" not in each.keys),
        side("conditioning_channels", f"{_MAP}.conv_in", 1),
        side("conditioning_embedding_out_channels[0]", f"{_MAP}.conv_in", 0),
        side("conditioning_embedding_out_channels[-1]", f"{_MAP}.conv_out", 1),
        side("block_out_channels[0]", f"{_MAP}.conv_out", 0),
        side("block_out_channels[-1]", "controlnet_mid_block", 0),
    ),
    blocks=tuple(each for each in _UNET.blocks if each.key != "up_block_types"),
    words={
        key: each
        for key, each in _UNET.words.items()
        if key not in ("up_block_types", "time_embedding_type", "time_embedding_act_fn", "timestep_post_act")
    },
    unsaid={
        **{
            key: each
            for key, each in _UNET.unsaid.items()
            if key not in ("conv_in_kernel", "out_channels", "conv_out_kernel", "up_block_types")
        },
        "conditioning_channels": 3,
        "conditioning_embedding_out_channels": (16, 32, 96, 256),
    },
)
_SANA_ATTENTION = f"{_TRANSFORMER}.0.attn2"
_FUSED = "text_fusion"

DENOISERS: Mapping[str, Described] = MappingProxyType(
    {
        "UNet2DConditionModel": _UNET,
        "FluxTransformer2DModel": replace(
            _FLUX, sides=(*_FLUX.sides, _POOLED, side(_INNER, "time_text_embed.timestep_embedder.linear_1", 0))
        ),
        "FluxControlNetModel": replace(
            _FLUX,
            sides=(
                *(each for each in _FLUX.sides if not each.tensor.startswith(("proj_out", "norm_out"))),
                side("in_channels", "controlnet_x_embedder", 1),
                side(_INNER, "controlnet_x_embedder", 0),
                _POOLED,
            ),
            unsaid={key: each for key, each in _FLUX.unsaid.items() if key != "out_channels"},
        ),
        "ControlNetModel": _CONTROL,
        "ChromaTransformer2DModel": _CHROMA,
        "Flux2Transformer2DModel": _FLUX2,
        "SD3Transformer2DModel": Described(
            sides=(
                side("in_channels", "pos_embed.proj", 1),
                side(_INNER, "pos_embed.proj", 0),
                side("patch_size", "pos_embed.proj", 2),
                side("joint_attention_dim", "context_embedder", 1),
                side("caption_projection_dim", "context_embedder", 0),
                _POOLED,
                side(_INNER, "proj_out", 1),
                side(_LEAVING, "proj_out", 0),
                side(_INNER, "norm_out.linear", 1),
                side(_INNER, "time_text_embed.timestep_embedder.linear_1", 0),
            ),
            # The last block leads out of its text, and those that look twice modulate more.
            blocks=(Blocks("num_layers", _TRANSFORMER, uneven=("norm1.linear", "norm1_context.linear")),),
            words={"qk_norm": QK_NORMS},
            unsaid={
                "in_channels": 16,
                "num_attention_heads": 18,
                "attention_head_dim": 64,
                "patch_size": 2,
                "joint_attention_dim": 4096,
                "caption_projection_dim": 1152,
                "pooled_projection_dim": 2048,
                "out_channels": 16,
                "num_layers": 18,
            },
            open=frozenset({"qk_norm", "out_channels"}),
        ),
        "QwenImageTransformer2DModel": Described(
            sides=(
                side("in_channels", "img_in", 1),
                side(_INNER, "img_in", 0),
                side("joint_attention_dim", "txt_in", 1),
                side(_INNER, "txt_in", 0),
                side(_INNER, "proj_out", 1),
                side(_LEAVING, "proj_out", 0),
                side(_INNER, "norm_out.linear", 1),
                side(_INNER, "time_text_embed.timestep_embedder.linear_1", 0),
            ),
            blocks=(Blocks("num_layers", _TRANSFORMER, alike=True),),
            words={},
            unsaid={
                "in_channels": 64,
                "num_attention_heads": 24,
                "attention_head_dim": 128,
                "joint_attention_dim": 3584,
                "patch_size": 2,
                "out_channels": 16,
                "num_layers": 60,
            },
            open=frozenset({"out_channels"}),
        ),
        "QwenImage21Transformer2DModel": Described(
            sides=(
                side("in_channels", "img_in", 1),
                side(_INNER, "img_in", 0),
                side("context_in_dim", "txt_in.in_layer", 1),
                side(_INNER, "proj_out", 1),
                side(_LEAVING, "proj_out", 0),
            ),
            blocks=(Blocks("num_layers", _TRANSFORMER, alike=True),),
            words={},
            unsaid={
                "in_channels": 64,
                "num_attention_heads": 32,
                "attention_head_dim": 128,
                "context_in_dim": 4096,
                "patch_size": 1,
                "out_channels": 64,
                "num_layers": 32,
            },
            open=frozenset({"out_channels"}),
        ),
        "ZImageTransformer2DModel": Described(
            sides=(
                side("dim", "cap_embedder.1", 0),
                side("cap_feat_dim", "cap_embedder.1", 1),
                side("dim", "layers.0.attention.to_q", 1),
            ),
            blocks=(
                Blocks("n_layers", "layers", alike=True),
                Blocks("n_refiner_layers", "noise_refiner"),
                Blocks("n_refiner_layers", "context_refiner"),
            ),
            divided=(("dim", "n_heads"),),
            words={},
            unsaid={
                "in_channels": 16,
                "dim": 3840,
                "cap_feat_dim": 2560,
                "n_layers": 30,
                "n_refiner_layers": 2,
                "n_heads": 30,
            },
        ),
        "Lumina2Transformer2DModel": Described(
            sides=(
                side("hidden_size", "x_embedder", 0),
                side("patch_size*patch_size*in_channels", "x_embedder", 1),
                side("cap_feat_dim", "time_caption_embed.caption_embedder.1", 1),
                side("hidden_size", "time_caption_embed.caption_embedder.1", 0),
            ),
            blocks=(
                Blocks("num_layers", "layers", alike=True),
                Blocks("num_refiner_layers", "noise_refiner"),
                Blocks("num_refiner_layers", "context_refiner"),
            ),
            divided=(("hidden_size", "num_attention_heads"),),
            words={},
            unsaid={
                "hidden_size": 2304,
                "patch_size": 2,
                "in_channels": 16,
                "cap_feat_dim": 1024,
                "num_layers": 26,
                "num_refiner_layers": 2,
                "num_attention_heads": 24,
            },
        ),
        "SanaTransformer2DModel": Described(
            sides=(
                side("in_channels", "patch_embed.proj", 1),
                side(_INNER, "patch_embed.proj", 0),
                side("patch_size", "patch_embed.proj", 2),
                side("caption_channels", "caption_projection.linear_1", 1),
                side("num_cross_attention_heads*cross_attention_head_dim", f"{_SANA_ATTENTION}.to_q", 0),
                side("cross_attention_dim", f"{_SANA_ATTENTION}.to_k", 1),
                side(_INNER, "proj_out", 1),
                side(_LEAVING, "proj_out", 0),
            ),
            blocks=(Blocks("num_layers", _TRANSFORMER, alike=True),),
            words={"qk_norm": QK_NORMS},
            unsaid={
                "in_channels": 32,
                "num_attention_heads": 70,
                "attention_head_dim": 32,
                "patch_size": 1,
                "caption_channels": 2304,
                "num_cross_attention_heads": 20,
                "cross_attention_head_dim": 112,
                "cross_attention_dim": 2240,
                "out_channels": 32,
                "num_layers": 20,
            },
            open=frozenset({"qk_norm", "out_channels", "cross_attention_dim", "num_cross_attention_heads"}),
        ),
        "Krea2Transformer2DModel": Described(
            sides=(
                side("in_channels", "img_in", 1),
                side(_INNER, "img_in", 0),
                side("intermediate_size", f"{_TRANSFORMER}.0.ff.up", 0),
                side("num_key_value_heads*attention_head_dim", f"{_TRANSFORMER}.0.attn.to_k", 0),
                side("text_hidden_dim", "txt_in.linear_1", 1),
                side("timestep_embed_dim", "time_embed.linear_1", 1),
                side("num_text_layers", f"{_FUSED}.projector", 1),
                side("text_intermediate_size", f"{_FUSED}.layerwise_blocks.0.ff.up", 0),
                side("in_channels", "final_layer.linear", 0),
            ),
            blocks=(
                Blocks("num_layers", _TRANSFORMER, alike=True),
                Blocks("num_layerwise_text_blocks", f"{_FUSED}.layerwise_blocks", alike=True),
                Blocks("num_refiner_text_blocks", f"{_FUSED}.refiner_blocks", alike=True),
            ),
            divided=(("text_hidden_dim", "text_num_attention_heads"),),
            words={},
            unsaid={
                "in_channels": 64,
                "num_attention_heads": 48,
                "attention_head_dim": 128,
                "intermediate_size": 16384,
                "num_key_value_heads": 12,
                "text_hidden_dim": 2560,
                "timestep_embed_dim": 256,
                "num_text_layers": 12,
                "text_intermediate_size": 6912,
                "num_layers": 28,
                "num_layerwise_text_blocks": 2,
                "num_refiner_text_blocks": 2,
                "text_num_attention_heads": 20,
            },
        ),
    }
)
