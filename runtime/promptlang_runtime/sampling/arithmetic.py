"""Samplers as ComfyUI and stable-diffusion-webui draw by them: noise levels, first noise and step noise.

ComfyUI's step noise has a seed of its own, the next one; webui goes on with the generator of the first noise.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from math import sqrt

import torch
from torch import Tensor

from promptlang.plans.plan import Plan
from promptlang.plans.remixing import spacing_of, steps_of
from promptlang.tables.arithmetics import COMFY, schedule_of, sheds
from promptlang.tables.models.family import Flow
from promptlang.tables.samplers import Sampler as Row
from promptlang_runtime.sampling.driven import Driven
from promptlang_runtime.sampling.flow import FlowDriven, TokenNoise, flow_levels
from promptlang_runtime.sampling.levels import Levels, discrete, numbers
from promptlang_runtime.sampling.masks import Holding
from promptlang_runtime.sampling.methods import FLOW, METHODS, Method
from promptlang_runtime.sampling.noise import Brownian, Fresh, following
from promptlang_runtime.sampling.schedules import COMFY as COMFY_SCHEDULES
from promptlang_runtime.sampling.schedules import UNENDED, Schedule
from promptlang_runtime.sampling.schedules import WEBUI as WEBUI_SCHEDULES
from promptlang_runtime.sampling.solver import StepNoise

_NEAR = 1 - 1e-5  # of the largest level, from which on ComfyUI counts a picture as nothing but noise
_WARM = (0.8, 0.2)  # the shares of the training between which the stochastic Adams solver adds noise


def driven(
    plan: Plan,
    row: Row,
    seeds: Sequence[int],
    generators: Sequence[torch.Generator],
    config: Mapping[str, object],
    *,
    spacing: int | None = None,
) -> Driven:
    """The sampler of a plan in the arithmetic that the plan names, for pictures of these seeds.

    `generators` are those of the first noise, `config` is that of the model's own scheduler. With `spacing` its steps
    are the last of so many.
    """
    is_comfy = plan.arithmetic == COMFY.name
    levels = discrete(config, whole=is_comfy)
    method = METHODS[plan.arithmetic][row.name]
    own = [torch.Generator().manual_seed(following(seed)) for seed in seeds] if is_comfy else generators

    def noise(sigmas: Sequence[float], like: Tensor) -> StepNoise:
        return Brownian(seeds, sigmas, like) if row.along_path else Fresh(own, like)

    last = len(levels.sigmas) - 1
    high, low = numbers(levels.sigma(torch.tensor([share * last for share in _WARM])))
    return Driven(
        draw=method.draw,
        levels=levels,
        warm=(high, low),
        to_sigmas=partial(_sigmas, plan, row, method, levels, spacing),
        to_noise=noise,
        config=config,
        velocity=config.get("prediction_type") == "v_prediction",
        start=partial(_start, plan, method, levels, spacing),
        holding=Holding.NOISED if is_comfy else Holding.BARE if method.moments else Holding.FREE,
        scaled=method.scaled,
        counted=not row.is_measured,
    )


def flow_driven(
    plan: Plan, row: Row, seeds: Sequence[int], config: Mapping[str, object], flow: Flow, *, patch: int
) -> FlowDriven:
    """The same for a flow-matching model, as ComfyUI draws it; `patch` is the side of a token of its pictures."""
    levels, method = flow_levels(flow), FLOW[row.name]
    own = [torch.Generator().manual_seed(following(seed)) for seed in seeds]
    width, height = plan.size
    schedule = COMFY_SCHEDULES[plan.schedule or schedule_of(row, plan.arithmetic, is_flow=True)]
    return FlowDriven(
        draw=method.draw,
        levels=levels,
        to_sigmas=partial(_ended, schedule, sheds(row, plan.arithmetic), levels),
        to_noise=lambda like: TokenNoise(own, like, patch, height / width),
        config=config,
    )


def _start(plan: Plan, method: Method, levels: Levels, spacing: int | None, sigma: float) -> tuple[float, float]:
    """What of an image and of noise a picture begins with at a level."""
    whole = sqrt(1 + sigma**2)
    if plan.arithmetic == COMFY.name:
        return 1.0, whole if sigma >= float(levels.sigmas[-1]) * _NEAR else sigma
    if not method.scaled:
        return 1.0, sigma
    if spacing is None and plan.image is None:
        return whole, whole
    # webui brings the image to the level above the one that it then begins at
    known = _of_moments(levels, spacing or spacing_of(plan))
    above = known[max(known.index(sigma) - 1, 0)]
    return whole / sqrt(1 + above**2), above * whole / sqrt(1 + above**2)


def _sigmas(plan: Plan, row: Row, method: Method, levels: Levels, spacing: int | None, steps: int) -> list[float]:
    """The levels that a plan's picture goes through; over an image the last of them."""
    if spacing is None and plan.image is None:
        return _of_method(plan, row, method, levels, steps)
    whole = _of_method(plan, row, method, levels, spacing or spacing_of(plan))
    left = steps if spacing else steps_of(plan)
    return whole[-max(left - 1, 2) :] if method.moments else whole[-left - 1 :]


def _of_method(plan: Plan, row: Row, method: Method, levels: Levels, steps: int) -> list[float]:
    return _of_moments(levels, steps) if method.moments else _laid_out(plan, row, levels, steps)


def _laid_out(plan: Plan, row: Row, levels: Levels, steps: int) -> list[float]:
    known = COMFY_SCHEDULES if plan.arithmetic == COMFY.name else WEBUI_SCHEDULES
    schedule = known[plan.schedule or schedule_of(row, plan.arithmetic)]
    return _ended(schedule, sheds(row, plan.arithmetic), levels, steps)


def _ended(schedule: Schedule, is_shed: bool, levels: Levels, steps: int) -> list[float]:
    """A schedule's levels with the one that a picture ends at; that before it may be shed."""
    found = numbers(schedule(levels, steps + is_shed))
    if schedule not in UNENDED:
        found.append(0.0)
    return [*found[:-2], found[-1]] if is_shed else found


def _of_moments(levels: Levels, steps: int) -> list[float]:
    """Every so manieth moment of the training from the second on, as webui lays DDIM's and PLMS's steps out."""
    count = len(levels.sigmas)
    moments = torch.arange(0, count, max(count // steps, 1)).add(1).clamp(max=count - 1)
    return numbers(levels.sigmas[moments.flip(0)])
