"""Single-file Stable Diffusion 2 checkpoints."""

from __future__ import annotations

from promptlang.tables.models import encoders
from promptlang.tables.models.family import V_PREDICTION
from promptlang.tables.models.unet_files import TEXT_PARTS
from promptlang_runtime.models import libraries
from promptlang_runtime.models.layouts import below
from promptlang_runtime.models.parts import FileLayout
from promptlang_runtime.models.pipelines import Pipeline, Tensors, Vae
from promptlang_runtime.rebuilding.checkpoint import (
    UNET,
    VAE,
    check_parts,
    noise_levels,
    open_clip_of,
    unet_of,
)
from promptlang_runtime.rebuilding.checkpoint import vae_of as published_vae

(OWN,) = TEXT_PARTS["sd2"]
TEXT = OWN.begin
LAYOUT = FileLayout(denoiser=UNET, vae=VAE, encoders={TEXT: encoders.OPEN_CLIP_H})
SCALING = 0.18215

# No shape tells models that predict velocity from those that predict noise. ComfyUI tells them by this weight, which
# spreads wider than that in all of the former (`comfy/supported_models.py`, SD20).
TELLING = "output_blocks.11.1.transformer_blocks.0.norm1.bias"
NOISE_SPREAD = 0.09


def from_tensors(tensors: Tensors, *, variant: str) -> Pipeline:
    """The pipeline of a whole checkpoint; raises RenderError where a part is missing or of another shape."""
    check_parts(tensors, {UNET: "denoiser", VAE: "VAE", TEXT: "text encoder"})
    velocity = predicts_velocity(tensors, variant)
    return libraries.pipeline(
        "StableDiffusionPipeline",
        vae=vae_of(tensors),
        text_encoder=open_clip_of(below(tensors, TEXT), layers=OWN.layers),
        tokenizer=None,
        unet=unet_of(tensors, heads=None, sample_size=96),
        scheduler=noise_levels(velocity=velocity, clip_sample=False, set_alpha_to_one=False),
        safety_checker=None,
        feature_extractor=None,
        requires_safety_checker=False,
    )


def predicts_velocity(tensors: Tensors, variant: str) -> bool:
    """Whether a checkpoint predicts velocity: its variant says so, or the weight that tells."""
    telling = tensors.get(UNET + TELLING)
    return V_PREDICTION in variant or (telling is not None and float(telling.float().std()) > NOISE_SPREAD)


def vae_of(tensors: Tensors) -> Vae:
    """The VAE of a checkpoint, or of a file that holds nothing else."""
    return published_vae(tensors, {"scaling_factor": SCALING})
