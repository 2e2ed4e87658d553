"""The row of the sampler table a plan names, built as a diffusers scheduler."""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from copy import deepcopy

import torch

from promptlang.models.folders import ZERO_SNR
from promptlang.plans.enlarging import second_steps, spaced_steps
from promptlang.plans.plan import Plan
from promptlang.plans.remixing import steps_of
from promptlang.refusals.refusal import package_refusal
from promptlang.refusals.sampling import (
    arithmetic_refusal,
    flow_refusal,
    sampling_refusal,
    schedule_refusal,
    zero_snr_refusal,
)
from promptlang.tables.arithmetics import DEFAULT
from promptlang.tables.models.abilities import flow_of
from promptlang.tables.models.families import family, own_sampler
from promptlang.tables.models.family import Family
from promptlang.tables.models.folders import folder_of
from promptlang.tables.samplers import FLOW_EULER, OF_ONE_SAMPLER, Sampler, sampler
from promptlang.tables.schedules import SCHEDULES
from promptlang_runtime.errors import RenderError, refuse
from promptlang_runtime.models import libraries
from promptlang_runtime.models.pipelines import Scheduler
from promptlang_runtime.sampling.arithmetic import driven, flow_driven
from promptlang_runtime.sampling.driven import no_distance

SPACING = "timestep_spacing"  # which pipelines of flow-matching models do themselves
SHIFTS = ("flow_shift", "shift")  # the name that solvers made for noise have for it, and Euler's

PATH_SEED = "noise_sampler_seed"
"""What diffusers calls the seeds of the path of noise, one a picture."""

LAST_LEVEL = "shift_terminal"
"""The level to which diffusers stretches the steps of some flow-matching models; a single one has no length."""

LOGARITHMS = "lambda_t"
"""What those of its schedulers have that divide by how far levels are apart in the logarithm."""


def known_sampler(name: str) -> Sampler:
    """The row of a sampler's name; raises RenderError for an unknown one."""
    row = sampler(name)
    if row is None:
        raise RenderError(f"there is no sampler `{name}`", "write `/sampler:dpm2m`")
    return row


def sampler_row(name: str) -> Sampler:
    """The same for diffusers; raises RenderError where it has none such, or its package is missing."""
    row = known_sampler(name)
    refuse(arithmetic_refusal(row, DEFAULT))
    refuse(package_refusal(row.package, f"the sampler `{row.name}`"))
    if row.package:  # a path of noise is asked for an end that rounding puts a hair past its own
        warnings.filterwarnings("ignore", message="Should have t", category=UserWarning)
    return row


def schedule_settings(row: Sampler, schedule: str | None) -> Mapping[str, object]:
    """What a scheduler is told of a schedule; raises RenderError for one that the sampler does not know."""
    if schedule is None:
        return {}
    refuse(schedule_refusal(row, schedule, DEFAULT))
    found = SCHEDULES[schedule]
    refuse(package_refusal(found.package, f"the schedule `{schedule}`"))
    return dict(found.settings)


def sampler_of(
    plan: Plan,
    seeds: Sequence[int],
    generators: Sequence[torch.Generator],
    config: Mapping[str, object],
    *,
    spacing: int | None = None,
) -> Scheduler:
    """What draws a batch of these seeds: a scheduler of diffusers, or a sampler of our own in another arithmetic.

    The first noise comes from the generators. `config` is that of the model's own scheduler; with `spacing` the plan's
    steps are the last of so many. Raises RenderError for a sampler or a schedule that is not had, and for more steps
    than it can keep apart.
    """
    if plan.arithmetic == DEFAULT:
        scheduler = scheduler_of(plan.sampler, schedule=plan.schedule, config=config)
        if hasattr(scheduler, PATH_SEED):
            setattr(scheduler, PATH_SEED, list(seeds))  # else the path of noise is another one in every run
        _check_steps(scheduler, plan.steps, plan.steps if plan.image is None else steps_of(plan))
        if plan.hires:
            _check_steps(scheduler, spaced_steps(plan), second_steps(plan))
        return scheduler
    row = known_sampler(plan.sampler)
    refuse(sampling_refusal(row, plan.schedule, plan.arithmetic))
    return driven(plan, row, seeds, generators, libraries.settings(config), spacing=spacing)


