"""Pictures of a model with a UNet: classifier-free guidance, noise or velocity predicted, eight pixels a latent.

A plain plan goes through the diffusers pipeline, which is only ever given embeddings. What the pipeline cannot do goes
through the loop: several directions, guidance between 0 and 1, several plans. Both draw the same where both can.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace

import torch
from PIL import Image
from torch import Tensor, nn

from promptlang.plans.enlarging import drawn_size, second_steps, spaced_steps
from promptlang.plans.plan import Plan
from promptlang.plans.refining import BEGUN
from promptlang.plans.remixing import calls_of, share_of
from promptlang_runtime.conditioning.condition import Condition
from promptlang_runtime.conditioning.sides import Sides
from promptlang_runtime.drawing.canvas import (
    Canvas,
    Enlarged,
    canvas_of,
    enlarged,
    held_to,
    latents_of,
    pictures_of,
)
from promptlang_runtime.drawing.glimpses import show
from promptlang_runtime.drawing.loop import Batch, looped
from promptlang_runtime.drawing.noise import drawn_alike
from promptlang_runtime.drawing.pipelines import OnCall, StableDiffusion, check_channels, holding, stable_diffusion
from promptlang_runtime.drawing.resting import awake
from promptlang_runtime.drawing.wanted import Wanted, said
from promptlang_runtime.models import libraries
from promptlang_runtime.models.pipelines import Pipeline, Scheduler, Vae
from promptlang_runtime.models.schedulers import known_sampler, sampler_of
from promptlang_runtime.output.images import control_map, picture_blended, pictures_over
from promptlang_runtime.sampling.driven import Driven


@dataclass(frozen=True, slots=True, kw_only=True)
class Over:
    """The pipelines of diffusers that draw over a picture, over all of it or where a mask is white; and those that a
    ControlNet holds, from noise or over a picture.

    `given` are what they are made of beside the parts of the one that starts from noise.
    """

    whole: str
    masked: str
    held: str
    held_over: str
    given: Mapping[str, object] = field(default_factory=dict[str, object])

    def of(self, pipeline: Pipeline, plan: Plan, control: nn.Module | None = None) -> StableDiffusion:
        """The pipeline for a plan made of the parts of another one, and of a ControlNet."""
        free = self.whole if plan.mask is None else self.masked
        kind = free if control is None else self.held if plan.image is None else self.held_over
        more = {} if control is None else {"controlnet": control}
        changed = libraries.pipeline(kind, **pipeline.components, **self.given, **more)
        changed.set_progress_bar_config(disable=True)
        return stable_diffusion(changed)


@dataclass(frozen=True, slots=True, kw_only=True)
class Begun:
    """Latents that another model goes on with: how many calls they took, and who is told of further ones.

    `vae` is the one that will decode them.
    """

    latents: Tensor
    seeds: Sequence[int]
    generators: Sequence[torch.Generator]
    calls: int
    on_call: OnCall
    vae: Vae


Finish = Callable[[Begun], Tensor]
"""From latents with some noise left to those without any."""

ReadSides = Callable[[Plan], Sides]
"""How a family reads both sides of a plan."""


def unet_pictures(
    pipeline: Pipeline,
    wanted: Sequence[Wanted],
    read: ReadSides,
    *,
    config: Mapping[str, object],
    remix: Over,
    on_call: OnCall,
    finish: Finish | None = None,
    control: nn.Module | None = None,
) -> list[Image.Image]:
    """The pictures, drawn as one batch. The noise comes from the CPU, so every device starts from the same.

    `config` is that of the model's own scheduler. With `finish`, of which the pictures have one prompt, the model does
    not draw the last of the noise.
    """
    pipe = stable_diffusion(pipeline)
    check_channels(pipe, is_masked=wanted[0].plan.mask is not None)
    parts = _apart(pipe, wanted)
    if len(parts) > 1:
        drawn: list[Image.Image] = []
        for each in parts:
            on_call(0, 1)
            drawn += unet_pictures(pipeline, each, read, config=config, remix=remix, on_call=on_call, control=control)
        return drawn
    latents = unet_latents(
        pipe, wanted, read, config=config, remix=remix, on_call=on_call, finish=finish, control=control
    )
    are_several = any(each.plan is not wanted[0].plan for each in wanted)  # one plan is decoded as diffusers does
    return held_to(wanted[0].plan, pictures_of(pipe, latents, apart=are_several))


def _apart(pipe: StableDiffusion, wanted: Sequence[Wanted]) -> Sequence[Sequence[Wanted]]:
    """What is drawn at once: all, unless the model or the sampler takes one picture, or one plan, at a time."""
    if known_sampler(wanted[0].plan.sampler).is_measured:
        return [[each] for each in wanted]
    is_input = pipe.unet.config.time_cond_proj_dim is not None  # guidance, which is one for all rows then
    return [[each] for each in wanted] if is_input and len({said(each.plan) for each in wanted}) > 1 else [wanted]


def unet_latents(
    pipe: StableDiffusion,
    wanted: Sequence[Wanted],
    read: ReadSides,
    *,
    config: Mapping[str, object],
    remix: Over,
    on_call: OnCall,
    finish: Finish | None = None,
    control: nn.Module | None = None,
) -> Tensor:
    """The latents of the pictures, as large as the denoiser knows them."""
    plan, seeds = wanted[0].plan, [each.seed for each in wanted]
    with awake(pipe):
        sides = {words: read(each) for words, each in {said(each.plan): each.plan for each in wanted}.items()}
    generators = _generators(seeds)
    pipe.scheduler = sampler_of(plan, seeds, generators, config)
    done = 0

    def after_call(own: int, total: int) -> None:
        nonlocal done
        done = own
        rest = _calls_left(pipe.scheduler) if finish else 0
        on_call(own, calls_of(plan) if plan.hires else total + rest)

    batch = Batch(
        pipeline=pipe,
        plan=plan,
        sides=[sides[said(each.plan)] for each in wanted],
        generators=generators,
        on_call=after_call,
    )
    pull = batch.sides[0].pull if len(sides) == 1 else None
    with _free_u(pipe, plan.freeu):
        if isinstance(pipe.scheduler, Driven) and finish is None:
            latents = _own(batch, seeds, config)
        elif pull is None:
            latents = looped(batch)
        else:
            start, given = _started(batch, remix, control)
            latents = _through_pipeline(batch, pull, start, {**given, **({"denoising_end": BEGUN} if finish else {})})
            if plan.hires:
                latents = _second_pass(batch, pull, enlarged(pipe, plan, latents), remix, seeds)
    if finish is None:
        return latents
    begun = Begun(latents=latents, seeds=seeds, generators=generators, calls=done, on_call=on_call, vae=pipe.vae)
    return finish(begun)


def _own(batch: Batch, seeds: Sequence[int], config: Mapping[str, object]) -> Tensor:
    """The latents that a sampler of our own draws, in one pass or two."""
    plan, pipe = batch.plan, batch.pipeline
    latents = looped(replace(batch, canvas=canvas_of(pipe, plan) if plan.image else None))
    if not plan.hires:
        return latents
    over = enlarged(pipe, plan, latents)
    generators = _generators(seeds)
    again = replace(plan, size=drawn_size(plan), steps=second_steps(plan), hires=None)
    pipe.scheduler = sampler_of(again, seeds, generators, config, spacing=spaced_steps(plan))
    before = calls_of(replace(plan, hires=None))
    canvas = Canvas(over if isinstance(over, Tensor) else latents_of(pipe, over))
    return looped(replace(batch, plan=again, generators=generators, canvas=canvas), before=before)


def _second_pass(batch: Batch, pull: float, over: Enlarged, remix: Over, seeds: Sequence[int]) -> Tensor:
    """The latents of the pictures drawn again over enlarged ones, from their own noise anew, as webui does."""
    plan = replace(batch.plan, steps=spaced_steps(batch.plan))
    share = min((second_steps(batch.plan) + 0.5) / plan.steps, 1.0)  # the pipeline cuts the product off again
    again = replace(batch, plan=plan, generators=_generators(seeds))
    before = calls_of(replace(batch.plan, hires=None))
    given = {"image": over, "strength": share, **picture_blended(plan)}
    return _through_pipeline(again, pull, remix.of(batch.pipeline, plan), given, before=before)


def _generators(seeds: Sequence[int]) -> Sequence[torch.Generator]:
    return [torch.Generator("cpu").manual_seed(seed) for seed in seeds]


def _calls_left(scheduler: Scheduler) -> int:
    """How often a refiner will call: diffusers has it begin anew a step of two calls that the first model broke off."""
    levels = scheduler.config.get("num_train_timesteps")
    assert isinstance(levels, int)
    left = int((scheduler.timesteps < round(levels - BEGUN * levels)).sum())
    return left + 1 if scheduler.order == 2 and left % 2 == 0 else left


def finished(pipeline: Pipeline, plan: Plan, sides: Sides, begun: Begun, *, config: Mapping[str, object]) -> Tensor:
    """The latents that a refiner makes of those that a model has begun; `config` is that of its own scheduler."""
    pipe = stable_diffusion(pipeline)
    check_channels(pipe, is_masked=False)
    pipe.scheduler = sampler_of(plan, begun.seeds, begun.generators, config)
    batch = Batch(
        pipeline=pipe,
        plan=plan,
        sides=[sides] * len(begun.generators),
        generators=begun.generators,
        on_call=begun.on_call,
    )
    given = {"image": begun.latents, "denoising_start": BEGUN}
    return _through_pipeline(batch, sides.pull or 1.0, pipe, given, before=begun.calls)


def _through_pipeline(
    batch: Batch, pull: float, pipe: StableDiffusion, start: Mapping[str, object], *, before: int = 0
) -> Tensor:
    """The latents that the diffusers pipeline draws, with the embeddings of the next call swapped in after each one.

    `before` are calls of another model, by which the pictures were begun.
    """
    plan, sides, copies = batch.plan, batch.sides[0], len(batch.generators)

    def after_call(
        pipe: StableDiffusion, call: int, moment: Tensor, tensors: Mapping[str, Tensor]
    ) -> Mapping[str, Tensor]:
        done, calls = before + call + 1, before + pipe.num_timesteps
        show(tensors["latents"], plan, done, calls)
        batch.on_call(done, calls)
        if not sides.is_scheduled:
            return {}
        rows = sides.at(before + call + 1)
        kept = rows if pipe.do_classifier_free_guidance else rows[1:]
        pooled = [row.pooled.repeat(copies, 1) for row in kept if row.pooled is not None]
        swapped = {"prompt_embeds": torch.cat([row.states.repeat(copies, 1, 1) for row in kept])}
        return {**swapped, "add_text_embeds": torch.cat(pooled)} if pooled else swapped

    negative, positive = sides.at(before)
    with drawn_alike(pipe):
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
            callback_on_step_end_tensor_inputs=["latents", "prompt_embeds"],
        ).images


def _given(condition: Condition, side: str) -> Mapping[str, Tensor]:
    """One side as a pipeline takes it."""
    given = {f"{side}prompt_embeds": condition.states}
    return given if condition.pooled is None else {**given, f"{side}pooled_prompt_embeds": condition.pooled}


def _started(batch: Batch, remix: Over, control: nn.Module | None) -> tuple[StableDiffusion, Mapping[str, object]]:
    """The pipeline and what it starts from: noise of the plan's size, or an image brought to it; by a map or free."""
    plan = batch.plan
    width, height = plan.size
    sized, blended = {"width": width, "height": height}, picture_blended(plan)
    over = {} if plan.image is None else {"strength": share_of(plan), **pictures_over(plan, len(batch.generators))}
    if control is None:
        pipeline = remix.of(batch.pipeline, plan) if over else batch.pipeline
        return pipeline, {**(over or sized), **blended}
    held = holding(plan)
    named = {"control_image": control_map(plan)} if over else {"image": control_map(plan)}
    return remix.of(batch.pipeline, plan, control), {**sized, **over, **held, **named, **blended}


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
