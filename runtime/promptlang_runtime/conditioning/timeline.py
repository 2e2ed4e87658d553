"""Which embeddings condition the denoiser at which of its calls, on either side of a plan."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import assert_never

import torch

from promptlang.plans.plan import Conditioned, Conditioning, Run
from promptlang_runtime.conditioning.condition import Condition, Embed, Reader, rows, total
from promptlang_runtime.errors import RenderError


@dataclass(frozen=True, slots=True)
class Timeline:
    """Conditions in order; each holds up to and including the denoiser call of its number, the last to the end."""

    until: tuple[int, ...]
    conditions: tuple[Condition, ...]

    def at(self, call: int) -> Condition:
        """What holds at a call, counted from 0."""
        for last, condition in zip(self.until, self.conditions, strict=True):
            if call <= last:
                return condition
        return self.conditions[-1]


@dataclass(frozen=True, slots=True)
class Direction:
    """A prompt that pulls the picture, and how strongly; several add up."""

    timeline: Timeline
    weight: float = 1.0


def directions(conditioning: Conditioning, reader: Reader) -> tuple[Direction, ...]:
    """The directions of one side: one per branch of a conjunction, a single one for everything else."""
    branches = conditioning.branches
    match conditioning.combine:
        case "and":
            return tuple(Direction(timeline(branch, reader.embed), branch.weight) for branch in branches)
        case "blend":
            whole = sum(branch.weight for branch in branches) if conditioning.normalized else 1.0
            if not whole:
                raise RenderError("the weights of a blend add up to 0", "write weights whose sum is not 0")
            shares = [branch.weight / whole for branch in branches]
            return (Direction(_merged(branches, reader, lambda each: _blended(each, shares, reader))),)
        case "concatenate":
            weights = [branch.weight for branch in branches]
            return (Direction(_merged(branches, reader, lambda each: _joined(each, weights, reader))),)
        case _:
            assert_never(conditioning.combine)


def timeline(branch: Conditioned, embed: Embed) -> Timeline:
    """The segments of one branch, each distinct text encoded once."""
    known: dict[tuple[Run, ...], Condition] = {}
    for segment in branch.segments:
        if segment.runs not in known:
            known[segment.runs] = embed(segment.runs)
    return Timeline(
        tuple(segment.until for segment in branch.segments), tuple(known[segment.runs] for segment in branch.segments)
    )


def _merged(
    branches: Sequence[Conditioned], reader: Reader, combine: Callable[[list[Condition]], Condition]
) -> Timeline:
    """The branches as one timeline that changes whenever one of them does."""
    return _together([timeline(branch, reader.embed) for branch in branches], combine)


def _together(timelines: Sequence[Timeline], combine: Callable[[list[Condition]], Condition]) -> Timeline:
    changes = sorted({until for each in timelines for until in each.until})
    return Timeline(tuple(changes), tuple(combine([each.at(call) for each in timelines]) for call in changes))


def stacked(timelines: Sequence[Timeline]) -> Timeline:
    """Timelines as one, whose conditions have a row for each of them."""
    return timelines[0] if len(timelines) == 1 else _together(timelines, rows)


def _blended(conditions: list[Condition], shares: Sequence[float], reader: Reader) -> Condition:
    length = max(each.states.shape[1] for each in conditions)
    even = [reader.padded(each, length) for each in conditions]
    return total([each.scaled(share) for each, share in zip(even, shares, strict=True)])


def _joined(conditions: list[Condition], weights: Sequence[float], reader: Reader) -> Condition:
    """End to end, each moved away from the empty prompt by its weight, as Compel's `.and()` does.

    The summary is that of the first prompt, as it is that of the first chunk of a long one.
    """
    moved = [
        each.states if weight == 1 else _moved(each, weight, reader)
        for each, weight in zip(conditions, weights, strict=True)
    ]
    return replace(conditions[0], states=torch.cat(moved, dim=1))


def _moved(condition: Condition, weight: float, reader: Reader) -> torch.Tensor:
    nothing = reader.padded(reader.embed(()), condition.states.shape[1]).states
    return nothing + (condition.states - nothing) * weight