def _check_steps(scheduler: Scheduler, steps: int, left: int) -> None:
    """Raises RenderError where two of the steps, of which the last ones are drawn, have one level and the scheduler
    divides by their distance.
    """
    levels = scheduler.config.get("num_train_timesteps")
    if not isinstance(levels, int) or 2 * steps <= levels or not hasattr(scheduler, LOGARITHMS):
        return
    rehearsed, picture = deepcopy(scheduler), torch.ones(1, 1, 1, 1)
    rehearsed.set_timesteps(steps, device=picture.device)
    for moment in rehearsed.timesteps[-left:]:
        picture = rehearsed.step(torch.zeros_like(picture), moment, picture, return_dict=False)[0]
        if not torch.isfinite(picture):
            raise no_distance(levels)


def scheduler_of(name: str, *, schedule: str | None, config: Mapping[str, object]) -> Scheduler:
    """A new scheduler with the model's own noise levels, and everything else as the sampler's row and schedule say."""
    row = sampler_row(name)
    kept = {key: value for key, value in config.items() if key not in OF_ONE_SAMPLER}
    settings = {**dict(row.settings), **schedule_settings(row, schedule)}
    if config.get(ZERO_SNR) is True:
        refuse(zero_snr_refusal(row))
    return libraries.scheduler(row.scheduler, kept, **settings)


def flow_sampler_of(plan: Plan, seeds: Sequence[int], config: Mapping[str, object], *, patch: int) -> Scheduler:
    """What draws a batch of a flow-matching model: a scheduler of diffusers, or a sampler of our own.

    `patch` is the side in latents of a token of its pictures, 0 where they are no rows of tokens.
    """
    model = family(plan.model.family)
    if plan.arithmetic == DEFAULT:
        variant = plan.model.variant
        scheduler = flow_scheduler_of(model, plan.sampler, schedule=plan.schedule, config=config, variant=variant)
        if plan.steps == 1 and scheduler.config.get(LAST_LEVEL):
            message = "one step cannot be drawn with this model, whose steps lie between a first and a last noise level"
            raise RenderError(message, "write `/steps:2` or more")
        return scheduler
    row, flow = known_sampler(plan.sampler), flow_of(model, plan.model.variant)
    refuse(sampling_refusal(row, plan.schedule, plan.arithmetic))
    refuse(flow_refusal(model, row, plan.schedule, plan.arithmetic, variant=plan.model.variant))
    assert flow  # what has none is refused before
    return flow_driven(plan, row, seeds, libraries.settings(config), flow, patch=patch)


def flow_scheduler_of(
    model: Family, name: str, *, schedule: str | None, config: Mapping[str, object], variant: str = ""
) -> Scheduler:
    """A new scheduler for a flow-matching model, with the model's own shift of noise.

    Raises RenderError for what such models are not drawn with.
    """
    row = sampler_row(name)
    refuse(flow_refusal(model, row, schedule, variant=variant))
    if own_sampler(model, variant) and (folder := folder_of(model.name, variant)):
        refuse(sampling_refusal(row, schedule, DEFAULT))
        (own,) = folder.classes("scheduler")
        return libraries.scheduler(own, config)
    settings = {key: value for key, value in schedule_settings(row, schedule).items() if key != SPACING}
    shift = next((config[key] for key in SHIFTS if key in config), 1.0)
    if row.flow == FLOW_EULER:
        return libraries.scheduler(row.flow, {**config, "shift": shift}, **settings)
    kept = {key: value for key, value in config.items() if key not in OF_ONE_SAMPLER}
    return libraries.scheduler(row.flow, {**kept, **dict(row.flow_settings), "flow_shift": shift}, **dict(row.settings))
