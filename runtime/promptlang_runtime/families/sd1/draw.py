"""Stable Diffusion 1: one CLIP encoder, final layer norm after any clip skip, classifier-free guidance.

Plain plans go through the diffusers pipeline, which is only ever given embeddings. What the pipeline cannot do, several
directions or guidance between 0 and 1, goes through the loop below; both draw the same where both can.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

import torch
from diffusers import StableDiffusionImg2ImgPipeline, StableDiffusionPipeline
from PIL import Image
from torch import Tensor

from promptlang.plans.plan import Plan
from promptlang_runtime.conditioning.encode import PromptEncoder, prompt_encoder
from promptlang_runtime.conditioning.timeline import Direction, directions
from promptlang_runtime.errors import RenderError
from promptlang_runtime.families.sd1.checkpoint import pipeline_of as from_weights
from promptlang_runtime.families.sd1.checkpoint import vae_of
from promptlang_runtime.models.loaded import LoadedModel
from promptlang_runtime.models.schedulers import scheduler_of
from promptlang_runtime.output.images import start_image

__all__ = ["PIPELINE", "draw", "from_weights", "vae_of"]

PIPELINE = StableDiffusionPipeline

REMIX_STRENGTH = 0.75

OnCall = Callable[[int, int], None]
"""Told after every denoiser call how many are done and how many there will be."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Conditions:
    """Both sides of a plan, brought to equal length call by call."""

    negative: Direction
    positive: tuple[Direction, ...]
    guidance: float
    encoder: PromptEncoder

    def at(self, call: int) -> list[Tensor]:
        """The negative embeddings and those of every direction, (1, tokens, width) each, tokens alike."""
        states = [self.negative.timeline.at(call), *(each.timeline.at(call) for each in self.positive)]
        return self.encoder.even(states)

    @property
    def pull(self) -> float | None:
        """The guidance of a plan with one direction, where the pipeline computes it: exactly 1, or more."""
        if len(self.positive) != 1:
            return None
        pull = self.guidance * self.positive[0].weight
        return pull if pull >= 1 else None


def draw(model: LoadedModel, plan: Plan, seeds: Sequence[int], *, on_call: OnCall) -> list[Image.Image]:
    """One picture per seed, drawn as one batch. The noise comes from the CPU, so every device starts from the same."""
    pipeline = model.pipeline
    conditions = _conditions(model, plan)
    generators = [torch.Generator("cpu").manual_seed(seed) for seed in seeds]
    pipeline.scheduler = scheduler_of(plan.sampler, karras=plan.karras, config=model.scheduler_config)
    with _free_u(pipeline, plan.freeu):
        if conditions.pull is not None:
            return _through_pipeline(pipeline, plan, conditions, generators, on_call)
        return _through_loop(pipeline, plan, conditions, generators, on_call)


def _conditions(model: LoadedModel, plan: Plan) -> _Conditions:
    clip_skip = plan.clip_skip or 1
    encoder = prompt_encoder(
        model.pipeline.text_encoder,
        weighting=plan.weighting,
        clip_skip=clip_skip,
        inversions=model.inversions,
        encoded=model.encoded.setdefault(clip_skip, {}),
    )
    negative = directions(plan.negative, encoder.embed)
    if len(negative) != 1:
        raise RenderError("a negative prompt cannot pull in several directions", "write one negative prompt")
    # Guidance 0 ignores the prompt: the negative side alone is what remains of the formula.
    positive = directions(plan.positive, encoder.embed) if plan.guidance else negative
    return _Conditions(negative=negative[0], positive=positive, guidance=plan.guidance or 1.0, encoder=encoder)


