"""The chunks that a plan's text becomes, as the text encoder is given them when drawing starts."""

from __future__ import annotations

from collections.abc import Iterable

from promptlang.meaning.view import Called
from promptlang.plans.plan import Conditioning, Plan, Run, Weighting
from promptlang.tokens.chunks import NO_WORDS, Chunks, Words, words_for
from promptlang.tokens.layouts import LAYOUTS
from promptlang.tokens.vocabulary import END_ID
from promptlang.values import dataclass


@dataclass(frozen=True, slots=True)
class Laid:
    """Both sides of a plan in chunks, one entry for every branch."""

    positive: tuple[Chunks, ...]
    negative: tuple[Chunks, ...]


def laid_out(plan: Plan, called: Iterable[Called]) -> Laid:
    """The chunks of both sides at their first step; `called` are the concepts of the statement it was made of."""
    words = words_of(called)
    return Laid(laid_side(plan.positive, plan.weighting, words), laid_side(plan.negative, plan.weighting, words))


def laid_side(side: Conditioning, weighting: Weighting, words: Words = NO_WORDS) -> tuple[Chunks, ...]:
    """The chunks that every branch begins with."""
    return tuple(LAYOUTS[weighting].chunks(runs, words) for runs, _ in starts(side))


def starts(side: Conditioning) -> list[tuple[tuple[Run, ...], float]]:
    """What every branch begins with, and its weight."""
    return [(branch.segments[0].runs, branch.weight) for branch in side.branches if branch.segments]


def words_of(called: Iterable[Called]) -> Words:
    """The textual inversions among concepts, each as the ids behind the vocabulary that it stands for."""
    known = [each.known for each in called if each.known and each.kind == "inversion"]
    return words_for(((each.name, each.vectors or 1) for each in known), END_ID + 1)
