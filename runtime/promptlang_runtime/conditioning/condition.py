"""What a denoiser is told of a prompt, and how a family makes it of weighted text."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace

import torch
from torch import Tensor
from torch.nn.functional import pad

from promptlang.plans.plan import Run
from promptlang.tokens.layouts import Layout
from promptlang_runtime.errors import RenderError


@dataclass(frozen=True, slots=True, eq=False)
class Condition:
    """States of tokens, (1, tokens, width); a summary of the prompt, (1, width), and which tokens count, (1, tokens).

    The latter two are there where the family's denoiser takes them. Several prompts have a row each.
    """

    states: Tensor
    pooled: Tensor | None = None
    mask: Tensor | None = None

    def scaled(self, share: float) -> Condition:
        """Every number of it times a share."""
        return replace(self, states=self.states * share, pooled=None if self.pooled is None else self.pooled * share)

    def zeros(self) -> Condition:
        """As much of nothing at all, which is not what an encoder says of the empty prompt."""
        return self.scaled(0.0)


Embed = Callable[[Sequence[Run]], Condition]


@dataclass(frozen=True, slots=True, kw_only=True)
class Reader:
    """How a family reads prompts for one plan.

    `layout` says how prompts of several lengths are brought to one; None where chunks mean nothing to the encoder.
    `nothing` is what the encoder says of the empty prompt, where that is known.
    """

    embed: Embed
    layout: Layout | None
    nothing: Condition | None = None

    def ready_for(self, lengths: Iterable[int]) -> Reader:
        """The same, which need not read any more to bring conditions of these lengths to one."""
        is_padded = self.layout is not None and self.layout.padding != "repeated" and len(set(lengths)) > 1
        return replace(self, nothing=self.embed(())) if is_padded else self

    def even(self, conditions: Sequence[Condition]) -> list[Condition]:
        """Conditions at one number of tokens: repeated, or with encoded empty chunks behind them.

        An empty chunk carries no words but keeps its marks; what is repeated says exactly what it said once.
        """
        if self.layout is None:
            return list(conditions)
        length = self.layout.common_length(each.states.shape[1] for each in conditions)
        return [self.brought(each, length) for each in conditions]

    def brought(self, condition: Condition, length: int) -> Condition:
        """The condition at a common length, as the owner of this way of weighting does it."""
        if self.layout and self.layout.padding == "repeated":
            return _repeated(condition, length)
        return self.padded(condition, length)

    def padded(self, condition: Condition, length: int) -> Condition:
        """The condition at a number of tokens, empty chunks behind it; raises RenderError where there are none."""
        states = condition.states
        if states.shape[1] >= length:
            return condition
        if self.layout is None:
            raise RenderError("prompts of several lengths cannot be mixed for this model", "write one prompt")
        nothing = (self.nothing or self.embed(())).states
        filling = (length - states.shape[1]) // nothing.shape[1]
        return replace(condition, states=torch.cat([states, *([nothing] * filling)], dim=1))


def _repeated(condition: Condition, length: int) -> Condition:
    times = length // condition.states.shape[1]
    return condition if times == 1 else replace(condition, states=condition.states.repeat(1, times, 1))


def total(conditions: Sequence[Condition]) -> Condition:
    """Conditions of one length added up."""
    pooled = [each.pooled for each in conditions if each.pooled is not None]
    return Condition(
        torch.stack([each.states for each in conditions]).sum(dim=0),
        torch.stack(pooled).sum(dim=0) if pooled else None,
        conditions[0].mask,
    )


def rows(conditions: Sequence[Condition]) -> Condition:
    """Conditions one below the other; shorter ones end in tokens that do not count."""
    length = max(each.states.shape[1] for each in conditions)
    is_masked = any(each.mask is not None or each.states.shape[1] < length for each in conditions)
    masks = [
        each.states.new_ones(each.states.shape[:2], dtype=torch.long) if each.mask is None else each.mask
        for each in conditions
    ]
    pooled = [each.pooled for each in conditions if each.pooled is not None]
    return Condition(
        torch.cat([pad(each.states, (0, 0, 0, length - each.states.shape[1])) for each in conditions]),
        torch.cat(pooled) if pooled else None,
        torch.cat([pad(each, (0, length - each.shape[1])) for each in masks]) if is_masked else None,
    )
