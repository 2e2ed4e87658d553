"""Pictures of a model with a UNet: classifier-free guidance, noise or velocity predicted, eight pixels a latent.

Plain plans go through the diffusers pipeline, which is only ever given embeddings. What the pipeline cannot do, several
directions or guidance between 0 and 1, goes through the loop below; both draw the same where both can.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

import torch
from PIL import Image
from torch import Tensor

from promptlang.plans.plan import Plan
from promptlang.plans.remixing import STRENGTH, steps_left
from promptlang_runtime.conditioning.condition import Condition
from promptlang_runtime.conditioning.sides import Sides
from promptlang_runtime.drawing.pipelines import OnCall, StableDiffusion, stable_diffusion
from promptlang_runtime.errors import RenderError
from promptlang_runtime.models.decoding import decoded
from promptlang_runtime.models.pipelines import Pipeline
from promptlang_runtime.models.schedulers import scheduler_of
from promptlang_runtime.output.images import start_image

Remix = Callable[[StableDiffusion], Pipeline]
"""From a pipeline to the one that starts from an image."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """What is drawn at once, one picture a generator."""

    pipeline: StableDiffusion
    plan: Plan
    sides: Sides
    generators: Sequence[torch.Generator]
    on_call: OnCall
    remix: Remix


def unet_pictures(
    pipeline: Pipeline,
    plan: Plan,
    sides: Sides,
    seeds: Sequence[int],
    *,
    config: Mapping[str, object],
    remix: Remix,
    on_call: OnCall,
) -> list[Image.Image]:
    """One picture per seed, drawn as one batch. The noise comes from the CPU, so every device starts from the same.

    `config` is that of the model's own scheduler.
    """
    pipe = stable_diffusion(pipeline)
    pipe.scheduler = scheduler_of(plan.sampler, schedule=plan.schedule, config=config)
    generators = [torch.Generator("cpu").manual_seed(seed) for seed in seeds]
    batch = Batch(pipeline=pipe, plan=plan, sides=sides, generators=generators, on_call=on_call, remix=remix)
    with _free_u(pipe, plan.freeu):
        latents = _through_loop(batch) if sides.pull is None else _through_pipeline(batch, sides.pull)
    pixels = decoded(pipe.vae, latents / pipe.vae.config.scaling_factor)
    return pipe.image_processor.postprocess(pixels, output_type="pil", do_denormalize=[True] * len(seeds))


def _through_pipeline(batch: Batch, pull: float) -> Tensor:
    """The latents that the diffusers pipeline draws, with the embeddings of the next call swapped in after each one."""
    plan, sides, copies = batch.plan, batch.sides, len(batch.generators)

    def after_call(
        pipe: StableDiffusion, call: int, moment: Tensor, tensors: Mapping[str, Tensor]
    ) -> Mapping[str, Tensor]:
        batch.on_call(call + 1, pipe.num_timesteps)
        if not sides.is_scheduled:
            return {}
        rows = sides.at(call + 1)
        kept = rows if pipe.do_classifier_free_guidance else rows[1:]
        pooled = [row.pooled.repeat(copies, 1) for row in kept if row.pooled is not None]
        swapped = {"prompt_embeds": torch.cat([row.states.repeat(copies, 1, 1) for row in kept])}
        return {**swapped, "add_text_embeds": torch.cat(pooled)} if pooled else swapped

    pipe, start = _started(batch)
    negative, positive = sides.at(0)
    return pipe(
        **start,
        **_given(positive, ""),
        **(_given(negative, "negative_") if pull != 1 else {}),
        **({"guidance_rescale": plan.rescale} if plan.rescale else {}),
        num_images_per_prompt=copies,
        guidance_scale=pull,
        num_inference_steps=plan.steps,
        generator=batch.generators,
        output_type="latent",
        callback_on_step_end=after_call,
        callback_on_step_end_tensor_inputs=["prompt_embeds"],
    ).images


def _given(condition: Condition, side: str) -> Mapping[str, Tensor]:
    """One side as a pipeline takes it."""
    given = {f"{side}prompt_embeds": condition.states}
    return given if condition.pooled is None else {**given, f"{side}pooled_prompt_embeds": condition.pooled}


def _started(batch: Batch) -> tuple[StableDiffusion, Mapping[str, object]]:
    """The pipeline and what it starts from: noise of the plan's size, or an image brought to it."""
    plan = batch.plan
    if plan.image is None:
        return batch.pipeline, {"width": plan.size[0], "height": plan.size[1]}
    strength = STRENGTH if plan.strength is None else plan.strength
    left = steps_left(plan.steps, strength, plan.dialect)
    if left < 1:
        raise RenderError(f"strength {strength:g} leaves none of {plan.steps} steps", "write a larger `/strength`")
    remix = batch.remix(batch.pipeline)
    share = min((left + 0.5) / plan.steps, 1.0)  # the pipeline cuts the product off again
    remix.set_progress_bar_config(disable=True)
    return stable_diffusion(remix), {"image": start_image(plan.image, plan.size), "strength": share}


