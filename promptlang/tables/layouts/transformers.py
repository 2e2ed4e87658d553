"""Transformers as they were first published, and as ComfyUI keeps them."""

from __future__ import annotations

from promptlang.tables.layouts.row import Groups


def _sides(lines: str) -> str:
    """The same lines for the picture and for the text."""
    return lines + lines.replace("img_", "txt_")


_DOUBLE = _sides("""
img_attn.qkv.weight 3W W +
img_attn.proj.weight W W +
img_attn.norm.query_norm.scale/img_attn.norm.query_norm.weight H
img_attn.norm.key_norm.scale/img_attn.norm.key_norm.weight H
img_mlp.0.weight 4W W +
img_mlp.2.weight W 4W +
""")
_SINGLE = """
linear1.weight 7W W +
linear2.weight W 5W +
norm.query_norm.scale/norm.query_norm.weight H
norm.key_norm.scale/norm.key_norm.weight H
"""
_ENDS = """
img_in.weight W C +
txt_in.weight W X +
final_layer.linear.weight O W +
"""
FLUX: Groups = (
    ("double_blocks.#.", _DOUBLE + _sides("img_mod.lin.weight 6W W +\n")),
    ("single_blocks.#.", f"{_SINGLE}modulation.lin.weight 3W W +"),
    ("guidance_in.", "in_layer.weight W 256 +\nout_layer.weight W W +"),
    ("", f"{_ENDS}final_layer.adaLN_modulation.1.weight 2W W +"),
    ("", "time_in.in_layer.weight W 256 +\ntime_in.out_layer.weight W W +"),
    ("", "vector_in.in_layer.weight W ~ +\nvector_in.out_layer.weight W W +"),
)
CHROMA: Groups = (
    ("double_blocks.#.", _DOUBLE),
    ("single_blocks.#.", _SINGLE),
    ("distilled_guidance_layer.layers.#.", "in_layer.weight G G +\nout_layer.weight G G +"),
    ("distilled_guidance_layer.norms.#.", "scale/weight G"),
    ("", f"{_ENDS}distilled_guidance_layer.in_proj.weight G ~ +\ndistilled_guidance_layer.out_proj.weight W G +"),
)
FLUX2: Groups = (
    (
        "double_blocks.#.",
        _sides("""
        img_attn.qkv.weight 3W W
        img_attn.proj.weight W W
        img_attn.norm.query_norm.scale/img_attn.norm.query_norm.weight H
        img_attn.norm.key_norm.scale/img_attn.norm.key_norm.weight H
        img_mlp.0.weight 2M W
        img_mlp.2.weight W M
        """),
    ),
    (
        "single_blocks.#.",
        """
        linear1.weight 3W+2M W
        linear2.weight W W+M
        norm.query_norm.scale/norm.query_norm.weight H
        norm.key_norm.scale/norm.key_norm.weight H
        """,
    ),
    ("guidance_in.", "in_layer.weight W ~\nout_layer.weight W W"),
    (
        "",
        """
        img_in.weight W C
        txt_in.weight W X
        time_in.in_layer.weight W ~
        time_in.out_layer.weight W W
        double_stream_modulation_img.lin.weight 6W W
        double_stream_modulation_txt.lin.weight 6W W
        single_stream_modulation.lin.weight 3W W
        final_layer.linear.weight O W
        final_layer.adaLN_modulation.1.weight 2W W
        """,
    ),
)
SD3: Groups = (
    (
        "joint_blocks.#.",
        """
        x_block.adaLN_modulation.1.weight 6W W | 9W W +
        context_block.adaLN_modulation.1.weight 6W W | 2W W +
        x_block.attn.qkv.weight 3W W +
        x_block.attn.proj.weight W W +
        x_block.mlp.fc1.weight 4W W +
        x_block.mlp.fc2.weight W 4W +
        context_block.attn.qkv.weight 3W W +
        ?context_block.attn.proj.weight W W +
        ?x_block.attn.ln_q.weight H
        ?x_block.attn.ln_k.weight H
        ?context_block.attn.ln_q.weight H
        ?context_block.attn.ln_k.weight H
        """,
    ),
    ("joint_blocks.#.context_block.mlp.", "fc1.weight 4W W +\nfc2.weight W 4W +"),
    ("joint_blocks.#.x_block.attn2.", "qkv.weight 3W W +\nproj.weight W W +\n?ln_q.weight H\n?ln_k.weight H"),
    (
        "",
        """
        pos_embed 1 ~ W
        x_embedder.proj.weight W C 2 2 +
        t_embedder.mlp.0.weight W 256 +
        t_embedder.mlp.2.weight W W +
        y_embedder.mlp.0.weight W ~ +
        y_embedder.mlp.2.weight W W +
        context_embedder.weight W X +
        final_layer.adaLN_modulation.1.weight 2W W +
        final_layer.linear.weight 4C W +
        """,
    ),
)
_REFINED = """
attention.qkv.weight J W
attention.out.weight W Q
attention.q_norm.weight H
attention.k_norm.weight H
feed_forward.w1.weight F W
feed_forward.w2.weight W F
feed_forward.w3.weight F W
attention_norm1.weight W
attention_norm2.weight W
ffn_norm1.weight W
ffn_norm2.weight W
"""
Z_IMAGE: Groups = (
    ("layers.#. noise_refiner.#.", f"{_REFINED}adaLN_modulation.0.weight 4W A +"),
    ("context_refiner.#.", _REFINED),
    (
        "",
        """
        x_pad_token 1 W
        cap_pad_token 1 W
        x_embedder.weight W C +
        t_embedder.mlp.0.weight M 256 +
        t_embedder.mlp.2.weight A M +
        cap_embedder.0.weight X
        cap_embedder.1.weight W X +
        final_layer.linear.weight C W +
        final_layer.adaLN_modulation.1.weight W A +
        """,
    ),
)
LUMINA2: Groups = (
    ("layers.#. noise_refiner.#.", f"{_REFINED}adaLN_modulation.1.weight 4W A +"),
    ("context_refiner.#.", _REFINED),
    (
        "",
        """
        x_embedder.weight W C +
        t_embedder.mlp.0.weight A 256 +
        t_embedder.mlp.2.weight A A +
        cap_embedder.0.weight X
        cap_embedder.1.weight W X +
        final_layer.linear.weight C W +
        final_layer.adaLN_modulation.1.weight W A +
        """,
    ),
)
_SEEING = """
attn.wq.weight Q W
attn.wk.weight K W
attn.wv.weight K W
attn.gate.weight Q W
attn.wo.weight W Q
attn.qknorm.qnorm.scale H
attn.qknorm.knorm.scale H
mlp.gate.weight F W
mlp.up.weight F W
mlp.down.weight W F
prenorm.scale W
postnorm.scale W
"""


