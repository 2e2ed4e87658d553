"""Which embeddings condition the denoiser at which of its calls, on either side of a plan."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import assert_never

import torch
from torch import Tensor

from promptlang.plans.plan import Conditioned, Conditioning, Run
from promptlang_runtime.conditioning.encode import Empty, padded
from promptlang_runtime.errors import RenderError

Embed = Callable[[Sequence[Run]], Tensor]


@dataclass(frozen=True, slots=True)
class Timeline:
    """Embeddings in order; each holds up to and including the denoiser call of its number, the last to the end."""

    until: tuple[int, ...]
    embeddings: tuple[Tensor, ...]

    def at(self, call: int) -> Tensor:
        """What holds at a call, counted from 0."""
        for last, embedding in zip(self.until, self.embeddings, strict=True):
            if call <= last:
                return embedding
        return self.embeddings[-1]


@dataclass(frozen=True, slots=True)
class Direction:
    """A prompt that pulls the picture, and how strongly; several add up."""

    timeline: Timeline
    weight: float = 1.0


def directions(conditioning: Conditioning, embed: Embed) -> tuple[Direction, ...]:
    """The directions of one side: one per branch of a conjunction, a single one for everything else."""
    branches, empty = conditioning.branches, partial(embed, ())
    match conditioning.combine:
        case "and":
            return tuple(Direction(timeline(branch, embed), branch.weight) for branch in branches)
        case "blend":
            total = sum(branch.weight for branch in branches) if conditioning.normalized else 1.0
            if not total:
                raise RenderError("the weights of a blend add up to 0", "write weights whose sum is not 0")
            shares = [branch.weight / total for branch in branches]
            return (Direction(_merged(branches, embed, lambda states: _blended(states, shares, empty))),)
        case "concatenate":
            weights = [branch.weight for branch in branches]
            return (Direction(_merged(branches, embed, lambda states: _joined(states, weights, empty))),)
        case _:
            assert_never(conditioning.combine)


def timeline(branch: Conditioned, embed: Embed) -> Timeline:
    """The segments of one branch, each distinct text encoded once."""
    known: dict[tuple[Run, ...], Tensor] = {}
    for segment in branch.segments:
        if segment.runs not in known:
            known[segment.runs] = embed(segment.runs)
    return Timeline(
        tuple(segment.until for segment in branch.segments), tuple(known[segment.runs] for segment in branch.segments)
    )


def _merged(branches: Sequence[Conditioned], embed: Embed, combine: Callable[[list[Tensor]], Tensor]) -> Timeline:
    """The branches as one timeline that changes whenever one of them does."""
    timelines = [timeline(branch, embed) for branch in branches]
    changes = sorted({until for each in timelines for until in each.until})
    return Timeline(tuple(changes), tuple(combine([each.at(call) for each in timelines]) for call in changes))


def _blended(states: list[Tensor], shares: Sequence[float], empty: Empty) -> Tensor:
    length = max(each.shape[1] for each in states)
    even = [padded(each, length, empty) for each in states]
    return torch.stack([each * share for each, share in zip(even, shares, strict=True)]).sum(dim=0)


def _joined(states: list[Tensor], weights: Sequence[float], empty: Empty) -> Tensor:
    """End to end, each moved away from the empty prompt by its weight, as Compel's `.and()` does."""
    moved: list[Tensor] = []
    for each, weight in zip(states, weights, strict=True):
        if weight != 1:
            nothing = padded(empty(), each.shape[1], empty)
            each = nothing + (each - nothing) * weight
        moved.append(each)
    return torch.cat(moved, dim=1)