@torch.no_grad()
def _through_loop(batch: Batch) -> Tensor:
    """The latents of a denoising loop by hand: all directions in one batch, added up by weight and guidance."""
    pipeline, plan, sides, generators = batch.pipeline, batch.plan, batch.sides, batch.generators
    device, unet, scheduler = pipeline.unet.device, pipeline.unet, pipeline.scheduler
    scheduler.set_timesteps(plan.steps, device=device)
    width, height = plan.size
    latents = pipeline.prepare_latents(
        len(generators), unet.config.in_channels, height, width, unet.dtype, device, generators
    )
    settings = pipeline.prepare_extra_step_kwargs(generators, 0.0)
    for call, moment in enumerate(scheduler.timesteps):
        noise = _guided(batch, latents, moment, sides.at(call))
        latents = scheduler.step(noise, moment, latents, **settings, return_dict=False)[0]
        batch.on_call(call + 1, len(scheduler.timesteps))
    return latents


def _guided(batch: Batch, latents: Tensor, moment: Tensor, rows: list[Condition]) -> Tensor:
    """The unconditional prediction plus, for every direction, its difference from it times its pull."""
    pipeline, copies = batch.pipeline, len(latents)
    predictions = pipeline.unet(
        pipeline.scheduler.scale_model_input(torch.cat([latents] * len(rows)), moment),
        moment,
        encoder_hidden_states=torch.cat([row.states.repeat(copies, 1, 1) for row in rows]),
        added_cond_kwargs=_besides(rows, copies, batch.plan.size),
        return_dict=False,
    )[0]
    unconditional, *others = predictions.chunk(len(rows))
    noise = unconditional
    for prediction, pull in zip(others, batch.sides.pulls, strict=True):
        noise = noise + pull * (prediction - unconditional)
    return _rescaled(noise, others, batch.plan.rescale)


def _rescaled(noise: Tensor, directions: Sequence[Tensor], share: float | None) -> Tensor:
    """Brought back to the spread of the prompt's own prediction, as diffusers does; of several, their mean."""
    if not share:
        return noise
    own = torch.stack([*directions]).mean(dim=0)
    places = tuple(range(1, noise.dim()))
    spread = own.std(dim=places, keepdim=True) / noise.std(dim=places, keepdim=True)
    return share * (noise * spread) + (1 - share) * noise


def _besides(rows: list[Condition], copies: int, size: tuple[int, int]) -> Mapping[str, Tensor] | None:
    """What the denoiser of SDXL is told beside the states: the summaries, and the sizes of a picture cut nowhere."""
    pooled = [row.pooled.repeat(copies, 1) for row in rows if row.pooled is not None]
    if not pooled:
        return None
    width, height = size
    sizes = torch.tensor([[height, width, 0, 0, height, width]]).to(pooled[0])
    return {"text_embeds": torch.cat(pooled), "time_ids": sizes.repeat(copies * len(rows), 1)}


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
