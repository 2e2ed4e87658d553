"""Single-file Stable Diffusion 1 checkpoints."""

from __future__ import annotations

from promptlang.tables.models import encoders
from promptlang.tables.models.family import V_PREDICTION
from promptlang.tables.models.unet_files import TEXT_PARTS
from promptlang_runtime.models import libraries
from promptlang_runtime.models.layouts import below
from promptlang_runtime.models.parts import FileLayout
from promptlang_runtime.models.pipelines import Pipeline, Tensors, Vae
from promptlang_runtime.rebuilding.checkpoint import UNET, VAE, check_parts, clip_of, noise_levels, unet_of
from promptlang_runtime.rebuilding.checkpoint import vae_of as published_vae

(TEXT,) = (each.begin for each in TEXT_PARTS["sd1"])
LAYOUT = FileLayout(denoiser=UNET, vae=VAE, encoders={TEXT: encoders.CLIP_L})
HEADS = 8  # of the denoiser, at any width
SCALING = 0.18215


def from_tensors(tensors: Tensors, *, variant: str) -> Pipeline:
    """The pipeline of a whole checkpoint; raises RenderError where a part is missing or of another shape."""
    check_parts(tensors, {UNET: "denoiser", VAE: "VAE", TEXT: "text encoder"})
    return libraries.pipeline(
        "StableDiffusionPipeline",
        vae=vae_of(tensors),
        text_encoder=clip_of(below(tensors, TEXT)),
        tokenizer=None,
        unet=unet_of(tensors, heads=HEADS, sample_size=64),
        scheduler=noise_levels(velocity=V_PREDICTION in variant, clip_sample=False, set_alpha_to_one=False),
        safety_checker=None,
        feature_extractor=None,
        requires_safety_checker=False,
    )


def vae_of(tensors: Tensors) -> Vae:
    """The VAE of a checkpoint, or of a file that holds nothing else."""
    return published_vae(tensors, {"scaling_factor": SCALING})
