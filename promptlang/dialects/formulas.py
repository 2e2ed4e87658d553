"""What a weight does in the program that reads it; the same number moves words by different amounts in two of them.

How far a word is moved is its reach: how far its vector gets from that of an empty prompt, along its own direction,
where 1 is the word without a weight. Numbers of equal reach come nearest to one another; they are estimates, for
what else a program does to the prompt as a whole has no number of its own.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from math import isfinite, pi, tan

from promptlang.dialects.dialect import dialect
from promptlang.plans.plan import Weighting
from promptlang.tables.dialects import DIALECTS
from promptlang.values import dataclass

_HALVINGS = 60  # until two doubles meet
_DIGITS = 4  # of an estimate


@dataclass(frozen=True, slots=True)
class Formula:
    """One row: what is done in words, how far a number reaches, and the number for a reach."""

    does: str
    reach: Callable[[float], float]
    number: Callable[[float], float]


@dataclass(frozen=True, slots=True)
class Note:
    """That numbers act otherwise in the other dialect, with each number and the one that comes nearest there."""

    message: str
    numbers: tuple[tuple[float, float], ...]


def _same(number: float) -> float:
    return number


def _scaled_reach(number: float) -> float:
    """Of a vector that is multiplied: all vectors are about equally long, so half of it leads away from the empty one.

    With e the empty prompt's vector and z = e + d the word's, w·z lies (w·⟨z,d⟩ − ⟨e,d⟩) / ⟨d,d⟩ along d; the encoder's
    last layer norm makes z as long as e, and then ⟨e,d⟩ is −⟨d,d⟩ / 2.
    """
    return (1 + number) / 2


def _scaling(reach: float) -> float:
    return 2 * reach - 1


def _blended_reach(number: float) -> float:
    """Of a word that is moved and, below 1, blended with the prompt without it by the tangent of what is missing."""
    return number if number >= 1 else number / (1 + tan((1 - max(number, 0.0)) * pi / 2))


def _blending(reach: float) -> float:
    if reach >= 1 or not isfinite(reach) or reach <= 0:
        return reach
    low, high = 0.0, 1.0
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        low, high = (middle, high) if _blended_reach(middle) < reach else (low, middle)
    return high


FORMULAS: Mapping[Weighting, Formula] = {
    "a1111": Formula("multiplies what a word is encoded to and restores the mean", _scaled_reach, _scaling),
    "a1111-no-norm": Formula("multiplies what a word is encoded to", _scaled_reach, _scaling),
    "comfy": Formula("moves a word away from the empty prompt", _same, _same),
    "compel": Formula(
        "moves a word away from the empty prompt, and below 1 blends in the prompt without it",
        _blended_reach,
        _blending,
    ),
}


def recomputed(number: float, source: Weighting, target: Weighting) -> float:
    """The number that reaches as far in the other program; one without a reach stays."""
    ours, theirs = FORMULAS[source], FORMULAS[target]
    if ours.reach is theirs.reach or number == 1.0 or not isfinite(number):
        return number
    found = theirs.number(ours.reach(number))
    return number if abs(found - number) < 10**-_DIGITS else round(found, _DIGITS)


def note(numbers: Iterable[float], source: str, target: str) -> Note | None:
    """What is to be said of these weights where one dialect's text becomes another's; None where they act alike."""
    before, after = dialect(source).weighting, dialect(target).weighting
    if before == after:
        return None
    seen = tuple((each, recomputed(each, before, after)) for each in sorted(set(numbers)) if each != 1.0)
    changed = tuple(pair for pair in seen if pair[0] != pair[1])
    if not seen or (not changed and FORMULAS[before].reach is not FORMULAS[after].reach):
        return None
    titles = DIALECTS[source].title, DIALECTS[target].title
    does = FORMULAS[before].does, FORMULAS[after].does
    return Note(f"{titles[0]} {does[0]}, {titles[1]} {does[1]}", changed)
