"""diffusers' pipeline of Stable Diffusion, as this family uses it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Protocol, TypeGuard

import torch
from PIL import Image
from torch import Tensor, nn

from promptlang_runtime.errors import RenderError
from promptlang_runtime.models.libraries import is_a
from promptlang_runtime.models.pipelines import Denoiser, Pipeline

AfterCall = Callable[["StableDiffusion", int, Tensor, Mapping[str, Tensor]], Mapping[str, Tensor]]


class Drawn(Protocol):
    """What a call gives: latents, since pixels are made elsewhere."""

    @property
    def images(self) -> Tensor: ...


class Processor(Protocol):
    """Pixels from -1 to 1 to images."""

    def postprocess(self, image: Tensor, *, output_type: str, do_denormalize: list[bool]) -> list[Image.Image]: ...


class StableDiffusion(Pipeline, Protocol):
    """The pipeline from noise and the one from an image; `start` is what one of them starts from."""

    unet: Denoiser
    text_encoder: nn.Module

    @property
    def image_processor(self) -> Processor: ...

    @property
    def num_timesteps(self) -> int: ...

    @property
    def do_classifier_free_guidance(self) -> bool: ...

    def __call__(
        self,
        *,
        prompt_embeds: Tensor,
        negative_prompt_embeds: Tensor | None,
        num_images_per_prompt: int,
        guidance_scale: float,
        num_inference_steps: int,
        generator: Sequence[torch.Generator],
        output_type: str,
        callback_on_step_end: AfterCall,
        callback_on_step_end_tensor_inputs: Sequence[str],
        **start: object,
    ) -> Drawn: ...

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
    """The pipeline with what this family needs of it; raises RenderError for a denoiser that takes more than noise."""
    if not _is_stable_diffusion(pipeline):
        raise RenderError(f"{type(pipeline).__name__} is no pipeline of Stable Diffusion")
    takes, given = pipeline.unet.config.in_channels, pipeline.vae.config.latent_channels
    if takes != given:
        raise RenderError(
            f"the model's denoiser takes {takes} channels and not {given}: it needs a picture or a mask besides, "
            "which cannot be rendered yet",
            "use a model that draws from text alone",
        )
    return pipeline


def _is_stable_diffusion(pipeline: Pipeline) -> TypeGuard[StableDiffusion]:
    return is_a(pipeline, "StableDiffusionPipeline") or is_a(pipeline, "StableDiffusionImg2ImgPipeline")
