"""Source lines with their labels underneath, as text for a terminal of a given width."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import groupby
from operator import itemgetter

from promptlang.diagnostics import Label
from promptlang.reports.cells import cell_width, cells, visible, wrapped
from promptlang.reports.excerpt import Excerpt, line_span, window
from promptlang.source import Source, Span
from promptlang.values import dataclass

Paint = Callable[[str, str], str]  # (style, text) -> text
SMALLEST = 20  # cells of text that a snippet shows however narrow the terminal is


@dataclass(frozen=True, slots=True)
class Mark:
    """The part of a label that lies on one line."""

    span: Span
    text: str
    primary: bool


def snippet(
    source: Source, labels: Sequence[Label], severity: str, *, paint: Paint, width: int
) -> tuple[int, list[str]]:
    """The width of the line numbers; and the gutter, the lines and the labels, the first of which is the place."""
    by_line: dict[int, list[Mark]] = {}
    for label in labels:
        for number, mark in _marks(source, label, primary=label is labels[0]):
            by_line.setdefault(number, []).append(mark)
    margin = len(str(max(by_line)))
    room = max(width - margin - 3, SMALLEST)
    lines = [paint("gutter", f"{'':{margin}} |")]
    before = min(by_line)
    for number in sorted(by_line):
        if number > before + 1:
            lines.append(paint("gutter", "..."))
        for excerpt, marks in _excerpts(source, number, by_line[number], room):
            lines.append(f"{paint('gutter', f'{number:>{margin}} |')} {excerpt.text}".rstrip())
            for row in _annotations(excerpt, marks, room):
                lines.append(f"{paint('gutter', f'{chr(32):{margin}} |')} {_painted(row, severity, paint)}")
        before = number
    return margin, lines


def _marks(source: Source, label: Label, *, primary: bool) -> Iterator[tuple[int, Mark]]:
    """A label cut at line ends: first and last line of it, with the words on the last."""
    start, end = label.span.start, label.span.end
    while end > start and source.text[end - 1] in "\r\n":
        end -= 1
    first, last = source.position(start)[0], source.position(end)[0]
    text = visible(label.text)
    if first == last:
        yield first, Mark(Span(start, end), text, primary)
        return
    yield first, Mark(Span(start, line_span(source, first).end), "", primary)
    begin = line_span(source, last).start
    while begin < end and source.text[begin] in " \t":
        begin += 1
    yield last, Mark(Span(begin, end), text, primary)


# --- which part of a line is shown ------------------------------------------------------------------------------------


def _excerpts(source: Source, number: int, marks: list[Mark], room: int) -> Iterator[tuple[Excerpt, list[Mark]]]:
    """The line whole where it fits, else one window for every group of marks that fit together."""
    line = line_span(source, number)
    marks.sort(key=lambda mark: (mark.span.start, mark.span.end))
    if line.end - line.start <= 4 * room:
        layout = cells(source.text[line.start : line.end])
        if layout.width <= room:
            yield Excerpt(line.start, layout, 0, len(layout.pieces)), marks
            return
    groups: list[list[Mark]] = [[marks[0]]]
    for mark in marks[1:]:
        begin, end = groups[-1][0].span.start, max(mark.span.end, *(each.span.end for each in groups[-1]))
        if end - begin < room and cell_width(source.text[begin:end]) <= room - 10:
            groups[-1].append(mark)
        else:
            groups.append([mark])
    for group in groups:
        focus = Span(group[0].span.start, max(mark.span.end for mark in group))
        words = cell_width(max(group, key=lambda mark: mark.span.end).text)
        yield window(source, line, focus, room, after=min(words + 1, room // 2)), group


# --- what stands under a line -----------------------------------------------------------------------------------------


Row = list[tuple[str, str]]  # (character, style) for each cell


def _annotations(excerpt: Excerpt, marks: list[Mark], room: int) -> list[Row]:
    """The underlines, then the words of each mark: the rightmost beside its underline, the others hanging below."""
    places = [(excerpt.column(mark.span.start), excerpt.column(mark.span.end), mark) for mark in marks]
    under: Row = []
    for begin, end, mark in sorted(places, key=lambda place: place[2].primary):
        _write(under, begin, ("^" if mark.primary else "-") * max(1, end - begin), _style(mark))
    rows = [under]
    hanging = [place for place in places if place[2].text]
    if hanging:
        rightmost = max(hanging, key=lambda place: (place[1], place[2].primary))[2]
        if len(under) + 1 + cell_width(rightmost.text) <= room and _reaches_end(places, rightmost):
            _write(under, len(under) + 1, rightmost.text, _style(rightmost))
            hanging = [place for place in hanging if place[2] is not rightmost]
    while hanging:
        begin, _, mark = hanging.pop()
        rows.extend(_words(begin, mark, room, [place[0] for place in hanging], first=len(rows) == 1))
    return rows


def _reaches_end(places: list[tuple[int, int, Mark]], mark: Mark) -> bool:
    """Whether nothing is underlined to the right of a mark."""
    end = next(place[1] for place in places if place[2] is mark)
    return all(place[1] <= end for place in places)


def _words(begin: int, mark: Mark, room: int, waiting: list[int], *, first: bool) -> Iterator[Row]:
    """A mark's words on rows of their own, under the mark where they fit; `waiting` marks get a line down."""
    texts = wrapped(mark.text, room)
    at = max(0, min(begin, room - max(cell_width(text) for text in texts)))
    if first and waiting:
        row: Row = []
        for column in (*waiting, begin):
            _write(row, column, "|", _style(mark))
        yield row
    for text in texts:
        row = []
        for column in waiting:
            _write(row, column, "|", _style(mark))
        _write(row, at, text, _style(mark))
        yield row


def _style(mark: Mark) -> str:
    return "primary" if mark.primary else "secondary"


def _write(row: Row, column: int, text: str, style: str) -> None:
    """Put text on a row, over what stands there."""
    row.extend((" ", "") for _ in range(column - len(row)))
    row[column : column + cell_width(text)] = _by_cell(text, style)


def _by_cell(text: str, style: str) -> Row:
    """One entry for each cell: the further cells of a wide character are empty, a combining one joins its base."""
    if text.isascii() and text.isprintable():
        return [(letter, style) for letter in text]
    layout = cells(text)
    row: Row = []
    for at, piece in enumerate(layout.pieces):
        size = layout.columns[at + 1] - layout.columns[at]
        if size:
            row.append((piece, style))
            row.extend(("", style) for _ in range(size - 1))
        elif row:
            row[-1] = (row[-1][0] + piece, style)
    return row


def _painted(row: Row, severity: str, paint: Paint) -> str:
    """The row as text, runs of one style painted together."""
    parts: list[str] = []
    for style, run in groupby(row, itemgetter(1)):
        text = "".join(letter for letter, _ in run)
        parts.append(paint(severity if style == "primary" else style, text) if style else text)
    return "".join(parts).rstrip()