def _fused(lines: str) -> str:
    """The same lines for the blocks that fuse texts, which have sizes of their own."""
    for ours, theirs in ("WX", "QR", "KS", "HI", "FG"):
        lines = lines.replace(f" {ours}", f" {theirs}")
    return lines


KREA2: Groups = (
    ("blocks.#.", f"{_SEEING}mod.lin 6W | 6 W"),
    ("txtfusion.layerwise_blocks.#. txtfusion.refiner_blocks.#.", _fused(_SEEING)),
    (
        "",
        """
        first.weight W C +
        tmlp.0.weight W ~ +
        tmlp.2.weight W W +
        tproj.1.weight 6W W +
        txtmlp.0.scale X
        txtmlp.1.weight W X +
        txtmlp.3.weight W W +
        txtfusion.projector.weight 1 ~
        last.modulation.lin 2 W
        last.norm.scale W
        last.linear.weight C W +
        """,
    ),
)
SANA: Groups = (
    (
        "blocks.#.",
        """
        scale_shift_table 6 W
        attn.qkv.weight 3W W
        attn.proj.weight W W +
        cross_attn.q_linear.weight W W +
        cross_attn.kv_linear.weight 2W W +
        cross_attn.proj.weight W W +
        mlp.inverted_conv.conv.weight 2M W 1 1 +
        mlp.depth_conv.conv.weight 2M 1 3 3 +
        mlp.point_conv.conv.weight W M 1 1
        ?attn.q_norm.weight W
        ?attn.k_norm.weight W
        ?cross_attn.q_norm.weight W
        ?cross_attn.k_norm.weight W
        """,
    ),
    (
        "",
        """
        x_embedder.proj.weight W C ~ ~ +
        t_embedder.mlp.0.weight W 256 +
        t_embedder.mlp.2.weight W W +
        t_block.1.weight 6W W +
        y_embedder.y_proj.fc1.weight W X +
        y_embedder.y_proj.fc2.weight W W +
        attention_y_norm.weight W
        final_layer.linear.weight O W +
        final_layer.scale_shift_table 2 W
        """,
    ),
)
