"""Single-file Stable Diffusion XL checkpoints, those that predict velocity among them."""

from __future__ import annotations

from functools import partial

from promptlang.models.files import ZERO_SNR_MARK
from promptlang.models.folders import ZERO_SNR
from promptlang.tables.models import encoders
from promptlang.tables.models.family import V_PREDICTION
from promptlang.tables.models.unet_files import TEXT_PARTS
from promptlang_runtime.models import libraries
from promptlang_runtime.models.layouts import building, read_below
from promptlang_runtime.models.parts import FileLayout
from promptlang_runtime.models.pipelines import Denoiser, Pipeline, Scheduler, Tensors, Vae
from promptlang_runtime.rebuilding.checkpoint import (
    UNET,
    VAE,
    check_parts,
    clip_of,
    clip_with_projection,
    noise_levels,
    unet_of,
)
from promptlang_runtime.rebuilding.checkpoint import vae_of as published_vae

TEXT, TEXT_2 = (each.begin for each in TEXT_PARTS["sdxl"])
LAYOUT = FileLayout(denoiser=UNET, vae=VAE, encoders={TEXT: encoders.CLIP_L, TEXT_2: encoders.OPEN_CLIP_G})
SCALING = 0.13025
SIZE_IDS = 6  # numbers about the size of the picture that the denoiser is told


def from_tensors(tensors: Tensors, *, variant: str) -> Pipeline:
    """The pipeline of a whole checkpoint; raises RenderError where a part is missing or of another shape."""
    check_parts(
        tensors, {UNET: "denoiser", VAE: "VAE", TEXT: "text encoder CLIP ViT-L", TEXT_2: "text encoder OpenCLIP bigG"}
    )
    second = read_below(partial(clip_with_projection, act="gelu"), tensors, TEXT_2)
    return libraries.pipeline(
        "StableDiffusionXLPipeline",
        vae=vae_of(tensors),
        text_encoder=read_below(clip_of, tensors, TEXT),
        text_encoder_2=second,
        tokenizer=None,
        tokenizer_2=None,
        unet=told_unet_of(tensors, second.text_projection.out_features, SIZE_IDS),
        scheduler=_scheduler(V_PREDICTION in variant, zero_snr=ZERO_SNR_MARK in tensors),
        force_zeros_for_empty_prompt=True,
        add_watermarker=False,
    )


@building("denoiser")
def told_unet_of(tensors: Tensors, pooled: int, numbers: int) -> Denoiser:
    """The denoiser, which is told a summary of that width and so many numbers about the picture."""
    taken = tensors[f"{UNET}label_emb.0.0.weight"].shape[1]
    return unet_of(
        tensors,
        heads=None,
        sample_size=128,
        addition_embed_type="text_time",
        addition_time_embed_dim=(taken - pooled) // numbers,
        projection_class_embeddings_input_dim=taken,
    )


def vae_of(tensors: Tensors) -> Vae:
    """The VAE of a checkpoint, or of a file that holds nothing else."""
    return published_vae(tensors, {"scaling_factor": SCALING})


def _scheduler(velocity: bool, *, zero_snr: bool) -> Scheduler:
    """As published; noise that ends at zero signal is spaced from its end, as its paper has it."""
    zero = {ZERO_SNR: True, "timestep_spacing": "trailing"}
    return noise_levels(
        velocity=velocity, kind="EulerDiscreteScheduler", **(zero if zero_snr else {"timestep_spacing": "leading"})
    )
