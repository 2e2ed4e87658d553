"""What is drawn a second time: the latents of the first pass, or the pictures they decode to, enlarged."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import torch
from PIL import Image
from torch import Tensor
from torch.nn.functional import interpolate

from promptlang.plans.enlarging import drawn_size, upscaler_of
from promptlang.plans.plan import Plan
from promptlang_runtime.drawing.pipelines import StableDiffusion
from promptlang_runtime.models.decoding import decoded

Enlarged = Tensor | Sequence[Image.Image]
"""Latents, or pictures: the pipelines that start from one take either."""

_OF_PIXELS: Mapping[str, Image.Resampling] = {
    "lanczos": Image.Resampling.LANCZOS,
    "nearest": Image.Resampling.NEAREST,
}


def enlarged(pipeline: StableDiffusion, plan: Plan, latents: Tensor) -> Enlarged:
    """The latents of a batch in the size that the plan draws a second time."""
    row, size = upscaler_of(plan), drawn_size(plan)
    if row.of == "pixels":
        return [each.resize(size, _OF_PIXELS[row.method]) for each in pictures_of(pipeline, latents)]
    width, height = size
    scale = plan.size[0] // latents.shape[-1]
    return interpolate(latents, (height // scale, width // scale), mode=row.method, antialias=row.antialiased)


@torch.no_grad()
def latents_of(pipeline: StableDiffusion, pictures: Image.Image | Sequence[Image.Image]) -> Tensor:
    """The likeliest latents of pictures, in single precision."""
    pixels = pipeline.image_processor.preprocess(pictures)
    found = pipeline.vae.encode(pixels.to(device=pipeline.unet.device, dtype=pipeline.vae.dtype)).latent_dist.mode()
    return found.float() * pipeline.vae.config.scaling_factor


def pictures_of(pipeline: StableDiffusion, latents: Tensor) -> list[Image.Image]:
    """What a batch of latents decodes to."""
    pixels = decoded(pipeline.vae, latents / pipeline.vae.config.scaling_factor)
    return pipeline.image_processor.postprocess(pixels, output_type="pil", do_denormalize=[True] * len(latents))
