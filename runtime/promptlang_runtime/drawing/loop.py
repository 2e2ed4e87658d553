"""The denoising loop of a UNet: pictures of several plans at once, each with directions and guidance of its own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from promptlang.plans.plan import Plan
from promptlang_runtime.conditioning.condition import Condition
from promptlang_runtime.conditioning.sides import Sides
from promptlang_runtime.drawing.canvas import Canvas
from promptlang_runtime.drawing.glimpses import show
from promptlang_runtime.drawing.noise import drawn_alike
from promptlang_runtime.drawing.pipelines import OnCall, StableDiffusion
from promptlang_runtime.models.decoding import LATENT
from promptlang_runtime.sampling.driven import Driven


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """What is drawn at once, one picture a generator and a pair of sides; `plan` is of any, for what all share.

    A sampler of our own may start over a canvas.
    """

    pipeline: StableDiffusion
    plan: Plan
    sides: Sequence[Sides]
    generators: Sequence[torch.Generator]
    on_call: OnCall
    canvas: Canvas | None = None

    @property
    def rows(self) -> Sequence[int]:
        """How many rows each picture has: the side it is pulled from, and one for every direction.

        Where guidance is exactly 1, nothing is left of the former.
        """
        return [1 if each.pull == 1 else 1 + len(each.positive) for each in self.sides]

    def at(self, call: int) -> Sequence[Sequence[Condition]]:
        """The conditions of every picture at a call, one a row."""
        found = {id(each): each.at(call) for each in self.sides}
        return [found[id(each)][1:] if each.pull == 1 else found[id(each)] for each in self.sides]


@torch.no_grad()
def looped(batch: Batch, *, before: int = 0) -> Tensor:
    """The latents: all rows of all pictures in one batch, added up by weight and guidance.

    `before` are calls that drew the canvas.
    """
    pipeline, plan, generators = batch.pipeline, batch.plan, batch.generators
    device, scheduler = pipeline.unet.device, pipeline.scheduler
    scheduler.set_timesteps(plan.steps, device=device)
    with drawn_alike(pipeline):
        latents = _begun(batch, scheduler) if isinstance(scheduler, Driven) else _prepared(batch)
        settings = pipeline.prepare_extra_step_kwargs(generators, 0.0)
        layers = _layers(batch.rows)
        changes = any(each.is_scheduled for each in batch.sides)
        conditions = batch.at(before)
        for call, moment in enumerate(scheduler.moments() if isinstance(scheduler, Driven) else scheduler.timesteps):
            conditions = batch.at(before + call) if changes else conditions
            rows = [conditions[place][layer] for layer, places in enumerate(layers) for place in places]
            shown = scheduler.shown(latents) if isinstance(scheduler, Driven) else latents
            sample = shown[[place for places in layers for place in places]]
            predictions = _predicted(batch, scheduler.scale_model_input(sample, moment), moment, rows)
            noise = _guided(batch, layers, predictions)
            latents = scheduler.step(noise, moment, latents, **settings, return_dict=False)[0]
            done, calls = before + call + 1, before + max(len(scheduler.timesteps), call + 1)
            show(latents, plan, done, calls)
            batch.on_call(done, calls)
    return latents


def _prepared(batch: Batch) -> Tensor:
    """Noise as the pipeline draws it."""
    pipeline, (width, height) = batch.pipeline, batch.plan.size
    unet, generators = pipeline.unet, batch.generators
    return pipeline.prepare_latents(
        len(generators), unet.config.in_channels, height, width, unet.dtype, unet.device, generators
    )


def _begun(batch: Batch, scheduler: Driven) -> Tensor:
    """Noise in single precision whatever the model counts in, alone or over an image."""
    pipeline, (width, height) = batch.pipeline, batch.plan.size
    shape = pipeline.vae.config.latent_channels, height // LATENT, width // LATENT
    noise = torch.stack([torch.randn(shape, generator=each) for each in batch.generators]).to(pipeline.unet.device)
    return scheduler.begun(noise, batch.canvas.image, batch.canvas.drawn) if batch.canvas else scheduler.begun(noise)


def _layers(rows: Sequence[int]) -> Sequence[Sequence[int]]:
    """Which pictures have a first row, a second one, and so on; the denoiser is given layer after layer."""
    return [[place for place, count in enumerate(rows) if layer < count] for layer in range(max(rows))]


def _predicted(batch: Batch, sample: Tensor, moment: Tensor, rows: Sequence[Condition]) -> Tensor:
    """What the denoiser says to every row; prompts of another length are another batch to it, or they would attend
    to what fills them up.
    """
    lengths = [row.states.shape[1] for row in rows]
    if len(set(lengths)) == 1:
        return _denoised(batch, sample, moment, rows)
    found = torch.empty_like(sample)
    for length in sorted(set(lengths)):
        places = [place for place, each in enumerate(lengths) if each == length]
        found[places] = _denoised(batch, sample[places], moment, [rows[place] for place in places])
    return found


def _denoised(batch: Batch, sample: Tensor, moment: Tensor, rows: Sequence[Condition]) -> Tensor:
    if batch.canvas and batch.canvas.beside is not None:
        sample = torch.cat([sample, batch.canvas.beside.expand(len(sample), -1, -1, -1)], dim=1)
    return batch.pipeline.unet(
        sample.to(rows[0].states.dtype),
        moment,
        encoder_hidden_states=torch.cat([row.states for row in rows]),
        added_cond_kwargs=_besides(rows, batch.plan.size),
        return_dict=False,
    )[0]


def _guided(batch: Batch, layers: Sequence[Sequence[int]], predictions: Tensor) -> Tensor:
    """The first prediction of every picture plus, for every direction, its difference from it times its pull."""
    noise = start = predictions[: len(layers[0])]
    done = len(start)
    for direction, places in enumerate(layers[1:]):
        prediction, done = predictions[done : done + len(places)], done + len(places)
        pulls = [batch.sides[place].pulls[direction] for place in places]
        if len(places) == len(start):
            noise = noise + _times(prediction - start, pulls)
        else:
            at = torch.tensor(places, device=start.device)
            noise = noise.index_add(0, at, _times(prediction - start[at], pulls))
    return _rescaled(noise, _directions(layers, predictions), batch.plan.rescale) if batch.plan.rescale else noise


def _times(difference: Tensor, pulls: Sequence[float]) -> Tensor:
    """Every difference times its pull, in single precision as a number alone would be."""
    if len(set(pulls)) == 1:
        return pulls[0] * difference
    return (torch.tensor(pulls, device=difference.device).view(-1, 1, 1, 1) * difference).to(difference)


def _directions(layers: Sequence[Sequence[int]], predictions: Tensor) -> Tensor:
    """The prompt's own prediction of every picture; of several directions, their mean."""
    rows: list[list[int]] = [[] for _ in layers[0]]
    for row, place in enumerate(place for places in layers for place in places):
        rows[place].append(row)
    return torch.stack([predictions[each[1:] or each].mean(dim=0) for each in rows])


def _rescaled(noise: Tensor, own: Tensor, share: float) -> Tensor:
    """Brought back to the spread of the prompt's own prediction, as diffusers does."""
    places = tuple(range(1, noise.dim()))
    spread = own.std(dim=places, keepdim=True) / noise.std(dim=places, keepdim=True)
    return share * (noise * spread) + (1 - share) * noise


def _besides(rows: Sequence[Condition], size: tuple[int, int]) -> Mapping[str, Tensor] | None:
    """What the denoiser of SDXL is told beside the states: the summaries, and the sizes of a picture cut nowhere."""
    pooled = [row.pooled for row in rows if row.pooled is not None]
    if not pooled:
        return None
    width, height = size
    sizes = torch.tensor([[height, width, 0, 0, height, width]]).to(pooled[0])
    return {"text_embeds": torch.cat(pooled), "time_ids": sizes.repeat(len(rows), 1)}
