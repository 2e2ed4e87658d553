"""Z-Image, base and Turbo, which no tensor tells apart."""

from __future__ import annotations

from promptlang.tables.models import encoders
from promptlang_runtime.models import libraries
from promptlang_runtime.models.layouts import below, blocks, building
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
    turned,
)

TEXT = "text_encoder."
OWN = published("z-image")
LAYOUT = FileLayout(
    denoiser=DENOISER,
    vae=VAE,
    encoders={TEXT: encoders.QWEN_3},
    tokenizers={"tokenizer": TEXT},
    chat=published("qwen3").text("chat"),
)
KIND = "ZImageTransformer2DModel"
INPUT = "all_x_embedder.2-1.weight"
PATCH = 4  # latents that the denoiser takes as one


def from_tensors(tensors: Tensors, *, variant: str) -> Pipeline:
    """The pipeline of a whole checkpoint."""
    check_whole(tensors, LAYOUT)
    return libraries.pipeline(
        "ZImagePipeline",
        scheduler=flow_levels(OWN.record("scheduler").record("turbo" if "turbo" in variant else "base")),
        vae=vae_of(tensors),
        text_encoder=language_model_of(below(tensors, TEXT), "qwen3"),
        tokenizer=None,
        transformer=_denoiser(as_diffusers(KIND, below(tensors, DENOISER), INPUT)),
    )


def vae_of(tensors: Tensors) -> Vae:
    """The VAE of a checkpoint, or of a file that holds nothing else."""
    return published_vae(tensors, OWN.record("vae"), prefix=VAE)


@building("denoiser")
def _denoiser(own: Tensors) -> Denoiser:
    config = OWN.record("transformer")
    width, inputs = own[INPUT].shape
    head = own["layers.0.attention.norm_q.weight"].shape[0]
    sizes = {
        "in_channels": inputs // PATCH,
        "dim": width,
        "n_layers": blocks(own, "layers."),
        "n_refiner_layers": blocks(own, "noise_refiner."),
        "n_heads": own["layers.0.attention.to_q.weight"].shape[0] // head,
        "n_kv_heads": own["layers.0.attention.to_k.weight"].shape[0] // head,
        "cap_feat_dim": own["cap_embedder.1.weight"].shape[1],
        "axes_dims": turned(config.counts("axes_dims"), head),
    }
    return transformer_of(KIND, own, **{**config, **sizes})
