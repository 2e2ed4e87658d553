"""Qwen-Image, whose files name their tensors as diffusers does."""

from __future__ import annotations

from promptlang.tables.models import encoders
from promptlang_runtime.models import libraries
from promptlang_runtime.models.layouts import below, blocks, building
from promptlang_runtime.models.parts import FileLayout
from promptlang_runtime.models.pipelines import Denoiser, Pipeline, Tensors
from promptlang_runtime.rebuilding.published import published
from promptlang_runtime.rebuilding.readers import language_model_of
from promptlang_runtime.rebuilding.transformer import DENOISER, VAE, check_whole, flow_levels, transformer_of, turned
from promptlang_runtime.rebuilding.vaes import film_vae_of

TEXT = "text_encoder."
LAYOUT = FileLayout(denoiser=DENOISER, vae=VAE, encoders={TEXT: encoders.QWEN_25_VL}, tokenizers={"tokenizer": TEXT})
OWN = published("qwen-image")
PATCH = 4  # latents that the denoiser takes as one


def from_tensors(tensors: Tensors, *, variant: str) -> Pipeline:
    """The pipeline of a whole checkpoint."""
    del variant
    check_whole(tensors, LAYOUT)
    return libraries.pipeline(
        "QwenImagePipeline",
        scheduler=flow_levels(OWN.record("scheduler")),
        vae=film_vae_of(tensors),
        text_encoder=language_model_of(below(tensors, TEXT), "qwen2.5-vl"),
        tokenizer=None,
        transformer=_denoiser(below(tensors, DENOISER)),
    )


@building("denoiser")
def _denoiser(own: Tensors) -> Denoiser:
    config = OWN.record("transformer")
    width, inputs = own["img_in.weight"].shape
    head = own["transformer_blocks.0.attn.norm_q.weight"].shape[0]
    sizes = {
        "in_channels": inputs,
        "out_channels": own["proj_out.weight"].shape[0] // PATCH,
        "num_layers": blocks(own, "transformer_blocks."),
        "attention_head_dim": head,
        "num_attention_heads": width // head,
        "joint_attention_dim": own["txt_in.weight"].shape[1],
        "axes_dims_rope": turned(config.counts("axes_dims_rope"), head),
    }
    return transformer_of("QwenImageTransformer2DModel", own, **{**config, **sizes})
