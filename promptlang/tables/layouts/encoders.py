"""Text encoders, and the encoder of pictures that adapters look with."""

from __future__ import annotations

from promptlang.tables.layouts.row import Groups

_CLIP_LAYER = """
self_attn.q_proj.weight W W +
self_attn.k_proj.weight W W +
self_attn.v_proj.weight W W +
self_attn.out_proj.weight W W +
layer_norm1.weight W +
layer_norm2.weight W +
mlp.fc1.weight F W +
mlp.fc2.weight W F +
"""
CLIP: Groups = (
    ("encoder.layers.#.", _CLIP_LAYER),
    (
        "",
        """
        embeddings.token_embedding.weight ~ W
        embeddings.position_embedding.weight ~ W
        final_layer_norm.weight W +
        """,
    ),
)
OPEN_CLIP: Groups = (
    (
        "transformer.resblocks.#.",
        """
        attn.in_proj_weight 3W W +
        attn.out_proj.weight W W +
        ln_1.weight W +
        ln_2.weight W +
        mlp.c_fc.weight F W +
        mlp.c_proj.weight W F +
        """,
    ),
    ("", "token_embedding.weight ~ W\npositional_embedding ~ W\nln_final.weight W +"),
)
LOOKING: Groups = (
    ("vision_model.encoder.layers.#.", _CLIP_LAYER),
    (
        "",
        """
        vision_model.embeddings.class_embedding W
        vision_model.embeddings.patch_embedding.weight W ~ ~ ~
        vision_model.embeddings.position_embedding.weight ~ W
        vision_model.pre_layrnorm.weight W +
        vision_model.post_layernorm.weight W +
        visual_projection.weight ~ W
        """,
    ),
)
T5: Groups = (
    (
        "encoder.block.#.",
        """
        layer.0.SelfAttention.q.weight I W
        layer.0.SelfAttention.k.weight I W
        layer.0.SelfAttention.v.weight I W
        layer.0.SelfAttention.o.weight W I
        layer.0.layer_norm.weight W
        layer.1.DenseReluDense.wi_0.weight/layer.1.DenseReluDense.wi.weight F W
        ?layer.1.DenseReluDense.wi_1.weight F W
        layer.1.DenseReluDense.wo.weight W F
        layer.1.layer_norm.weight W
        """,
    ),
    (
        "",
        """
        shared.weight/encoder.embed_tokens.weight ~ W
        encoder.block.0.layer.0.SelfAttention.relative_attention_bias.weight ~ ~
        encoder.final_layer_norm.weight W
        """,
    ),
)
_WHOLE = ("", "embed_tokens.weight ~ W\nnorm.weight W")
_LAYER = """
self_attn.o_proj.weight W Q
mlp.gate_proj.weight F W
mlp.up_proj.weight F W
mlp.down_proj.weight W F
input_layernorm.weight W
post_attention_layernorm.weight W
"""
_READING = """
self_attn.q_proj.weight Q W
self_attn.k_proj.weight K W
self_attn.v_proj.weight K W
"""
_EVENED = """
self_attn.q_norm.weight H
self_attn.k_norm.weight H
"""
_BIASED = _READING.replace("W\n", "W +\n")
_AFTERWARDS = """
pre_feedforward_layernorm.weight W
post_feedforward_layernorm.weight W
"""


def _language(*lines: str) -> Groups:
    return ("layers.#.", "".join(each.lstrip("\n") for each in (_LAYER, *lines))), _WHOLE


MISTRAL = _language(_READING)
QWEN3 = _language(_READING, _EVENED)
QWEN25 = _language(_BIASED)
GEMMA2 = _language(_READING, _AFTERWARDS)
