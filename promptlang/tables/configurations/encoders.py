"""Text encoders."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from promptlang.tables.configurations.row import Blocks, Described, side
from promptlang.tables.configurations.words import ACTING, ACTS, STORED
from promptlang.values import replace

_FILLING = {"initializer_range": 0.02, "initializer_factor": 1.0}
_CLIP = Described(
    sides=(
        side("hidden_size", "embeddings.token_embedding", 1),
        side("vocab_size", "embeddings.token_embedding", 0),
        side("max_position_embeddings", "embeddings.position_embedding", 0),
        side("hidden_size", "embeddings.position_embedding", 1),
        side("intermediate_size", "encoder.layers.0.mlp.fc1", 0),
        side("hidden_size", "encoder.layers.0.self_attn.q_proj", 0),
        side("hidden_size", "final_layer_norm", 0),
    ),
    blocks=(Blocks("num_hidden_layers", "encoder.layers", alike=True),),
    divided=(("hidden_size", "num_attention_heads"),),
    numbers={**_FILLING, "layer_norm_eps": 1e-5, "eos_token_id": 49407},
    words=ACTING,
    unsaid={
        "hidden_size": 512,
        "vocab_size": 49408,
        "max_position_embeddings": 77,
        "intermediate_size": 2048,
        "num_hidden_layers": 12,
        "num_attention_heads": 8,
    },
    open=frozenset(STORED),
    beyond=False,
)
_SUMMARISING = replace(
    _CLIP,
    sides=(*_CLIP.sides, side("projection_dim", "text_projection", 0), side("hidden_size", "text_projection", 1)),
    unsaid={**_CLIP.unsaid, "projection_dim": 512},
)
_EYES = "vision_model.embeddings"
_LOOKING = Described(
    sides=(
        side("hidden_size", f"{_EYES}.patch_embedding", 0),
        side("num_channels", f"{_EYES}.patch_embedding", 1),
        side("patch_size", f"{_EYES}.patch_embedding", 2),
        side("hidden_size", f"{_EYES}.position_embedding", 1),
        side("intermediate_size", "vision_model.encoder.layers.0.mlp.fc1", 0),
        side("hidden_size", "vision_model.encoder.layers.0.self_attn.q_proj", 0),
        side("hidden_size", "vision_model.pre_layrnorm", 0),
        side("hidden_size", "vision_model.post_layernorm", 0),
        side("projection_dim", "visual_projection", 0),
        side("hidden_size", "visual_projection", 1),
    ),
    blocks=(Blocks("num_hidden_layers", "vision_model.encoder.layers", alike=True),),
    divided=(("hidden_size", "num_attention_heads"),),
    numbers={**_FILLING, "layer_norm_eps": 1e-5},
    words=ACTING,
    unsaid={
        "hidden_size": 768,
        "num_channels": 3,
        "patch_size": 32,
        "image_size": 224,
        "intermediate_size": 3072,
        "projection_dim": 512,
        "num_hidden_layers": 12,
        "num_attention_heads": 12,
    },
    open=frozenset(STORED),
    beyond=False,
    inside="vision_config",
    grid=(f"{_EYES}.position_embedding.weight", "image_size", "patch_size"),
)
_T5_ACTS = ACTS | {f"gated-{act}" for act in ACTS}
_T5_ATTENTION = "encoder.block.0.layer.0.SelfAttention"
_T5 = Described(
    sides=(
        side("d_model", "shared", 1),
        side("vocab_size", "shared", 0),
        side("d_ff", "encoder.block.0.layer.1.DenseReluDense.wo", 1),
        side("num_heads*d_kv", f"{_T5_ATTENTION}.q", 0),
        side("relative_attention_num_buckets", f"{_T5_ATTENTION}.relative_attention_bias", 0),
        side("num_heads", f"{_T5_ATTENTION}.relative_attention_bias", 1),
        side("d_model", "encoder.final_layer_norm", 0),
    ),
    blocks=(Blocks("num_layers", "encoder.block", alike=True),),
    numbers={
        "dropout_rate": 0.1,
        "layer_norm_epsilon": 1e-6,
        "initializer_factor": 1.0,
        "relative_attention_max_distance": 128,
    },
    switches=(("is_gated_act", ".wi_0.", False),),
    words={"feed_forward_proj": _T5_ACTS, "dense_act_fn": ACTS, **STORED},
    unsaid={
        "d_model": 512,
        "vocab_size": 32128,
        "d_ff": 2048,
        "num_heads": 8,
        "d_kv": 64,
        "relative_attention_num_buckets": 32,
        "num_layers": 6,
    },
    open=frozenset(STORED),
    whole=False,
    beyond=False,
)
_ATTENTION = "layers.0.self_attn"
_LANGUAGE = Described(
    sides=(
        side("hidden_size", "embed_tokens", 1),
        side("vocab_size", "embed_tokens", 0),
        side("intermediate_size", "layers.0.mlp.down_proj", 1),
        side("num_attention_heads*head_dim", f"{_ATTENTION}.q_proj", 0),
        side("num_key_value_heads*head_dim", f"{_ATTENTION}.k_proj", 0),
        side("hidden_size", "norm", 0),
        side("vocab_size", "lm_head", 0),
        side("hidden_size", "lm_head", 1),
    ),
    blocks=(Blocks("num_hidden_layers", "layers", alike=True),),
    numbers={"rms_norm_eps": 1e-6, "initializer_range": 0.02},
    words=ACTING,
    unsaid={
        "hidden_size": 4096,
        "vocab_size": 151936,
        "intermediate_size": 22016,
        "num_attention_heads": 32,
        "num_key_value_heads": 32,
        "head_dim": 128,
        "num_hidden_layers": 32,
    },
    switches=(("attention_bias", ".self_attn.q_proj.bias", False),),
    besides=("visual.blocks", "model.visual.blocks", "vision_tower.transformer.layers"),
    open=frozenset({"num_key_value_heads", *STORED}),
    whole=False,
    beyond=False,
)


_SEEING = Described(
    inside="vision_config",
    sides=(
        side("hidden_size", "patch_embed.proj", 0),
        side("temporal_patch_size", "patch_embed.proj", 2),
        side("patch_size", "patch_embed.proj", 3),
        side("hidden_size", "blocks.0.attn.proj", 0),
    ),
    blocks=(Blocks("depth", "blocks", alike=True),),
    words={},
    unsaid={"hidden_size": None, "temporal_patch_size": None, "patch_size": None, "depth": None, "num_heads": None},
    whole=False,
    beyond=False,
)
_SEEING_25 = replace(
    _SEEING,
    sides=(
        *_SEEING.sides,
        side("in_channels", "patch_embed.proj", 1),
        side("intermediate_size", "blocks.0.mlp.down_proj", 1),
        side("out_hidden_size", "merger.mlp.2", 0),
        side("hidden_size*spatial_merge_size*spatial_merge_size", "merger.mlp.0", 0),
    ),
    unsaid={
        **_SEEING.unsaid,
        **dict.fromkeys(("in_channels", "intermediate_size", "out_hidden_size", "spatial_merge_size")),
    },
)
_SEEING_3 = replace(
    _SEEING_25,
    sides=(
        *_SEEING.sides,
        side("in_channels", "patch_embed.proj", 1),
        side("intermediate_size", "blocks.0.mlp.linear_fc1", 0),
        side("out_hidden_size", "merger.linear_fc2", 0),
        side("hidden_size*spatial_merge_size*spatial_merge_size", "merger.linear_fc1", 0),
        side("num_position_embeddings", "pos_embed", 0),
    ),
    blocks=(*_SEEING.blocks, Blocks("deepstack_visual_indexes", "deepstack_merger_list", levels=True, listed=True)),
    listed=frozenset({"deepstack_visual_indexes"}),
    unsaid={**_SEEING_25.unsaid, "num_position_embeddings": None, "deepstack_visual_indexes": None},
)
_PIXTRAL = replace(
    _SEEING,
    sides=(
        side("hidden_size", "patch_conv", 0),
        side("num_channels", "patch_conv", 1),
        side("patch_size", "patch_conv", 2),
        side("intermediate_size", "transformer.layers.0.feed_forward.down_proj", 1),
    ),
    blocks=(Blocks("num_hidden_layers", "transformer.layers", alike=True),),
    unsaid=dict.fromkeys(
        ("hidden_size", "num_channels", "patch_size", "intermediate_size", "num_hidden_layers", "num_attention_heads")
    ),
)


def _language(*numbers: int, **words: frozenset[str]) -> Described:
    """Another one, with its own numbers in the same order."""
    return replace(_LANGUAGE, unsaid=dict(zip(_LANGUAGE.unsaid, numbers, strict=True)), words={**ACTING, **words})


_QWEN25 = replace(
    _LANGUAGE,
    switches=(),
    sides=(
        *(side for side in _LANGUAGE.sides if "head_dim" not in side.keys),
        side("hidden_size", f"{_ATTENTION}.q_proj", 0),
        side("num_key_value_heads*hidden_size*/num_attention_heads", f"{_ATTENTION}.k_proj", 0),
    ),
    unsaid={
        "hidden_size": 8192,
        "vocab_size": 152064,
        "intermediate_size": 29568,
        "num_attention_heads": 64,
        "num_key_value_heads": 8,
        "num_hidden_layers": 80,
    },
    divided=(("hidden_size", "num_attention_heads"),),
    numbers={"rms_norm_eps": 1e-5, "initializer_range": 0.02},
    seeing=_SEEING_25,
)

ENCODERS: Mapping[str, Described] = MappingProxyType(
    {
        "CLIPTextModel": _CLIP,
        "CLIPTextModelWithProjection": _SUMMARISING,
        "CLIPVisionModelWithProjection": _LOOKING,
        "T5EncoderModel": _T5,
        "Gemma2Model": replace(
            _language(2304, 256000, 9216, 8, 4, 256, 26, hidden_activation=ACTS),
            numbers={**_LANGUAGE.numbers, "query_pre_attn_scalar": 256},
        ),
        "Qwen3Model": _LANGUAGE,
        "Qwen3ForCausalLM": _LANGUAGE,
        "Qwen2_5_VLForConditionalGeneration": _QWEN25,
        "Qwen3VLForConditionalGeneration": replace(_LANGUAGE, seeing=_SEEING_3),
        "Qwen3VLModel": replace(_LANGUAGE, seeing=_SEEING_3),
        "Mistral3ForConditionalGeneration": replace(
            _language(5120, 131072, 32768, 32, 8, 128, 40, projector_hidden_act=ACTS),
            switches=(),
            open=_LANGUAGE.open | {"head_dim"},
            numbers={"rms_norm_eps": 1e-5, "initializer_range": 0.02},
            seeing=_PIXTRAL,
        ),
    }
)
