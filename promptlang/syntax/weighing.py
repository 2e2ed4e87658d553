"""From the tree to weighted text: what each stretch of words counts on the positive and on the negative side."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from promptlang.plans.plan import Run
from promptlang.syntax.nodes import Branch, Break, Concept, Negative, Part, Parts, Text, Weight, inner
from promptlang.values import dataclass

STRONGER = 1.1
"""What another pair of square brackets around a negative multiplies its weight by."""


@dataclass(frozen=True, slots=True)
class CalledConcept:
    """A concept call with its weight, `around` of which is that of the groups around it, and the side it stands on."""

    node: Concept
    weight: float
    negative: bool
    around: float = 1.0


@dataclass(frozen=True, slots=True)
class Sides:
    """A prompt taken apart: weighted runs of both sides, and the concepts called."""

    positive: tuple[Run, ...]
    negative: tuple[Run, ...]
    concepts: tuple[CalledConcept, ...]


_NOTHING = Sides((), (), ())


_Waiting = tuple[Part | Branch, float, int]  # a node, the weight around it, and how many square brackets


def sides(parts: Parts, *, inversions: Mapping[str, str] | None = None, depth: int = 0, joins: bool = True) -> Sides:
    """Both sides of a tree; `inversions` are the concepts as written that stand in the text as words of their own.

    `depth` 1 reads the parts as a negative prompt, as the text after `/negative` is. Without `joins` every text of the
    tree stays a run of its own, character for character.
    """
    if not parts:  # as after most prompts' `/negative`, which is not there
        return _NOTHING
    runs: tuple[list[Run], list[Run]] = ([], [])
    concepts: list[CalledConcept] = []
    waiting: list[_Waiting] = [(part, 1.0, depth) for part in reversed(parts)]
    is_next = False  # whether a negative has begun that is not the first
    cut = False  # whether something left the positive text, which must not glue its neighbours together
    while waiting:
        node, weight, depth = waiting.pop()
        side = runs[depth > 0]
        match node:
            case Text(text=text):
                if depth and is_next:
                    if not text.strip():
                        continue
                    _separate(runs[1])
                    is_next = False
                side.append(Run(text, weight))
            case Break():
                side.append(Run("", weight, ends_chunk=True))
            case Concept(loads=False):
                cut = True
            case Concept(name=name, weight=own):
                strength = weight * (1.0 if own is None else own)
                concepts.append(CalledConcept(node, strength, depth > 0, weight))
                cut = True
                if inversions and (word := inversions.get(name)):
                    if depth and is_next:
                        _separate(runs[1])
                        is_next = False
                    side.append(Run(word, strength))
            case Negative(parts=inside):
                stronger = weight * (STRONGER if depth else 1.0)
                if not depth:
                    is_next = cut = True
                waiting += [(part, stronger, depth + 1) for part in reversed(inside)]
            case Weight(parts=inside, factor=factor, absolute=absolute):
                weight = factor if absolute else weight * factor
                waiting += [(part, weight, depth) for part in reversed(inside)]
            case other:
                waiting += [(part, weight, depth) for part in reversed(inner(other))]
    if not joins:
        return Sides(_trimmed(runs[0]), _trimmed(runs[1]), tuple(concepts))
    return Sides(_tidy(runs[0], cut), _tidy(runs[1], cut), tuple(concepts))


def _separate(runs: list[Run]) -> None:
    """A comma between two negatives, so that their words do not run together."""
    if any(run.text.strip() for run in runs):
        runs.append(Run(", ", 1.0))


def _tidy(runs: list[Run], cut: bool) -> tuple[Run, ...]:
    """Neighbours of equal weight as one, no blanks at the two ends, and none doubled where something was cut out."""
    if not runs:
        return ()
    joined = merged(runs)
    return _trimmed(_single_blanks(joined) if cut else joined)


def merged(runs: Iterable[Run]) -> list[Run]:
    """Neighbours of equal weight as one; a break parts them."""
    joined: list[Run] = []
    for run in runs:
        if joined and not run.ends_chunk and not joined[-1].ends_chunk and joined[-1].weight == run.weight:
            joined[-1] = Run(joined[-1].text + run.text, run.weight)
        elif run.text or run.ends_chunk:
            joined.append(run)
    return joined


def _trimmed(runs: list[Run]) -> tuple[Run, ...]:
    """The runs that say something, without blanks at the two ends."""
    merged = [run for run in runs if run.text or run.ends_chunk]
    while merged and not merged[0].ends_chunk and not merged[0].text.strip():
        del merged[0]
    while merged and not merged[-1].ends_chunk and not merged[-1].text.strip():
        del merged[-1]
    if merged:
        first = merged[0]
        if (text := first.text.lstrip()) != first.text:
            merged[0] = Run(text, first.weight, first.ends_chunk)
        last = merged[-1]
        if (text := last.text.rstrip()) != last.text:
            merged[-1] = Run(text, last.weight, last.ends_chunk)
    return tuple(merged)


def _single_blanks(runs: list[Run]) -> list[Run]:
    tidy: list[Run] = []
    open_blank = False
    for run in runs:
        text = run.text
        if "  " in text or " ," in text or "\t" in text:
            text = re.sub(r"[ \t]+(?=,)", "", re.sub(r"[ \t]{2,}", " ", text))
        if open_blank and text.startswith(" "):
            text = text[1:]
        if text or run.ends_chunk:
            tidy.append(run if text == run.text else Run(text, run.weight, run.ends_chunk))
            open_blank = text.endswith(" ")
    return tidy