def _through_pipeline(
    pipeline: StableDiffusionPipeline,
    plan: Plan,
    conditions: _Conditions,
    generators: list[torch.Generator],
    on_call: OnCall,
) -> list[Image.Image]:
    """The diffusers pipeline, with the embeddings of the next call swapped in after each one."""
    copies = len(generators)
    negative, positive = conditions.at(0)

    def after_call(
        pipe: StableDiffusionPipeline, call: int, _: Tensor, tensors: dict[str, Tensor]
    ) -> dict[str, Tensor]:
        on_call(call + 1, pipe.num_timesteps)
        if not is_scheduled:
            return {}
        rows = conditions.at(call + 1)
        kept = rows if pipe.do_classifier_free_guidance else rows[1:]
        return {"prompt_embeds": torch.cat([row.repeat(copies, 1, 1) for row in kept])}

    is_scheduled = any(len(each.timeline.until) > 1 for each in (conditions.negative, *conditions.positive))
    guided = conditions.pull != 1
    pipe, start = _started(pipeline, plan)
    return pipe(
        **start,
        prompt_embeds=positive,
        negative_prompt_embeds=negative if guided else None,
        num_images_per_prompt=copies,
        guidance_scale=conditions.pull,
        num_inference_steps=plan.steps,
        generator=generators,
        callback_on_step_end=after_call,
        callback_on_step_end_tensor_inputs=["prompt_embeds"],
    ).images


def _started(
    pipeline: StableDiffusionPipeline, plan: Plan
) -> tuple[StableDiffusionPipeline | StableDiffusionImg2ImgPipeline, dict[str, object]]:
    """The pipeline and what it starts from: noise of the plan's size, or an image brought to it."""
    if plan.image is None:
        return pipeline, {"width": plan.size[0], "height": plan.size[1]}
    strength = REMIX_STRENGTH if plan.strength is None else plan.strength
    if int(plan.steps * strength) < 1:
        raise RenderError(f"strength {strength:g} leaves none of {plan.steps} steps", "write a larger `/strength`")
    remix = StableDiffusionImg2ImgPipeline(**pipeline.components, requires_safety_checker=False)
    remix.set_progress_bar_config(disable=True)
    return remix, {"image": start_image(plan.image, plan.size), "strength": strength}


@torch.no_grad()
def _through_loop(
    pipeline: StableDiffusionPipeline,
    plan: Plan,
    conditions: _Conditions,
    generators: list[torch.Generator],
    on_call: OnCall,
) -> list[Image.Image]:
    """The denoising loop by hand: all directions in one batch, added up by weight and guidance."""
    if plan.image is not None:
        raise RenderError("`/remix` cannot pull in several directions yet", "write one prompt and guidance 1 or more")
    device, unet, scheduler = pipeline.unet.device, pipeline.unet, pipeline.scheduler
    scheduler.set_timesteps(plan.steps, device=device)
    width, height = plan.size
    latents = pipeline.prepare_latents(
        len(generators), unet.config.in_channels, height, width, unet.dtype, device, generators
    )
    settings = pipeline.prepare_extra_step_kwargs(generators, 0.0)
    pulls = [conditions.guidance * each.weight for each in conditions.positive]
    for call, moment in enumerate(scheduler.timesteps):
        noise = _guided(pipeline, latents, moment, conditions.at(call), pulls)
        latents = scheduler.step(noise, moment, latents, **settings, return_dict=False)[0]
        on_call(call + 1, len(scheduler.timesteps))
    decoded = pipeline.vae.decode(latents / pipeline.vae.config.scaling_factor, return_dict=False)[0]
    return pipeline.image_processor.postprocess(decoded, output_type="pil", do_denormalize=[True] * len(generators))


def _guided(
    pipeline: StableDiffusionPipeline, latents: Tensor, moment: Tensor, rows: list[Tensor], pulls: list[float]
) -> Tensor:
    """The unconditional prediction plus, for every direction, its difference from it times its pull."""
    batch = pipeline.scheduler.scale_model_input(torch.cat([latents] * len(rows)), moment)
    states = torch.cat([row.repeat(len(latents), 1, 1) for row in rows])
    predictions = pipeline.unet(batch, moment, encoder_hidden_states=states, return_dict=False)[0]
    unconditional, *others = predictions.chunk(len(rows))
    noise = unconditional
    for prediction, pull in zip(others, pulls, strict=True):
        noise = noise + pull * (prediction - unconditional)
    return noise


@contextmanager
def _free_u(pipeline: StableDiffusionPipeline, scales: tuple[float, float, float, float] | None) -> Iterator[None]:
    """FreeU for the time of one batch; `scales` are s1, s2, b1, b2."""
    if scales is None:
        yield
        return
    s1, s2, b1, b2 = scales
    pipeline.enable_freeu(s1=s1, s2=s2, b1=b1, b2=b2)
    try:
        yield
    finally:
        pipeline.disable_freeu()
