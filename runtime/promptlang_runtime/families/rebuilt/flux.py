"""FLUX.1 dev and schnell, which the input for guidance tells apart."""

from __future__ import annotations

from promptlang.tables.models import encoders
from promptlang_runtime.families.rebuilt.flux_names import as_diffusers
from promptlang_runtime.families.rebuilt.flux_shapes import sizes_of
from promptlang_runtime.models import libraries
from promptlang_runtime.models.layouts import below, building, read_below
from promptlang_runtime.models.parts import FileLayout
from promptlang_runtime.models.pipelines import Denoiser, Pipeline, Tensors, Vae
from promptlang_runtime.rebuilding.checkpoint import clip_of
from promptlang_runtime.rebuilding.checkpoint import vae_of as published_vae
from promptlang_runtime.rebuilding.published import published
from promptlang_runtime.rebuilding.readers import t5_of
from promptlang_runtime.rebuilding.transformer import DENOISER, VAE, check_whole, flow_levels, transformer_of

TEXT, TEXT_2 = "text_encoder.", "text_encoder_2."
LAYOUT = FileLayout(
    denoiser=DENOISER,
    vae=VAE,
    encoders={TEXT: encoders.CLIP_L_POOLED, TEXT_2: encoders.T5_XXL},
    tokenizers={"tokenizer_2": TEXT_2},
)
OWN = published("flux")
GUIDANCE = "time_text_embed.guidance_embedder.linear_1.weight"


def from_tensors(tensors: Tensors, *, variant: str) -> Pipeline:
    """The pipeline of a whole checkpoint."""
    del variant
    check_whole(tensors, LAYOUT)
    own = as_diffusers(below(tensors, DENOISER))
    return libraries.pipeline(
        "FluxPipeline",
        scheduler=flow_levels(OWN.record("scheduler").record("dev" if GUIDANCE in own else "schnell")),
        vae=vae_of(tensors),
        text_encoder=read_below(clip_of, tensors, TEXT),
        tokenizer=None,
        text_encoder_2=read_below(t5_of, tensors, TEXT_2),
        tokenizer_2=None,
        transformer=_denoiser(own),
    )


def vae_of(tensors: Tensors) -> Vae:
    """The VAE of a checkpoint, or of a file that holds nothing else."""
    return published_vae(tensors, OWN.record("vae"), prefix=VAE)


@building("denoiser")
def _denoiser(own: Tensors) -> Denoiser:
    config = OWN.record("transformer")
    sizes = {
        **sizes_of(own, config),
        "pooled_projection_dim": own["time_text_embed.text_embedder.linear_1.weight"].shape[1],
        "guidance_embeds": GUIDANCE in own,
    }
    return transformer_of("FluxTransformer2DModel", own, **{**config, **sizes})
