"""Stable Diffusion 3 and 3.5; their checkpoints may lack T5, and are drawn without it then."""

from __future__ import annotations

from functools import partial
from math import isqrt

from promptlang.tables.models import encoders
from promptlang_runtime.models import libraries
from promptlang_runtime.models.layouts import below, blocks, building, read_below
from promptlang_runtime.models.parts import FileLayout
from promptlang_runtime.models.pipelines import Denoiser, Pipeline, Tensors, Vae
from promptlang_runtime.rebuilding.checkpoint import clip_with_projection
from promptlang_runtime.rebuilding.checkpoint import vae_of as published_vae
from promptlang_runtime.rebuilding.published import published
from promptlang_runtime.rebuilding.readers import t5_of
from promptlang_runtime.rebuilding.transformer import (
    DENOISER,
    VAE,
    as_diffusers,
    check_whole,
    flow_levels,
    transformer_of,
)

TEXT, TEXT_2, TEXT_3 = "text_encoder.", "text_encoder_2.", "text_encoder_3."
LAYOUT = FileLayout(
    denoiser=DENOISER,
    vae=VAE,
    encoders={TEXT: encoders.CLIP_L, TEXT_2: encoders.OPEN_CLIP_G, TEXT_3: encoders.T5_XXL},
    tokenizers={"tokenizer_3": TEXT_3},
    spared=frozenset({TEXT_3}),
)
OWN = published("sd3")
KIND = "SD3Transformer2DModel"
PLACES = "pos_embed.pos_embed"
HEAD = 64
PATCH = 4  # latents that the denoiser takes as one


def from_tensors(tensors: Tensors, *, variant: str) -> Pipeline:
    """The pipeline of a whole checkpoint."""
    del variant
    check_whole(tensors, LAYOUT)
    has_third = bool(below(tensors, TEXT_3))
    return libraries.pipeline(
        "StableDiffusion3Pipeline",
        scheduler=flow_levels(OWN.record("scheduler")),
        vae=vae_of(tensors),
        text_encoder=read_below(partial(clip_with_projection, act="quick_gelu"), tensors, TEXT),
        tokenizer=None,
        text_encoder_2=read_below(partial(clip_with_projection, act="gelu"), tensors, TEXT_2),
        tokenizer_2=None,
        text_encoder_3=read_below(t5_of, tensors, TEXT_3) if has_third else None,
        tokenizer_3=None,
        transformer=_denoiser(as_diffusers(KIND, below(tensors, DENOISER), PLACES)),
    )


def vae_of(tensors: Tensors) -> Vae:
    """The VAE of a checkpoint, or of a file that holds nothing else."""
    return published_vae(tensors, OWN.record("vae"), prefix=VAE)


@building("denoiser")
def _denoiser(own: Tensors) -> Denoiser:
    layers = range(blocks(own, "transformer_blocks."))
    width, channels = own["pos_embed.proj.weight"].shape[:2]
    sizes = {
        "in_channels": channels,
        "out_channels": own["proj_out.weight"].shape[0] // PATCH,
        "num_layers": len(layers),
        "attention_head_dim": HEAD,
        "num_attention_heads": width // HEAD,
        "joint_attention_dim": own["context_embedder.weight"].shape[1],
        "caption_projection_dim": own["context_embedder.weight"].shape[0],
        "pooled_projection_dim": own["time_text_embed.text_embedder.linear_1.weight"].shape[1],
        "pos_embed_max_size": isqrt(own[PLACES].shape[-2]),
        "dual_attention_layers": tuple(n for n in layers if f"transformer_blocks.{n}.attn2.to_q.weight" in own),
        "qk_norm": "rms_norm" if "transformer_blocks.0.attn.norm_q.weight" in own else None,
    }
    return transformer_of(KIND, own, **{**OWN.record("transformer"), **sizes})
