"""Concepts and strengths to compare, `<demo|sd15>` and `<fur:0.2|0.6|1>`, and the texts they stand for."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache

from promptlang.source import Passage, joined, pointing
from promptlang.syntax.nodes import names_several
from promptlang.values import dataclass

_NUMBER = r"[+-]?(?:\d+\.?\d*|\.\d+)"
_RANGE = rf"{_NUMBER}(?:\.\.{_NUMBER}){{0,2}}"
_CALL = re.compile(
    rf"\\.|<(?:(?:lora|lyco|hypernet):)?(?P<names>[^\s<>:/()\[\]\\|][^<>:()\[\]\\\r\n]*)"
    rf"(?::\s*(?P<strengths>{_RANGE}(?:\|{_RANGE})*|{_NUMBER}@[\d.@,+-]+)\s*)?>",
    re.IGNORECASE | re.DOTALL | re.ASCII,
)
_PIECE = re.compile(r"[^|]+")
_MOST_LISTED = 10_000
"""Points of a range that are listed; more are only counted."""


@dataclass(frozen=True, slots=True)
class Point:
    """One text of a choice, and where in the passage it is written; a number of a range stands where its range does."""

    text: str
    at: int


@dataclass(frozen=True, slots=True)
class Choice:
    """A stretch of a passage in whose place each of several texts comes, and the name of that axis.

    `merged` points are the same as others; where there are too many, `count` says how many and none is listed.
    """

    axis: str
    start: int
    end: int
    points: tuple[Point, ...]
    count: int
    merged: int = 0


def choices(passage: Passage) -> tuple[Choice, ...]:
    """What a passage names several of, in its order."""
    text = passage.text
    if "<" not in text or ("|" not in text and ".." not in text):
        return ()
    return _choices(text)


@lru_cache(maxsize=256)
def _choices(text: str) -> tuple[Choice, ...]:
    found: list[Choice] = []
    for call in _CALL.finditer(text):
        names = call["names"]
        if not names:
            continue
        at = call.start("names")
        pieces = tuple(_pieces(names, at)) if names_several(names) else (Point(names.strip(), at),)
        if len(pieces) > 1 and all(each.text for each in pieces):
            found.append(_choice("concept", call.span("names"), pieces, found))
        strengths = call["strengths"] or ""
        if "|" in strengths or ".." in strengths:
            axis = "strength" if len(pieces) > 1 else f"<{names.strip()}>"
            found.append(_of_strengths(axis, strengths, call.start("strengths"), found))
    return tuple(found)


def _pieces(text: str, at: int) -> Iterator[Point]:
    """The texts between the signs, without blanks around them."""
    for piece in text.split("|"):
        yield Point(piece.strip(), at + len(piece) - len(piece.lstrip()))
        at += len(piece) + 1


def _of_strengths(axis: str, text: str, at: int, before: Sequence[Choice]) -> Choice:
    from decimal import Decimal  # exact steps; most files have no ranges

    points: list[Point] = []
    count = 0
    for piece in _pieces(text, at):
        first, *rest = map(Decimal, piece.text.split(".."))
        if not rest:
            points.append(piece)
            count += 1
            continue
        step = abs(rest[1]) if len(rest) > 1 else Decimal(1)
        several = int(abs(rest[0] - first) / step) + 1 if step else 1
        count += several
        if count <= _MOST_LISTED:
            signed = step if rest[0] >= first else -step
            points += (Point(f"{(first + signed * place).normalize():f}", piece.at) for place in range(several))
    span = at, at + len(text)
    if count > _MOST_LISTED:
        return Choice(_name(axis, before), *span, (), count)
    return _choice(axis, span, points, before)


def _choice(axis: str, span: tuple[int, int], points: Sequence[Point], before: Sequence[Choice]) -> Choice:
    different = tuple({each.text: each for each in reversed(points)}.values())[::-1]
    return Choice(_name(axis, before), *span, different, len(different), len(points) - len(different))


def _name(axis: str, before: Sequence[Choice]) -> str:
    """The axis under a name that no other has."""
    taken = {each.axis for each in before}
    names = (axis, *(f"{axis} {number}" for number in range(2, len(before) + 2)))
    return next(each for each in names if each not in taken)


def chosen(passage: Passage, picks: Iterable[tuple[Choice, Point]]) -> Passage:
    """The passage with one text of each choice; every letter still points at where it is written."""
    pieces: list[Passage] = []
    end = 0
    for choice, point in picks:
        pieces.append(passage.part(end, choice.start))
        stop = point.at + len(point.text)
        as_written = passage.text[point.at : stop] == point.text
        pieces.append(passage.part(point.at, stop) if as_written else pointing(point.text, passage.at(point.at)))
        end = choice.end
    return joined((*pieces, passage.part(end, len(passage.text))))


def first_chosen(passage: Passage, among: Sequence[Choice]) -> Passage:
    """The passage with the first text of each choice."""
    picks = [(each, each.points[0]) for each in among if each.points]
    return chosen(passage, picks) if picks else passage


def swapped(passage: Passage, words: str, others: str) -> Passage:
    """The passage with other words wherever some stand; they point at the first letter of those."""
    pieces: list[Passage] = []
    end = 0
    while (start := passage.text.find(words, end)) >= 0:
        pieces += (passage.part(end, start), pointing(others, passage.at(start)))
        end = start + len(words)
    return joined((*pieces, passage.part(end, len(passage.text)))) if pieces else passage
