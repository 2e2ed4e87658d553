"""Why a sampler or a noise schedule does not draw: in an arithmetic, with the noise of a model, or with its family."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from promptlang.models.discover import reading
from promptlang.plans.plan import Model
from promptlang.refusals.refusal import Refusal, package_refusal
from promptlang.sentences import listed
from promptlang.tables.arithmetics import (
    COMFY,
    DEFAULT,
    UNBEGUN,
    arithmetic,
    called,
    draws_flow,
    has,
    package_of,
    schedules,
)
from promptlang.tables.arithmetics import ROWS as ARITHMETICS
from promptlang.tables.models.families import own_sampler
from promptlang.tables.models.family import Family
from promptlang.tables.samplers import FLOW_EULER, Sampler

FLOW_SCHEDULES = ("simple", "karras", "exponential", "beta")
"""The schedules that such models are drawn with; the first, `simple`, is their own, and the only one of solvers."""


def noise_refusal(model: Model, row: Sampler) -> Refusal | None:
    """Why a model is not drawn with that sampler, for the noise that it was trained with; None where it is."""
    if row.zero_snr or model.path is None:
        return None
    read = reading(Path(model.path)).identity
    return zero_snr_refusal(row) if read and read.zero_snr else None


def zero_snr_refusal(row: Sampler) -> Refusal | None:
    """Why a model whose noise ends at zero signal is not drawn with that sampler; None where it is."""
    if row.zero_snr:
        return None
    message = f"the sampler `{row.name}` knows no noise that ends at zero signal, as the model's does"
    return Refusal(message, "write `/sampler:k_euler`", is_limit=True)


def sampling_refusal(row: Sampler, schedule: str | None, name: str) -> Refusal | None:
    """Why nothing is drawn with that sampler and schedule in that arithmetic; None where something is."""
    if refusal := arithmetic_refusal(row, name):
        return refusal
    if schedule and (refusal := schedule_refusal(row, schedule, name)):
        return refusal
    return package_refusal(package_of(row, name), f"the sampler `{row.name}`")


def arithmetic_refusal(row: Sampler, name: str) -> Refusal | None:
    """Why the sampler is not drawn in an arithmetic; None where it is."""
    if has(row, name):
        return None
    others = [each for each in ARITHMETICS if has(row, each.name)]
    program = arithmetic(name).program
    message = f"{program} has no sampler `{row.name}`"
    if called(row, name):
        message = f"the sampler `{row.name}` is not drawn as {program} draws it yet"
    help = listed((f"`/arithmetic:{each.name}`" for each in others), "or")
    return Refusal(message, f"write {help}, or another sampler")


def schedule_refusal(row: Sampler, schedule: str, name: str) -> Refusal | None:
    """Why the sampler is not drawn with a noise schedule in an arithmetic; None where it is."""
    known = schedules(row, name)
    if schedule in known:
        return None
    where = "" if name == DEFAULT else f" in {arithmetic(name).program}"
    message = f"the sampler `{row.name}` has no schedule `{schedule}`{where}"
    instead = f"write {_written(known)}" if known else "leave the schedule out"
    return Refusal(message, f"{instead}{or_elsewhere(row, schedule)}")


def or_elsewhere(row: Sampler, schedule: str) -> str:
    """How advice goes on where another arithmetic has the sampler with that schedule; empty where none has."""
    others = [f"`/arithmetic:{each.name}`" for each in ARITHMETICS if schedule in schedules(row, each.name)]
    return f", or write {listed(others, 'or')}, which draws it" if others else ""


def _written(schedules: Iterable[str]) -> str:
    return listed((f"`/schedule:{each}`" for each in schedules), "or")


def flow_refusal(
    model: Family, row: Sampler, schedule: str | None, name: str = DEFAULT, *, variant: str = ""
) -> Refusal | None:
    """Why a flow-matching family is not drawn with that sampler or schedule in an arithmetic; None where it is.

    Most pipelines of such models space the steps themselves, which no other method than Euler's takes from them.
    """
    if own := own_sampler(model, variant):
        if row.name == own:
            return None  # its schedules are a matter of its own
        message = f"the sampler `{row.name}` cannot draw with {model.title} {variant}, which is made for `{own}` alone"
        return Refusal(message, f"write `/sampler:{own}`, or leave `/sampler` out", is_limit=True)
    if draws_flow(name):
        return _comfy_flow_refusal(row, schedule)
    if row.flow != FLOW_EULER and row.name not in model.solvers:
        message = f"the sampler `{row.name}` cannot draw with a flow-matching model"
        return Refusal(message, "write `/sampler:k_euler`", is_limit=True)
    known = FLOW_SCHEDULES if row.flow == FLOW_EULER else FLOW_SCHEDULES[:1]
    if schedule is not None and schedule not in known:
        message = f"the schedule `{schedule}` cannot be drawn with a flow-matching model"
        if len(known) < len(FLOW_SCHEDULES):
            message += f" and `{row.name}`"
        return Refusal(message, f"write {_written(known)}", is_limit=True)
    return None


def _comfy_flow_refusal(row: Sampler, schedule: str | None) -> Refusal | None:
    program = arithmetic(COMFY.name).program
    if not row.comfy_flow:
        message = f"the sampler `{row.name}` is not drawn as {program} draws it with a flow-matching model"
        return Refusal(message, "write `/sampler:k_euler`", is_limit=True)
    if schedule == UNBEGUN:
        message = f"the schedule `{schedule}` begins below full noise, which no flow-matching model is drawn from"
        return Refusal(message, "write `/schedule:simple`", is_limit=True)
    return None
