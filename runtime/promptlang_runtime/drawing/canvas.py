"""What pictures are drawn over: an image with its mask, as ComfyUI and stable-diffusion-webui bring them to latents, or
what a first pass has drawn, enlarged.

Of webui's inpainting, "masked content" is "original", "mask blur" 0 and "inpaint area" the whole picture.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from PIL import Image
from torch import Tensor
from torch.nn.functional import interpolate

from promptlang.plans.enlarging import drawn_size, upscaler_of
from promptlang.plans.plan import Plan
from promptlang.tables.arithmetics import COMFY, WEBUI
from promptlang_runtime.drawing.pipelines import StableDiffusion
from promptlang_runtime.models.decoding import LATENT, decoded
from promptlang_runtime.output.images import mask_image, start_image


@dataclass(frozen=True, slots=True)
class Canvas:
    """The latents of an image that pictures are drawn over, and where a mask says so, the share `drawn` of each place.

    `beside` is what a denoiser made for inpainting is shown of it at every call: the mask, and what that keeps.
    """

    image: Tensor
    drawn: Tensor | None = None
    beside: Tensor | None = None


def canvas_of(pipeline: StableDiffusion, plan: Plan) -> Canvas:
    """What a plan's pictures are drawn over: its image, and its mask."""
    picture = start_image(plan.image or "", plan.size)
    image = latents_of(pipeline, picture)
    if plan.mask is None:
        return Canvas(image)
    mask = mask_image(plan.mask, plan.image or "", plan.size)
    is_comfy = plan.arithmetic == COMFY.name
    drawn = _blurred(_numbers(mask), plan.size) if is_comfy else _scaled(mask)
    if pipeline.unet.config.in_channels == image.shape[1]:
        return Canvas(image, drawn.to(image))
    hidden = _numbers(mask).round()  # in pixels, with the grey between black and white in its place
    shown = encoded(pipeline, pipeline.image_processor.preprocess(picture) * (1 - hidden))
    where = drawn.round() if is_comfy else hidden[..., ::LATENT, ::LATENT]
    return Canvas(image, drawn.to(image), torch.cat([where.to(image), shown], dim=1))


def held_to(plan: Plan, pictures: list[Image.Image]) -> list[Image.Image]:
    """The pictures, with what is kept laid over them where webui draws them."""
    if plan.mask is None or plan.image is None or plan.arithmetic != WEBUI.name:
        return pictures
    mask = mask_image(plan.mask, plan.image, plan.size)
    start = start_image(plan.image, plan.size)
    laid = mask.point([min(2 * grey, 255) for grey in range(256)])  # webui shows no original where it is half drawn
    return [Image.composite(each, start, laid) for each in pictures]


def _numbers(mask: Image.Image) -> Tensor:
    """From 0, which is kept, to 1, which is drawn anew."""
    return torch.tensor(np.asarray(mask, dtype=np.float32) / 255)[None, None]


def _blurred(mask: Tensor, size: tuple[int, int]) -> Tensor:
    """A mask at the size of latents as ComfyUI scales it, between the nearest points."""
    width, height = size
    return interpolate(mask, (height // LATENT, width // LATENT), mode="bilinear")


def _scaled(mask: Image.Image) -> Tensor:
    """The same as webui scales it: by all points, and each place is drawn or kept."""
    small = mask.resize((mask.width // LATENT, mask.height // LATENT), Image.Resampling.BICUBIC)
    return _numbers(small).round()


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


def latents_of(pipeline: StableDiffusion, pictures: Image.Image | Sequence[Image.Image]) -> Tensor:
    """The likeliest latents of pictures, in single precision."""
    return encoded(pipeline, pipeline.image_processor.preprocess(pictures))


@torch.no_grad()
def encoded(pipeline: StableDiffusion, pixels: Tensor) -> Tensor:
    """The same of pixels from -1 to 1."""
    found = pipeline.vae.encode(pixels.to(device=pipeline.unet.device, dtype=pipeline.vae.dtype)).latent_dist.mode()
    return found.float() * pipeline.vae.config.scaling_factor


def pictures_of(pipeline: StableDiffusion, latents: Tensor, *, apart: bool = False) -> list[Image.Image]:
    """What a batch of latents decodes to; `apart` as in `decoded`."""
    pixels = decoded(pipeline.vae, latents / pipeline.vae.config.scaling_factor, apart=apart)
    return pipeline.image_processor.postprocess(pixels, output_type="pil", do_denormalize=[True] * len(latents))
