"""FLUX.2 klein, 4B and 9B, base and distilled, which no tensor tells apart."""

from __future__ import annotations

import torch

from promptlang.tables.models import encoders
from promptlang_runtime.families.rebuilt.flux_shapes import sizes_of
from promptlang_runtime.models import libraries
from promptlang_runtime.models.layouts import below, building
from promptlang_runtime.models.parts import FileLayout
from promptlang_runtime.models.pipelines import Denoiser, Pipeline, Tensors, Vae
from promptlang_runtime.rebuilding.checkpoint import vae_of as published_vae
from promptlang_runtime.rebuilding.published import published
from promptlang_runtime.rebuilding.readers import language_model_of
from promptlang_runtime.rebuilding.transformer import (
    DENOISER,
    VAE,
    as_diffusers,
    check_whole,
    flow_levels,
    transformer_of,
)

TEXT = "text_encoder."
LAYOUT = FileLayout(
    denoiser=DENOISER,
    vae=VAE,
    encoders={TEXT: encoders.QWEN_3},
    tokenizers={"tokenizer": TEXT},
    chat=published("qwen3").text("chat"),
)
OWN = published("flux2")
KIND = "Flux2Transformer2DModel"
INPUT = "x_embedder.weight"
GUIDANCE = "time_guidance_embed.guidance_embedder.linear_1.weight"
INSIDE = {"encoder.quant_conv.": "quant_conv.", "decoder.post_quant_conv.": "post_quant_conv."}
SEEN = "bn.num_batches_tracked"  # of training, which not every file keeps


def from_tensors(tensors: Tensors, *, variant: str) -> Pipeline:
    """The pipeline of a whole checkpoint."""
    check_whole(tensors, LAYOUT)
    return libraries.pipeline(
        "Flux2KleinPipeline",
        scheduler=flow_levels(OWN.record("scheduler")),
        vae=vae_of(tensors),
        text_encoder=language_model_of(below(tensors, TEXT), "qwen3", deepest=OWN.whole("deepest_layer") or 0),
        tokenizer=None,
        transformer=_denoiser(as_diffusers(KIND, below(tensors, DENOISER), INPUT)),
        is_distilled="distilled" in variant,
    )


def vae_of(tensors: Tensors) -> Vae:
    """The VAE of a checkpoint, or of a file that holds nothing else."""
    own = below(tensors, VAE) or dict(tensors)
    for inside, outside in INSIDE.items():
        own |= {outside + name: value for name, value in below(own, inside).items()}
    counts = {SEEN: torch.tensor(0), **own}
    return published_vae(counts, OWN.record("vae"), prefix=VAE, kind="AutoencoderKLFlux2")


@building("denoiser")
def _denoiser(own: Tensors) -> Denoiser:
    config = OWN.record("transformer")
    sizes = {
        **sizes_of(own, config),
        "timestep_guidance_channels": own["time_guidance_embed.timestep_embedder.linear_1.weight"].shape[1],
        "mlp_ratio": own["transformer_blocks.0.ff.linear_out.weight"].shape[1] / own[INPUT].shape[0],
        "guidance_embeds": GUIDANCE in own,
    }
    return transformer_of(KIND, own, **{**config, **sizes})
