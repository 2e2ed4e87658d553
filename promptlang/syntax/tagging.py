"""The tags of a prompt: what stands between two commas, in every bracket for itself."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence
from itertools import count, groupby

from promptlang.source import Span
from promptlang.syntax.nodes import (
    Alternation,
    Blend,
    Break,
    Conjunction,
    Negative,
    Part,
    Parts,
    Schedule,
    Statement,
    Swap,
    Text,
    Weight,
)
from promptlang.values import dataclass

_COMMA = re.compile(r"(?<!\\),")


@dataclass(frozen=True, slots=True)
class Tag:
    """A tag without the blanks around it; an empty one stands between two commas.

    `comma` is the one before it. `is_words` where nothing but words is in it, `is_whole` where no option, recipe or
    comment cuts it in two.
    """

    span: Span
    comma: Span | None
    is_words: bool
    is_whole: bool


@dataclass(frozen=True, slots=True)
class Row:
    """Tags that are neighbours: all of a prompt, or of a bracket in it.

    `scope` numbers what is drawn at once: both sides of a schedule have one of their own.
    """

    tags: tuple[Tag, ...]
    negative: bool
    scope: int


def tag_rows(statement: Statement) -> Iterator[Row]:
    """The tags of both prompts of a statement, outer brackets before inner ones; spans count in the statement."""
    signs = (*statement.options, *statement.recipes, *statement.comments)
    heads = (statement.label, statement.command)
    taken = sorted(each.span for each in (*signs, *filter(None, heads)))
    scopes = count()
    for number, prompt in enumerate(statement.prompts):
        waiting: list[tuple[Parts, bool, int]] = _apart((prompt.parts,), number == 1, scopes)
        while waiting:
            parts, negative, scope = waiting.pop()
            yield Row(tuple(_tags(statement.text, parts, taken)), negative, scope)
            for part in reversed(parts):
                match part:
                    case Weight(parts=below) if below:
                        waiting.append((below, negative, scope))
                    case Negative(parts=below) if below:
                        waiting.append((below, True, scope))
                    case _:
                        waiting.extend(_apart(_sides(part), negative, scopes))


def _apart(sides: Iterable[Parts], negative: bool, scopes: Iterator[int]) -> list[tuple[Parts, bool, int]]:
    """Parts that are not drawn as one, and each of them cut where a `BREAK` stands; the last one first."""
    rows = [tuple(row) for side in sides for is_break, row in groupby(side, _is_break) if not is_break]
    return [(row, negative, next(scopes)) for row in rows][::-1]


def _is_break(part: Part) -> bool:
    return isinstance(part, Break)


def _sides(part: Part) -> tuple[Parts, ...]:
    """What a node draws in turn or apart."""
    match part:
        case Schedule(before=before, after=after) | Swap(before=before, after=after):
            return before, after
        case Alternation(choices=choices):
            return choices
        case Conjunction(branches=branches) | Blend(branches=branches):
            return tuple(branch.parts for branch in branches)
        case _:
            return ()


def _tags(text: str, parts: Parts, taken: Sequence[Span]) -> Iterator[Tag]:
    signs = [part.span for part in parts if not isinstance(part, Text)][::-1]
    start, end, comma = parts[0].span.start, parts[-1].span.end, None
    for cut in (*_cuts(text, parts, taken), end):
        words = text[start:cut].rstrip()
        span = Span(start + len(words) - len(words.lstrip()), start + len(words))
        near = _between(taken, start, cut)  # mostly none: options stand before the words
        span = _without_ends(text, span, near) if near else span
        is_whole = not any(map(span.meets, near))
        while signs and signs[-1].end <= span.start:
            signs.pop()
        yield Tag(span, comma, is_whole and not (signs and signs[-1].meets(span)), is_whole)
        start, comma = cut + 1, Span(cut, cut + 1)


def _cuts(text: str, parts: Parts, taken: Sequence[Span]) -> Iterator[int]:
    """The commas that end a tag: those that are no part of an option or a name."""
    for part in parts:
        if isinstance(part, Text):
            for found in _COMMA.finditer(text, part.span.start, part.span.end):
                at = found.start()
                if not any(sign.start <= at < sign.end for sign in _between(taken, at, at)):
                    yield at


def _between(taken: Sequence[Span], start: int, end: int) -> Sequence[Span]:
    """Those of spans in order and apart that reach into a range, or touch it."""
    first = bisect_left(taken, start, key=_end)
    return taken[first : bisect_right(taken, end, lo=first, key=_start)]


def _start(span: Span) -> int:
    return span.start


def _end(span: Span) -> int:
    return span.end


def _without_ends(text: str, span: Span, taken: Sequence[Span]) -> Span:
    """A span without the options, names and comments at its ends."""
    for sign in taken:
        if sign.start == span.start < span.end and sign.end <= span.end:
            span = _trimmed(text, Span(sign.end, span.end))
    for sign in reversed(taken):
        if sign.end == span.end > span.start and sign.start >= span.start:
            span = _trimmed(text, Span(span.start, sign.start))
    return span


def _trimmed(text: str, span: Span) -> Span:
    words = text[span.start : span.end].rstrip()
    if not words:
        return Span(span.start, span.start)
    return Span(span.start + len(words) - len(words.lstrip()), span.start + len(words))
