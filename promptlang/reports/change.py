"""What a fix changes, as the lines a reader compares: taken away and put there, cut to the width of a terminal."""

from __future__ import annotations

from collections.abc import Iterator

from promptlang.diagnostics import Edit
from promptlang.fixes import applied
from promptlang.reports.excerpt import line_span, window
from promptlang.source import Source, Span

SHOWN = 4  # lines of each kind, the last of which says how many more there are
MORE = "… {} more lines"
NEARBY = 400  # code points of the same line that are kept around the edits


def changed_lines(source: Source, edits: tuple[Edit, ...], room: int) -> Iterator[tuple[int, str, str]]:
    """Line number, `-` or `+`, and the line in at most `room` cells."""
    number, before, after = _compared(source, edits)
    shared = _difference(before[0], after[0]) if before and after else Span(0, 0)
    for sign, lines in (("-", before), ("+", after)):
        for at, text in enumerate(_few(lines)):
            line = Span(0, len(text))
            focus = Span(min(shared.start, len(text)), max(min(shared.start, len(text)), len(text) - shared.end))
            yield number + at, sign, window(Source(text), line, focus if not at else Span(0, 0), room).text


def _few(lines: list[str]) -> list[str]:
    """The first ones, with a mark where more follow."""
    return lines if len(lines) <= SHOWN else [*lines[: SHOWN - 1], MORE.format(len(lines) - SHOWN + 1)]


def _compared(source: Source, edits: tuple[Edit, ...]) -> tuple[int, list[str], list[str]]:
    """The first line that differs, and the lines before and after, without those in common at either end."""
    start, end = min(edit.span.start for edit in edits), max(edit.span.end for edit in edits)
    number = source.position(start)[0]
    low = max(line_span(source, number).start, start - NEARBY)
    high = min(line_span(source, source.position(end)[0]).end, end + NEARBY)
    text = source.text[low:high]
    before = _lines(text)
    after = _lines(applied(text, (edit.moved(-low) for edit in edits)))
    while before and after and before[-1] == after[-1]:
        before.pop()
        after.pop()
    while before and after and before[0] == after[0]:
        before.pop(0)
        after.pop(0)
        number += 1
    return number, before, after


def _difference(before: str, after: str) -> Span:
    """How many code points two lines share at the start, and at the end."""
    shorter = min(len(before), len(after))
    start = next((at for at in range(shorter) if before[at] != after[at]), shorter)
    end = next((at for at in range(shorter - start) if before[-1 - at] != after[-1 - at]), shorter - start)
    return Span(start, end)


def _lines(text: str) -> list[str]:
    return text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
