"""Single-file refiners of Stable Diffusion XL."""

from __future__ import annotations

from promptlang.tables.models import encoders
from promptlang_runtime.families.sdxl.checkpoint import told_unet_of
from promptlang_runtime.models import libraries
from promptlang_runtime.models.layouts import below
from promptlang_runtime.models.parts import FileLayout
from promptlang_runtime.models.pipelines import Pipeline, Tensors
from promptlang_runtime.rebuilding.checkpoint import UNET, VAE, check_parts, clip_with_projection, noise_levels

TEXT = "conditioner.embedders.0.model."
LAYOUT = FileLayout(denoiser=UNET, vae=VAE, encoders={TEXT: encoders.OPEN_CLIP_G})
IDS = 5  # numbers that the denoiser is told: four about the size of the picture, and its aesthetic score


def from_tensors(tensors: Tensors, *, variant: str) -> Pipeline:
    """The pipeline of a whole checkpoint; raises RenderError where a part is missing or of another shape."""
    del variant  # there is one
    check_parts(tensors, {UNET: "denoiser", TEXT: "text encoder OpenCLIP bigG"})
    encoder = clip_with_projection(below(tensors, TEXT), act="gelu")
    return libraries.pipeline(
        "StableDiffusionXLImg2ImgPipeline",
        vae=None,  # that of the model which begins the pictures
        text_encoder=None,
        text_encoder_2=encoder,
        tokenizer=None,
        tokenizer_2=None,
        unet=told_unet_of(tensors, encoder.text_projection.out_features, IDS),
        scheduler=noise_levels(velocity=False, kind="EulerDiscreteScheduler", timestep_spacing="leading"),
        requires_aesthetics_score=True,
        force_zeros_for_empty_prompt=False,
        add_watermarker=False,
    )
