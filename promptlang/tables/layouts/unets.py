"""UNets and their ControlNets, as diffusers calls their tensors, and as they were first published."""

from __future__ import annotations

from promptlang.tables.layouts.row import Groups

_TRANSFORMER = """
norm1.weight n +
attn1.to_q.weight n n
attn1.to_k.weight n n
attn1.to_v.weight n n
attn1.to_out.0.weight n n +
norm2.weight n +
attn2.to_q.weight n n
attn2.to_k.weight n X
attn2.to_v.weight n X
attn2.to_out.0.weight n n +
norm3.weight n +
ff.net.0.proj.weight 8n n +
ff.net.2.weight n 4n +
"""
_ATTENTION = """
norm.weight c +
proj_in.weight n c | n c 1 1 +
proj_out.weight c n | c n 1 1 +
"""
_RESIDUAL = """
norm1.weight i +
conv1.weight o i 3 3 +
time_emb_proj.weight o T +
norm2.weight o +
conv2.weight o o 3 3 +
!conv_shortcut.weight o i 1 1 +
"""
_FIRST_RESIDUAL = """
in_layers.0.weight i +
in_layers.2.weight o i 3 3 +
emb_layers.1.weight o T +
out_layers.0.weight o +
out_layers.3.weight o o 3 3 +
!skip_connection.weight o i 1 1 +
"""
_SAME = "weight c c 3 3 +"
_TWO_LAYERS = """
linear_1.weight T ~ +
linear_2.weight T T +
"""
_DOWN_AND_MIDDLE: Groups = (
    ("down_blocks.#.attentions.#.transformer_blocks.#. mid_block.attentions.#.transformer_blocks.#.", _TRANSFORMER),
    ("down_blocks.#.attentions.#. mid_block.attentions.#.", _ATTENTION),
    ("down_blocks.#.resnets.#. mid_block.resnets.#.", _RESIDUAL),
    ("down_blocks.#.downsamplers.#.conv.", _SAME),
    ("add_embedding.", _TWO_LAYERS),
    ("", "conv_in.weight B C ~ ~ +\ntime_embedding.linear_1.weight T ~ +\ntime_embedding.linear_2.weight T T +"),
)
UNET: Groups = (
    *_DOWN_AND_MIDDLE,
    ("up_blocks.#.attentions.#.transformer_blocks.#.", _TRANSFORMER),
    ("up_blocks.#.attentions.#.", _ATTENTION),
    ("up_blocks.#.resnets.#.", _RESIDUAL),
    ("up_blocks.#.upsamplers.#.conv.", _SAME),
    ("", "conv_norm_out.weight B +\nconv_out.weight ~ B ~ ~ +"),
)
CONTROL: Groups = (
    *_DOWN_AND_MIDDLE,
    ("controlnet_down_blocks.#. controlnet_mid_block.", "weight c c 1 1 +"),
    ("controlnet_cond_embedding.blocks.#.", "weight ~ ~ 3 3 +"),
    ("", "controlnet_cond_embedding.conv_in.weight ~ ~ 3 3 +\ncontrolnet_cond_embedding.conv_out.weight B ~ 3 3 +"),
)
_FIRST_DOWN_AND_MIDDLE: Groups = (
    ("input_blocks.#.1.transformer_blocks.#. middle_block.1.transformer_blocks.#.", _TRANSFORMER),
    ("input_blocks.#.1. middle_block.1.", _ATTENTION),
    ("input_blocks.#.0. middle_block.0. middle_block.2.", _FIRST_RESIDUAL),
    ("input_blocks.#.0.op.", _SAME),
    ("label_emb.0.", "0.weight T ~ +\n2.weight T T +"),
    ("", "input_blocks.0.0.weight B C 3 3 +\ntime_embed.0.weight T B +\ntime_embed.2.weight T T +"),
)
FIRST_UNET: Groups = (
    *_FIRST_DOWN_AND_MIDDLE,
    ("output_blocks.#.1.transformer_blocks.#.", _TRANSFORMER),
    ("output_blocks.#.1.", _ATTENTION),
    ("output_blocks.#.0.", _FIRST_RESIDUAL),
    ("output_blocks.#.1.conv. output_blocks.#.2.conv.", _SAME),
    ("", "out.0.weight B +\nout.2.weight ~ B 3 3 +"),
)
FIRST_CONTROL: Groups = (
    *_FIRST_DOWN_AND_MIDDLE,
    ("zero_convs.#.0. middle_block_out.0.", "weight c c 1 1 +"),
    ("input_hint_block.*.", "weight ~ ~ 3 3 +"),
)
