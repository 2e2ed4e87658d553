"""The part of a line that is shown: all of it, or a window around what matters when the line is too long."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence

from promptlang.reports.cells import Cells, cells
from promptlang.source import Source, Span
from promptlang.values import dataclass

CUT = "…"


@dataclass(frozen=True, slots=True)
class Excerpt:
    """The shown part of a line: `layout` begins at offset `start`, and the code points `first:last` of it are shown."""

    start: int
    layout: Cells
    first: int
    last: int

    @property
    def cut_left(self) -> bool:
        """Whether text to the left is left out."""
        return self.first > 0

    @property
    def text(self) -> str:
        """The line as printed."""
        right = CUT if self.last < len(self.layout.pieces) else ""
        return CUT * self.cut_left + "".join(self.layout.pieces[self.first : self.last]) + right

    def column(self, offset: int) -> int:
        """The printed cell of a source offset, held inside what is shown."""
        index = min(max(offset - self.start, self.first), self.last)
        return self.layout.columns[index] - self.layout.columns[self.first] + self.cut_left


def line_span(source: Source, number: int) -> Span:
    """Where a line lies, without its line end; never copies the text."""
    starts, text = source.line_starts, source.text
    end = starts[number] if number < len(starts) else len(text)
    while end > starts[number - 1] and text[end - 1] in "\r\n":
        end -= 1
    return Span(starts[number - 1], end)


def window(source: Source, line: Span, focus: Span, room: int, *, after: int = 0) -> Excerpt:
    """The part of a long line around `focus` in `room` cells, with `after` cells free behind it where possible."""
    start = max(line.start, focus.start - 2 * room)
    layout = cells(source.text[start : min(line.end, focus.start + 3 * room)])
    columns = layout.columns
    left = columns[focus.start - start]
    right = min(columns[min(focus.end - start, len(layout.pieces))], left + room - 2)
    begin = left - max(0, room - (right - left)) // 2
    begin = min(begin, layout.width - room + 1)  # no empty space on the right
    begin = max(begin, min(right + after - room + 2, left - 4))
    first = _index(columns, max(0, begin)) if begin > 0 or start == line.start else 1
    limit = columns[first] + room - (first > 0)
    last = len(layout.pieces)
    if layout.width > limit or start + last < line.end:
        last = _index(columns, limit - 1, below=True)
    return Excerpt(start, layout, first, last)


def _index(columns: Sequence[int], column: int, *, below: bool = False) -> int:
    """The first code point at or after a cell, or with `below` the last one at or before it."""
    return max(0, bisect_right(columns, column) - 1) if below else min(bisect_left(columns, column), len(columns) - 1)
