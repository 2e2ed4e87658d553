"""VAEs, as diffusers calls their tensors, and as they were first published."""

from __future__ import annotations

from promptlang.tables.layouts.row import Groups


def _both(*ends: str) -> str:
    return " ".join(f"{side}.{each}" for each in ends for side in ("encoder", "decoder"))


_RESIDUAL = """
norm1.weight i +
conv1.weight o i 3 3 +
norm2.weight o +
conv2.weight o o 3 3 +
!conv_shortcut.weight/nin_shortcut.weight o i 1 1 +
"""
_ATTENTION = """
group_norm.weight c +
to_q.weight/query.weight c c | c c 1 1 +
to_k.weight/key.weight c c | c c 1 1 +
to_v.weight/value.weight c c | c c 1 1 +
to_out.0.weight/proj_attn.weight c c | c c 1 1 +
"""
_FIRST_ATTENTION = """
norm.weight c +
q.weight c c | c c 1 1 +
k.weight c c | c c 1 1 +
v.weight c c | c c 1 1 +
proj_out.weight c c | c c 1 1 +
"""
_SAME = "weight c c 3 3 +"
_AROUND: Groups = (
    ("quant_conv. encoder.quant_conv.", "weight 2L 2L 1 1 +"),
    ("post_quant_conv. decoder.post_quant_conv.", "weight L L 1 1 +"),
    ("bn.", "running_mean 4L\nrunning_var 4L"),
    ("", "encoder.conv_in.weight ~ ~ 3 3 +\nencoder.conv_out.weight 2L E 3 3 +"),
    ("", "decoder.conv_in.weight ~ L 3 3 +\ndecoder.conv_out.weight ~ D 3 3 +"),
)
KL: Groups = (
    *_AROUND,
    (f"encoder.down_blocks.#.resnets.#. decoder.up_blocks.#.resnets.#. {_both('mid_block.resnets.#.')}", _RESIDUAL),
    (_both("mid_block.attentions.#."), _ATTENTION),
    ("encoder.down_blocks.#.downsamplers.#.conv. decoder.up_blocks.#.upsamplers.#.conv.", _SAME),
    ("", "encoder.conv_norm_out.weight E +\ndecoder.conv_norm_out.weight D +"),
)
FIRST_KL: Groups = (
    *_AROUND,
    (f"encoder.down.#.block.#. decoder.up.#.block.#. {_both('mid.block_1.', 'mid.block_2.')}", _RESIDUAL),
    (_both("mid.attn_1."), _FIRST_ATTENTION),
    ("encoder.down.#.downsample.conv. decoder.up.#.upsample.conv.", _SAME),
    ("", "encoder.norm_out.weight E +\ndecoder.norm_out.weight D +"),
)
_FILM_RESIDUAL = """
norm1.gamma i 1 1 1
conv1.weight o i 3 3 3 +
norm2.gamma o 1 1 1
conv2.weight o o 3 3 3 +
!conv_shortcut.weight o i 1 1 1 +
"""
_FILM_ATTENTION = """
norm.gamma c 1 1
to_qkv.weight 3c c 1 1 +
proj.weight c c 1 1 +
"""
FILM: Groups = (
    (f"encoder.down_blocks.*. decoder.up_blocks.#.resnets.#. {_both('mid_block.resnets.#.')}", _FILM_RESIDUAL),
    (_both("mid_block.attentions.#."), _FILM_ATTENTION),
    ("encoder.down_blocks.#.resample. decoder.up_blocks.#.upsamplers.#.resample.", "1.weight ~ ~ 3 3 +"),
    ("encoder.down_blocks.#.time_conv. decoder.up_blocks.#.upsamplers.#.time_conv.", "weight ~ ~ 3 1 1 +"),
    (
        "",
        """
        encoder.conv_in.weight ~ ~ 3 3 3 +
        encoder.norm_out.gamma E 1 1 1
        encoder.conv_out.weight 2L E 3 3 3 +
        quant_conv.weight 2L 2L 1 1 1 +
        post_quant_conv.weight L L 1 1 1 +
        decoder.conv_in.weight ~ L 3 3 3 +
        decoder.norm_out.gamma D 1 1 1
        decoder.conv_out.weight ~ D 3 3 3 +
        """,
    ),
)
FILM_21: Groups = (
    (
        f"encoder.down_blocks.#.resnets.#. decoder.up_blocks.#.resnets.#. {_both('mid_block.resnets.#.')}",
        """
        norm1.gamma i 1 1 1
        conv1.weight o i 3 3 +
        norm2.gamma o 1 1 1
        conv2.weight o o 3 3 +
        !conv_shortcut.weight o i 1 1 +
        """,
    ),
    (_both("mid_block.attentions.#."), _FILM_ATTENTION),
    ("encoder.down_blocks.#.downsampler.resample. decoder.up_blocks.#.upsampler.resample.", "1.weight ~ ~ 3 3 +"),
    ("encoder.down_blocks.#.downsampler.time_conv. decoder.up_blocks.#.upsampler.time_conv.", "weight ~ ~ 1 1 +"),
    (
        "",
        """
        encoder.conv_in.weight ~ ~ 3 3 +
        encoder.norm_out.gamma E 1 1 1
        encoder.conv_out.weight 2L E 3 3 +
        quant_conv.weight 2L 2L 1 1 +
        post_quant_conv.weight L L 1 1 +
        decoder.conv_in.weight ~ L 3 3 +
        decoder.norm_out.gamma D 1 1 1
        decoder.conv_out.weight ~ D 3 3 +
        """,
    ),
)
FIRST_FILM: Groups = (
    (
        f"encoder.downsamples.#.residual. decoder.upsamples.#.residual. {_both('middle.#.residual.')}",
        "0.gamma i 1 1 1\n2.weight o i 3 3 3 +\n3.gamma o 1 1 1\n6.weight o o 3 3 3 +",
    ),
    ("encoder.downsamples.#.shortcut. decoder.upsamples.#.shortcut.", "weight ~ ~ 1 1 1 +"),
    (_both("middle.*."), _FILM_ATTENTION),
    ("encoder.downsamples.#.resample. decoder.upsamples.#.resample.", "1.weight ~ ~ 3 3 +"),
    ("encoder.downsamples.#.time_conv. decoder.upsamples.#.time_conv.", "weight ~ ~ 3 1 1 +"),
    (
        "",
        """
        encoder.conv1.weight ~ ~ 3 3 3 +
        encoder.head.0.gamma E 1 1 1
        encoder.head.2.weight 2L E 3 3 3 +
        conv1.weight 2L 2L 1 1 1 +
        conv2.weight L L 1 1 1 +
        decoder.conv1.weight ~ L 3 3 3 +
        decoder.head.0.gamma D 1 1 1
        decoder.head.2.weight ~ D 3 3 3 +
        """,
    ),
)
_DEEP = ("encoder.down_blocks.#.#.", "decoder.up_blocks.#.#.")


def _deep(end: str = "") -> str:
    return " ".join(f"{each}{end}" for each in _DEEP)


DEEP: Groups = (
    (_deep(), "conv1.weight o i 3 3 +\nconv2.weight o o 3 3\nnorm.weight o +"),
    (_deep("conv."), "weight ~ ~ 3 3 +"),
    (
        _deep("attn."),
        """
        to_q.weight a c
        to_k.weight a c
        to_v.weight a c
        to_out.weight c ~
        norm_out.weight c +
        """,
    ),
    (_deep("attn.to_qkv_multiscale.#."), "proj_in.weight b 1 ~ ~\nproj_out.weight b ~ 1 1"),
    (
        _deep("conv_out."),
        """
        conv_inverted.weight 2m c 1 1 +
        conv_depth.weight 2m 1 3 3 +
        conv_point.weight c m 1 1
        norm.weight c +
        """,
    ),
    (
        "",
        """
        encoder.conv_in.weight ~ ~ 3 3 +
        encoder.conv_out.weight L ~ 3 3 +
        decoder.conv_in.weight ~ L 3 3 +
        decoder.norm_out.weight D +
        decoder.conv_out.weight ~ D 3 3 +
        """,
    ),
)
