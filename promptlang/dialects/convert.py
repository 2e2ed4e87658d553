"""A prompt of one dialect as text of another, with a report of what the other cannot say.

Weights are worked out first and written flat, for the dialects nest them differently: a word counts what it did.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from itertools import groupby
from math import isfinite

from promptlang.dialects.clock import Clock
from promptlang.dialects.dialect import dialect, unmet
from promptlang.dialects.formulas import Note, note, recomputed
from promptlang.dialects.leaves import Aim, Leaf, has_words, leaves, spaced
from promptlang.dialects.readback import DIGITS, Loss, unread
from promptlang.source import Passage, Span
from promptlang.syntax.nodes import (
    Alternation,
    Branch,
    Conjunction,
    Negative,
    Part,
    Parts,
    Prompt,
    Schedule,
    Text,
    Weight,
)
from promptlang.tables.dialects import DIALECTS
from promptlang.values import dataclass

EMPHASIS = 1.1
_DOUBLED = re.compile(" {2,}")


@dataclass(frozen=True, slots=True)
class Conversion:
    """The text in the other dialect, its negative prompt (empty where there is none), and what was lost.

    `notes` say where numbers are kept, or recomputed, and act by another formula than before.
    """

    positive: str
    negative: str
    losses: tuple[Loss, ...]
    notes: tuple[Note, ...] = ()


def convert(
    prompt: Prompt,
    target: str,
    negative: Prompt | None = None,
    *,
    recompute: bool = False,
    kind_of: Callable[[str], str] = lambda name: "",
) -> Conversion:
    """The prompt in the dialect `target`, with the negative prompt that belongs to it.

    Numbers stay, or with `recompute` become those that come nearest to them by the other dialect's formula. `kind_of`
    tells what a name calls, which few dialects read like any other call: to the others it means a network.
    """
    owner, able = dialect(target), DIALECTS[target]
    if prompt.dialect == target:
        below = owner.write(negative.parts) if negative else ""
        return Conversion(owner.write(prompt.parts), below, ())
    weightings = dialect(prompt.dialect).weighting, owner.weighting
    number = partial(recomputed, source=weightings[0], target=weightings[1]) if recompute else float
    clock = Clock(prompt.dialect, target, recomputes=recompute)
    aim = Aim(able, DIALECTS[prompt.dialect].joins, number, clock, kind_of, dialect(prompt.dialect).drawn)
    positive, beside = _sides(prompt.parts, aim)
    below = (*beside, *(_flat(negative.parts, aim, below=True) if negative else ()))
    given = [side.passage.text for side in (prompt, negative) if side]
    above, under = (_single_spaced(owner.write(side).strip(), given) if side else "" for side in (positive, below))
    back, beneath = owner.parse(Passage(above)), negative or prompt
    losses = aim.losses + unread(positive, back.parts, able.title, aim.losses, prompt.passage, owner.drawn)
    losses += (Loss(prompt.span, each.message) for each in unmet(back))
    if below or under:
        back = owner.read(Passage(under), is_negative=True)
        losses += unread(below, back.parts, able.title, losses, beneath.passage, owner.drawn)
        losses += (Loss(beneath.span, each.message) for each in unmet(back))
    losses += (Loss(each.label.span, each.message) for side in (prompt, negative) if side for each in unmet(side))
    notes = (note(aim.numbers, prompt.dialect, target), clock.note())
    return Conversion(above, under, tuple(losses), tuple(each for each in notes if each))


def _single_spaced(written: str, given: Sequence[str]) -> str:
    """The text with one blank where a sign between two is no longer written; writers that double blanks keep theirs."""
    return written if any("  " in text for text in given) else _DOUBLED.sub(" ", written)


def _sides(parts: Parts, aim: Aim) -> tuple[Parts, Parts]:
    """The positive parts, and those of the negative prompt that the other dialect keeps elsewhere."""
    able, joined = aim.able, parts[0] if len(parts) == 1 and isinstance(parts[0], Conjunction) else None
    if joined and able.conjunctions:
        aim.lose(joined.span, f"{able.title} mixes the joined prompts in its own way")
        branches = tuple(Branch(branch.span, _flat(branch.parts, aim), branch.weight) for branch in joined.branches)
        return (Conjunction(joined.span, branches),), ()
    found = list(leaves(parts, aim))
    if able.negatives:
        return _with_negatives(spaced(found, aim.joins), aim), ()
    above = [leaf for leaf in found if not leaf.depth]
    below = list(_parted(leaf for leaf in found if leaf.depth))
    return (
        _grouped(spaced(above, aim.joins, tight=bool(below)), aim),
        _grouped(spaced(below, aim.joins), aim),
    )


def _parted(leaves: Iterable[Leaf]) -> Iterator[Leaf]:
    """The leaves of several negatives with a comma between two, so that their words do not run together."""
    worded: Leaf | None = None
    held: list[Leaf] = []  # of a negative that has had no words yet
    for leaf in leaves:
        is_next = worded is not None and worded.group != leaf.group
        if is_next and not has_words(leaf.part):
            held += () if isinstance(leaf.part, Text) else (leaf,)
            continue
        if worded and is_next:
            yield Leaf(Text(Span(worded.part.span.end, leaf.part.span.start), ", "), 1.0, leaf.depth, leaf.group)
        yield from (*held, leaf)
        held.clear()
        worded = leaf if has_words(leaf.part) else worded
    yield from held


def _flat(parts: Parts, aim: Aim, *, below: bool = False) -> Parts:
    return _grouped(spaced(leaves(parts, aim, below=below), aim.joins), aim)


def _grouped(leaves: Iterable[Leaf], aim: Aim, around: float = 1.0) -> Parts:
    """Neighbours of equal weight in one group; those that count `around`, as what is around them does, in none."""
    switched = [_switched(leaf, aim) for leaf in leaves]
    runs = [(weight, tuple(leaf.part for leaf in run)) for weight, run in groupby(switched, lambda leaf: leaf.weight)]
    result: list[Part] = []
    for at, (weight, parts) in enumerate(runs):
        if weight == around:
            result += parts
            continue
        span = Span(parts[0].span.start, parts[-1].span.end)
        beside = [other for other, _ in (*runs[max(at - 1, 0) : at], *runs[at + 1 : at + 2])]
        replaces = aim.able.absolute or not around
        counts = _short(weight if replaces else weight / around, beside)
        result += parts if counts == (around if replaces else 1.0) else _weighted(parts, span, counts, aim)
    return tuple(result)


def _switched(leaf: Leaf, aim: Aim) -> Leaf:
    """What changes at steps, with its words converted and its moment as the other dialect writes it.

    A number in a group of ComfyUI's replaces those around it, and one of webui's multiplies them.
    """

    def inside(parts: Parts) -> Parts:
        found = leaves(parts, aim, weight=leaf.weight)
        return _grouped(spaced(found, aim.joins), aim, aim.number(leaf.weight))

    match leaf.part:
        case Schedule(span=span, before=before, after=after, when=when, number=number):
            part: Part = Schedule(span, inside(before), inside(after), aim.clock.written(when), number)
        case Alternation(span=span, choices=choices):
            aim.clock.taken_in_turn()
            part = Alternation(span, tuple(map(inside, choices)))
        case _:
            return leaf
    return Leaf(part, aim.number(leaf.weight), leaf.depth, leaf.group)


def _short(weight: float, beside: Iterable[float]) -> float:
    """1.21 for 1.2100000000000002, unless that would make one group of two."""
    short = round(weight, DIGITS) if isfinite(weight) else weight
    return weight if not short or any(isfinite(each) and round(each, DIGITS) == short for each in beside) else short


def _weighted(parts: Parts, span: Span, weight: float, aim: Aim) -> Parts:
    able = aim.able
    if not any(has_words(part) for part in parts):
        return parts
    if not isfinite(weight) or (weight < 0 and not able.below_zero):
        aim.lose(span, f"{able.title} has no weight {weight:g}, the words count 1")
        return parts
    before, inside, after = _trimmed(parts)
    if able.numbers:
        return (*before, Weight(span, inside, weight, span, absolute=able.absolute), *after)
    for times in range(1, 6):
        if abs(weight - EMPHASIS**times) < 1e-9:
            for _ in range(times):
                inside = (Weight(span, inside, EMPHASIS),)
            return (*before, *inside, *after)
    aim.lose(span, f"{able.title} knows no numbers, the words count 1 instead of {weight:g}")
    return parts


def _trimmed(parts: Parts) -> tuple[Parts, Parts, Parts]:
    """The parts with the blanks at both ends taken out of the group."""
    first, last = parts[0], parts[-1]
    before: Parts = ()
    after: Parts = ()
    if isinstance(first, Text) and (blank := first.text[: len(first.text) - len(first.text.lstrip())]):
        before = (Text(first.span, blank),)
        parts = (Text(first.span, first.text.lstrip()), *parts[1:])
        last = parts[-1]
    if isinstance(last, Text) and (blank := last.text[len(last.text.rstrip()) :]):
        after = (Text(last.span, blank),)
        parts = (*parts[:-1], Text(last.span, last.text.rstrip()))
    return before, parts, after


def _with_negatives(leaves: list[Leaf], aim: Aim) -> Parts:
    result: list[Part] = []
    for (is_below, _), run in groupby(leaves, lambda leaf: (leaf.depth > 0, leaf.group)):
        parts = _grouped(run, aim)
        result.extend(
            (Negative(Span(parts[0].span.start, parts[-1].span.end), parts),) if is_below and parts else parts
        )
    return tuple(result)
