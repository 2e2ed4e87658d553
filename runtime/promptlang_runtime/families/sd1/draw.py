"""Stable Diffusion 1: one CLIP encoder, classifier-free guidance, pictures of eight pixels a latent.

Plain plans go through the diffusers pipeline, which is only ever given embeddings. What the pipeline cannot do, several
directions or guidance between 0 and 1, goes through the loop below; both draw the same where both can.
"""

from __future__ import annotations

from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager

import torch
from PIL import Image
from torch import Tensor

from promptlang.plans.plan import Plan
from promptlang_runtime.conditioning.sides import Sides, sides_of
from promptlang_runtime.errors import RenderError
from promptlang_runtime.families.family import LoadedModel, OnCall
from promptlang_runtime.families.sd1.encode import encoder_of
from promptlang_runtime.families.sd1.pipeline import StableDiffusion, stable_diffusion
from promptlang_runtime.models import libraries
from promptlang_runtime.models.decoding import decoded
from promptlang_runtime.models.schedulers import scheduler_of
from promptlang_runtime.output.images import start_image

REMIX_STRENGTH = 0.75


def draw(model: LoadedModel, plan: Plan, seeds: Sequence[int], *, on_call: OnCall) -> list[Image.Image]:
    """One picture per seed, drawn as one batch. The noise comes from the CPU, so every device starts from the same."""
    pipeline = stable_diffusion(model.pipeline)
    sides = sides_of(plan, encoder_of(model, plan))
    generators = [torch.Generator("cpu").manual_seed(seed) for seed in seeds]
    pipeline.scheduler = scheduler_of(plan.sampler, schedule=plan.schedule, config=model.scheduler_config)
    with _free_u(pipeline, plan.freeu):
        if sides.pull is None:
            latents = _through_loop(pipeline, plan, sides, generators, on_call)
        else:
            latents = _through_pipeline(pipeline, plan, sides, sides.pull, generators, on_call)
    pixels = decoded(pipeline.vae, latents / pipeline.vae.config.scaling_factor)
    return pipeline.image_processor.postprocess(pixels, output_type="pil", do_denormalize=[True] * len(seeds))


def _through_pipeline(
    pipeline: StableDiffusion,
    plan: Plan,
    sides: Sides,
    pull: float,
    generators: Sequence[torch.Generator],
    on_call: OnCall,
) -> Tensor:
    """The latents that the diffusers pipeline draws, with the embeddings of the next call swapped in after each one."""
    copies = len(generators)
    negative, positive = sides.at(0)

    def after_call(
        pipe: StableDiffusion, call: int, moment: Tensor, tensors: Mapping[str, Tensor]
    ) -> Mapping[str, Tensor]:
        on_call(call + 1, pipe.num_timesteps)
        if not sides.is_scheduled:
            return {}
        rows = sides.at(call + 1)
        kept = rows if pipe.do_classifier_free_guidance else rows[1:]
        return {"prompt_embeds": torch.cat([row.repeat(copies, 1, 1) for row in kept])}

    pipe, start = _started(pipeline, plan)
    return pipe(
        **start,
        prompt_embeds=positive,
        negative_prompt_embeds=negative if pull != 1 else None,
        num_images_per_prompt=copies,
        guidance_scale=pull,
        num_inference_steps=plan.steps,
        generator=generators,
        output_type="latent",
        callback_on_step_end=after_call,
        callback_on_step_end_tensor_inputs=["prompt_embeds"],
    ).images


def _started(pipeline: StableDiffusion, plan: Plan) -> tuple[StableDiffusion, Mapping[str, object]]:
    """The pipeline and what it starts from: noise of the plan's size, or an image brought to it."""
    if plan.image is None:
        return pipeline, {"width": plan.size[0], "height": plan.size[1]}
    strength = REMIX_STRENGTH if plan.strength is None else plan.strength
    if int(plan.steps * strength) < 1:
        raise RenderError(f"strength {strength:g} leaves none of {plan.steps} steps", "write a larger `/strength`")
    remix = libraries.pipeline("StableDiffusionImg2ImgPipeline", **pipeline.components, requires_safety_checker=False)
    remix.set_progress_bar_config(disable=True)
    return stable_diffusion(remix), {"image": start_image(plan.image, plan.size), "strength": strength}


@torch.no_grad()
def _through_loop(
    pipeline: StableDiffusion,
    plan: Plan,
    sides: Sides,
    generators: Sequence[torch.Generator],
    on_call: OnCall,
) -> Tensor:
    """The latents of a denoising loop by hand: all directions in one batch, added up by weight and guidance."""
    if plan.image is not None:
        raise RenderError("`/remix` cannot pull in several directions yet", "write one prompt and guidance 1 or more")
    device, unet, scheduler = pipeline.unet.device, pipeline.unet, pipeline.scheduler
    scheduler.set_timesteps(plan.steps, device=device)
    width, height = plan.size
    latents = pipeline.prepare_latents(
        len(generators), unet.config.in_channels, height, width, unet.dtype, device, generators
    )
    settings = pipeline.prepare_extra_step_kwargs(generators, 0.0)
    for call, moment in enumerate(scheduler.timesteps):
        noise = _guided(pipeline, latents, moment, sides.at(call), sides.pulls)
        latents = scheduler.step(noise, moment, latents, **settings, return_dict=False)[0]
        on_call(call + 1, len(scheduler.timesteps))
    return latents


def _guided(
    pipeline: StableDiffusion, latents: Tensor, moment: Tensor, rows: list[Tensor], pulls: list[float]
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
def _free_u(pipeline: StableDiffusion, scales: tuple[float, float, float, float] | None) -> Generator[None]:
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
