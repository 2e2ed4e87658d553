"""Transformers as diffusers calls their tensors."""

from __future__ import annotations

from promptlang.tables.layouts.row import Groups


def _layers(name: str, *, inputs: str = "~", bias: str = " +") -> str:
    """Two layers one after the other, as wide as the network."""
    return f"{name}.linear_1.weight W {inputs}{bias}\n{name}.linear_2.weight W W{bias}\n"


_JOINT = """
attn.to_q.weight W W +
attn.to_k.weight W W +
attn.to_v.weight W W +
attn.to_out.0.weight W W +
attn.add_q_proj.weight W W +
attn.add_k_proj.weight W W +
attn.add_v_proj.weight W W +
"""
_EVENED = "attn.norm_q.weight H\nattn.norm_k.weight H\n"
_BOTH_EVENED = f"{_EVENED}attn.norm_added_q.weight H\nattn.norm_added_k.weight H\n"


def _forward(*names: str) -> str:
    return "".join(f"{name}.net.0.proj.weight 4W W +\n{name}.net.2.weight W 4W +\n" for name in names)


_DOUBLE = f"{_JOINT}attn.to_add_out.weight W W +\n{_BOTH_EVENED}{_forward('ff', 'ff_context')}"
_SINGLE = f"""
attn.to_q.weight W W +
attn.to_k.weight W W +
attn.to_v.weight W W +
proj_mlp.weight 4W W +
proj_out.weight W 5W +
{_EVENED}"""
_TIME, _POOLED, _GUIDING = (f"time_text_embed.{each}_embedder" for each in ("timestep", "text", "guidance"))
_FREQUENCIES = "256"
_INPUTS = "x_embedder.weight W C +\ncontext_embedder.weight W X +\n"
_BLOCKS_OF_FLUX: Groups = (
    ("transformer_blocks.#.", f"{_DOUBLE}norm1.linear.weight 6W W +\nnorm1_context.linear.weight 6W W +"),
    ("single_transformer_blocks.#.", f"{_SINGLE}norm.linear.weight 3W W +"),
    (f"{_GUIDING}.", "linear_1.weight W 256 +\nlinear_2.weight W W +"),
    ("", f"{_INPUTS}{_layers(_TIME, inputs='256')}{_layers(_POOLED)}"),
)
FLUX: Groups = (*_BLOCKS_OF_FLUX, ("", "norm_out.linear.weight 2W W +\nproj_out.weight ~ W +"))
FLUX_CONTROL: Groups = (
    *_BLOCKS_OF_FLUX,
    ("controlnet_blocks.#. controlnet_single_blocks.#.", "weight W W +"),
    ("", "controlnet_x_embedder.weight W ~ +"),
)
CHROMA: Groups = (
    ("transformer_blocks.#.", _DOUBLE),
    ("single_transformer_blocks.#.", _SINGLE),
    ("distilled_guidance_layer.layers.#.", "linear_1.weight G G +\nlinear_2.weight G G +"),
    ("distilled_guidance_layer.norms.#.", "weight G"),
    ("", f"{_INPUTS}proj_out.weight ~ W +"),
    ("", "distilled_guidance_layer.in_proj.weight G ~ +\ndistilled_guidance_layer.out_proj.weight W G +"),
)
_GUIDED = "time_guidance_embed.{}_embedder"
FLUX2: Groups = (
    (
        "transformer_blocks.#.",
        f"{_JOINT.replace(' +', '')}attn.to_add_out.weight W W\n{_BOTH_EVENED}"
        + "".join(f"{each}.linear_in.weight 2M W\n{each}.linear_out.weight W M\n" for each in ("ff", "ff_context")),
    ),
    (
        "single_transformer_blocks.#.",
        f"attn.to_qkv_mlp_proj.weight 3W+2M W\nattn.to_out.weight W W+M\n{_EVENED}",
    ),
    (f"{_GUIDED.format('guidance')}.", "linear_1.weight W ~\nlinear_2.weight W W"),
    (
        "",
        f"""
        x_embedder.weight W C
        context_embedder.weight W X
        double_stream_modulation_img.linear.weight 6W W
        double_stream_modulation_txt.linear.weight 6W W
        single_stream_modulation.linear.weight 3W W
        norm_out.linear.weight 2W W
        proj_out.weight ~ W
        {_layers(_GUIDED.format("timestep"), bias="")}""",
    ),
)
SD3: Groups = (
    (
        "transformer_blocks.#.",
        f"""{_JOINT}{_forward("ff")}
        norm1.linear.weight 6W W | 9W W +
        norm1_context.linear.weight 6W W | 2W W +
        ?attn.to_add_out.weight W W +
        ?attn.norm_q.weight H
        ?attn.norm_k.weight H
        ?attn.norm_added_q.weight H
        ?attn.norm_added_k.weight H
        """,
    ),
    ("transformer_blocks.#.ff_context.", "net.0.proj.weight 4W W +\nnet.2.weight W 4W +"),
    (
        "transformer_blocks.#.attn2.",
        """
        to_q.weight W W +
        to_k.weight W W +
        to_v.weight W W +
        to_out.0.weight W W +
        ?norm_q.weight H
        ?norm_k.weight H
        """,
    ),
    (
        "",
        f"""{_layers(_TIME, inputs=_FREQUENCIES)}{_layers(_POOLED)}
        ?pos_embed.pos_embed 1 ~ W
        pos_embed.proj.weight W C ~ ~ +
        context_embedder.weight W X +
        norm_out.linear.weight 2W W +
        proj_out.weight ~ W +
        """,
    ),
)
QWEN_IMAGE: Groups = (
    (
        "transformer_blocks.#.",
        f"""{_JOINT}{_BOTH_EVENED}{_forward("img_mlp", "txt_mlp")}
        attn.to_add_out.weight W W +
        img_mod.1.weight 6W W +
        txt_mod.1.weight 6W W +
        """,
    ),
    (
        "",
        f"""{_layers(_TIME, inputs=_FREQUENCIES)}
        txt_norm.weight X
        img_in.weight W C +
        txt_in.weight W X +
        norm_out.linear.weight 2W W +
        proj_out.weight ~ W +
        """,
    ),
)
QWEN_IMAGE_21: Groups = (
    (
        "transformer_blocks.#.",
        f"""{_EVENED}
        attn.to_q.weight W W
        attn.to_k.weight W W
        attn.to_v.weight W W
        attn.to_out.0.weight W W
        img_mlp.proj.weight M W
        img_mlp.gate_layer.weight M W
        img_mlp.out.weight W M
        """,
    ),
    (
        "",
        f"""{_layers(_TIME, inputs=_FREQUENCIES, bias="")}
        txt_in.text_norm.weight X
        txt_in.in_layer.weight ~ X
        txt_in.out_layer.weight W ~
        img_in.weight W C
        modulation.1.weight 4W W
        norm_out.linear.weight ~ W
        proj_out.weight ~ W
        """,
    ),
)
_REFINED = """
{0}.to_q.weight Q W
{0}.to_k.weight K W
{0}.to_v.weight K W
{0}.to_out.0.weight W Q
{0}.norm_q.weight H
{0}.norm_k.weight H
feed_forward.{1}1.weight F W
feed_forward.{1}2.weight W F
feed_forward.{1}3.weight F W
ffn_norm1.weight W
ffn_norm2.weight W
"""
_OF_Z_IMAGE = f"{_REFINED.format('attention', 'w')}attention_norm1.weight W\nattention_norm2.weight W\n"
Z_IMAGE: Groups = (
    ("layers.#. noise_refiner.#.", f"{_OF_Z_IMAGE}adaLN_modulation.0.weight 4W A +"),
    ("context_refiner.#.", _OF_Z_IMAGE),
    (
        "",
        """
        x_pad_token 1 W
        cap_pad_token 1 W
        all_x_embedder.2-1.weight W C +
        all_final_layer.2-1.linear.weight C W +
        all_final_layer.2-1.adaLN_modulation.1.weight W A +
        t_embedder.mlp.0.weight M 256 +
        t_embedder.mlp.2.weight A M +
        cap_embedder.0.weight X
        cap_embedder.1.weight W X +
        """,
    ),
)
_OF_LUMINA2 = f"{_REFINED.format('attn', 'linear_')}norm2.weight W\n"
_CAPTIONS = "time_caption_embed"
LUMINA2: Groups = (
    ("layers.#. noise_refiner.#.", f"{_OF_LUMINA2}norm1.linear.weight 4W A +\nnorm1.norm.weight W"),
    ("context_refiner.#.", f"{_OF_LUMINA2}norm1.weight W"),
    (
        "",
        f"""
        x_embedder.weight W C +
        {_CAPTIONS}.timestep_embedder.linear_1.weight A 256 +
        {_CAPTIONS}.timestep_embedder.linear_2.weight A A +
        {_CAPTIONS}.caption_embedder.0.weight X
        {_CAPTIONS}.caption_embedder.1.weight W X +
        norm_out.linear_1.weight W A +
        norm_out.linear_2.weight C W +
        """,
    ),
)
_GATED = """
attn.to_q.weight {Q} {W}
attn.to_k.weight {K} {W}
attn.to_v.weight {K} {W}
attn.to_gate.weight {Q} {W}
attn.to_out.0.weight {W} {Q}
attn.norm_q.weight {H}
attn.norm_k.weight {H}
ff.gate.weight {F} {W}
ff.up.weight {F} {W}
ff.down.weight {W} {F}
norm1.weight {W}
norm2.weight {W}
"""
KREA2: Groups = (
    ("transformer_blocks.#.", f"{_GATED.format(W='W', Q='Q', K='K', H='H', F='F')}scale_shift_table 6 W"),
    (
        "text_fusion.layerwise_blocks.#. text_fusion.refiner_blocks.#.",
        _GATED.format(W="X", Q="R", K="S", H="I", F="G"),
    ),
    (
        "",
        f"""{_layers("time_embed")}{_layers("txt_in", inputs="X")}
        img_in.weight W C +
        time_mod_proj.weight 6W W +
        txt_in.norm.weight X
        text_fusion.projector.weight 1 ~
        final_layer.scale_shift_table 2 W
        final_layer.norm.weight W
        final_layer.linear.weight C W +
        """,
    ),
)
_BLOCKS_OF_SANA: tuple[str, str] = (
    "transformer_blocks.#.",
    """
    scale_shift_table 6 W
    attn1.to_q.weight W W
    attn1.to_k.weight W W
    attn1.to_v.weight W W
    attn1.to_out.0.weight W W +
    attn2.to_q.weight Q W +
    attn2.to_k.weight Q Y +
    attn2.to_v.weight Q Y +
    attn2.to_out.0.weight W Q +
    ff.conv_inverted.weight 2M W 1 1 +
    ff.conv_depth.weight 2M 1 3 3 +
    ff.conv_point.weight W M 1 1
    ?attn1.norm_q.weight W
    ?attn1.norm_k.weight W
    ?attn2.norm_q.weight Q
    ?attn2.norm_k.weight Q
    """,
)
_AROUND_SANA = f"""{_layers("caption_projection", inputs="X")}
scale_shift_table 2 W
patch_embed.proj.weight W C ~ ~ +
time_embed.linear.weight 6W W +
caption_norm.weight W
proj_out.weight ~ W +
"""
SANA: Groups = (
    _BLOCKS_OF_SANA,
    ("", f"{_AROUND_SANA}{_layers('time_embed.emb.timestep_embedder', inputs=_FREQUENCIES)}"),
)
_MOMENT, _GUIDANCE = "time_embed.timestep_embedder", "time_embed.guidance_embedder"
SANA_GUIDED: Groups = (
    _BLOCKS_OF_SANA,
    ("", f"{_AROUND_SANA}{_layers(_MOMENT, inputs=_FREQUENCIES)}{_layers(_GUIDANCE, inputs=_FREQUENCIES)}"),
)
"""The same where guidance is an input, as in Sprint: what is told of the moment has another name there."""
