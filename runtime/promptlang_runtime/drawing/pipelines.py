"""diffusers' pipelines, as the families use them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Protocol, TypeGuard

import torch
from PIL import Image
from torch import Tensor

from promptlang.plans.controlling import control_shares, control_strength
from promptlang.plans.plan import Plan
from promptlang_runtime.errors import RenderError
from promptlang_runtime.models.pipelines import Denoiser, Pipeline

OnCall = Callable[[int, int], None]
"""Told after every denoiser call how many are done and how many there will be."""


class Drawn(Protocol):
    """What a call gives: latents or pixels, as its `output_type` says."""

    @property
    def images(self) -> Tensor: ...


class Processor(Protocol):
    """Pixels from -1 to 1 to images, and back."""

    def preprocess(self, image: Image.Image | Sequence[Image.Image]) -> Tensor: ...

    def postprocess(self, image: Tensor, *, output_type: str, do_denormalize: list[bool]) -> list[Image.Image]: ...


class StableDiffusion(Pipeline, Protocol):
    """A pipeline with a UNet, from noise or from an image: it is given what conditions it, and tells of every call."""

    unet: Denoiser

    @property
    def config(self) -> Mapping[str, object]: ...

    @property
    def image_processor(self) -> Processor: ...

    @property
    def num_timesteps(self) -> int: ...

    @property
    def do_classifier_free_guidance(self) -> bool: ...

    def __call__(self, **arguments: object) -> Drawn: ...

    def prepare_latents(
        self,
        batch_size: int,
        num_channels_latents: int,
        height: int,
        width: int,
        dtype: torch.dtype,
        device: torch.device,
        generator: Sequence[torch.Generator],
    ) -> Tensor: ...

    def prepare_extra_step_kwargs(self, generator: Sequence[torch.Generator], eta: float) -> Mapping[str, object]: ...

    def enable_freeu(self, *, s1: float, s2: float, b1: float, b2: float) -> None: ...

    def disable_freeu(self) -> None: ...


def stable_diffusion(pipeline: Pipeline) -> StableDiffusion:
    """The pipeline with its UNet."""
    if not _has_unet(pipeline):
        raise RenderError(f"{type(pipeline).__name__} is no pipeline of Stable Diffusion")
    return pipeline


def check_channels(pipeline: StableDiffusion, *, is_masked: bool) -> None:
    """Raises RenderError for a denoiser that takes more than noise, or than noise, a mask and what that keeps."""
    takes, given = pipeline.unet.config.in_channels, pipeline.vae.config.latent_channels
    if takes == given or (is_masked and takes == 2 * given + 1):
        return
    if takes == 2 * given + 1:
        message, help = "the model is made for inpainting: it draws with a mask alone", "write `/remix`, with `/mask`"
        raise RenderError(message, help)
    raise RenderError(
        f"the model's denoiser takes {takes} channels and not {given}: it needs a picture besides, "
        "which cannot be rendered yet",
        "use a model that draws from text alone",
    )


def holding(plan: Plan) -> Mapping[str, object]:
    """How strongly a ControlNet holds, and in which steps, as pipelines are told."""
    start, end = control_shares(plan)
    return {
        "controlnet_conditioning_scale": control_strength(plan),
        "control_guidance_start": start,
        "control_guidance_end": end,
    }


def _has_unet(pipeline: Pipeline) -> TypeGuard[StableDiffusion]:
    return "unet" in pipeline.components
