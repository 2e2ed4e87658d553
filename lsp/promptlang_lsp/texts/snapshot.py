"""One version of one open text, immutable, in pieces of one statement each.

An edit re-splits the statements it touches; all others keep their object, and with it everything computed from it.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING, TypeVar, cast
from weakref import ref

from promptlang.source import Source, Span
from promptlang.statements.cutting import BLANKS, LONGEST, declares, is_foreign, starts
from promptlang.syntax.nodes import Statement
from promptlang_lsp.protocol import boundary
from promptlang_lsp.protocol.boundary import Encoding, Position
from promptlang_lsp.texts.offsets import Offsets

if TYPE_CHECKING:
    from promptlang.statements.scan import Scan

Change = tuple[tuple[Position, Position] | None, str]  # a range and the text that replaces it; None: all of it
Result = TypeVar("Result")

LARGEST = 4_000_000  # code points; beyond it a text is kept in step but not read


class Piece:
    """The text of one statement; what is computed from it lives as long as it does."""

    __slots__ = ("_memory", "declares", "is_too_long", "line_starts", "silences", "text")

    def __init__(self, text: str) -> None:
        self.text = text
        self.declares = declares(text)
        self.silences = "promptlang:" in text  # a comment that silences rules speaks for other statements too
        self.is_too_long = len(text) > LONGEST
        self.line_starts: Sequence[int] = Source(text).line_starts
        self._memory: dict[str, tuple[object, object]] = {}

    @property
    def scan(self) -> Scan:
        """What in the text is an option, a recipe, a comment or words."""
        from promptlang.statements.scan import scan

        return self.remembered("scan", None, lambda: scan(self.text))

    def statement(self, parser: str) -> Statement:
        """The statement, its prompt read by that dialect."""
        from promptlang.statements.parsing import parse_statement

        return self.remembered("statement", parser, lambda: parse_statement(self.text, parser))

    def read_in(self, inherited: str) -> Statement:
        """The statement where a statement that names no dialect is read by that one."""
        from promptlang.statements.inheritance import dialect_of

        return self.statement(dialect_of(self.scan, inherited))

    def remembered(self, name: str, given: object, compute: Callable[[], Result]) -> Result:
        """`compute()`, or what it gave the last time with the same `given` object."""
        found = self._memory.get(name)
        if found is not None and found[0] is given:
            return cast(Result, found[1])
        result = compute()
        self._memory[name] = given, result
        return result


@dataclass(frozen=True)
class Snapshot:
    """A version of a text.

    `starts` and `lines` are the offset and the line at which each piece begins, `declarations` the numbers of the
    pieces that speak for others (`/set` and `/recipe`), `silencing` of those with comments that silence rules, and
    `too_long` of those that nobody could wait for. `basis` is the version that one edit made this one of, with the
    numbers of pieces before and behind the edit.
    """

    uri: str
    version: int
    encoding: Encoding
    pieces: list[Piece]
    starts: Offsets
    lines: Offsets
    declarations: tuple[int, ...]
    silencing: tuple[int, ...]
    too_long: tuple[int, ...]
    language: str = "promptlang"
    basis: tuple[ref[Snapshot], int, int] | None = field(default=None, compare=False, repr=False)

    def shared_with(self, old: Snapshot) -> tuple[int, int]:
        """How many pieces at the start and at the end are those of an older version."""
        if self.basis is not None and self.basis[0]() is old:
            return self.basis[1], self.basis[2]
        return common_ends(old.pieces, self.pieces)

    @cached_property
    def text(self) -> str:
        """The whole text."""
        return "".join([piece.text for piece in self.pieces])

    def __len__(self) -> int:
        return self.starts[-1] + len(self.pieces[-1].text)

    @property
    def is_read(self) -> bool:
        """Whether the text is ours, and small enough to look at as each of its statements is."""
        return (
            len(self) <= LARGEST
            and not self.too_long
            and not self.is_project_file
            and not is_foreign(self.pieces[0].text)
        )

    @property
    def is_project_file(self) -> bool:
        """Whether the text is a `promptlang.toml`, which only names things."""
        return self.uri.endswith("/promptlang.toml")

    def alone(self, index: int) -> str:
        """The text of one statement with the declarations it depends on: `/set` above it, and every recipe."""
        needed = (number for number in self.declarations if number < index or self.pieces[number].scan.label)
        return "".join(self.pieces[number].text.rstrip() + "\n" for number in dict.fromkeys((*needed, index)))

    # --- places -------------------------------------------------------------------------------------------------------

    def index_at(self, offset: int) -> int:
        """The number of the piece that an offset lies in."""
        return self.starts.last_at(offset)

    def offset(self, position: Position) -> int:
        """The offset of a position; outside the text means its nearest end."""
        line, column = position
        if line < 0:
            return 0
        index = self.lines.last_at(line)
        piece = self.pieces[index]
        inside = boundary.offset(piece.text, piece.line_starts, (line - self.lines[index], column), self.encoding)
        return self.starts[index] + inside

    def span(self, start: Position, end: Position) -> Span:
        """The span between two positions, in whatever order they come."""
        one, other = self.offset(start), self.offset(end)
        return Span(min(one, other), max(one, other))

    def positions(self, index: int, offsets: Iterable[int]) -> list[Position]:
        """Positions of offsets counted from the start of a piece."""
        piece, line = self.pieces[index], self.lines[index]
        found = boundary.positions(piece.text, piece.line_starts, offsets, self.encoding)
        return [(line + each, column) for each, column in found]

    def position(self, offset: int) -> Position:
        """The position of an offset in the file."""
        index = self.index_at(offset)
        return self.positions(index, (offset - self.starts[index],))[0]

    def range(self, index: int, span: Span) -> dict[str, dict[str, int]]:
        """A span counted from the start of a piece, as the protocol writes it."""
        start, end = self.positions(index, (span.start, span.end))
        return boundary.wire_range(start, end)

    def file_range(self, span: Span) -> dict[str, dict[str, int]]:
        """A span counted from the start of the file, as the protocol writes it."""
        return boundary.wire_range(self.position(span.start), self.position(span.end))

    def placed(self) -> Iterator[tuple[int, int, Piece]]:
        """Number, start offset and piece, in order."""
        for index, piece in enumerate(self.pieces):
            yield index, self.starts[index], piece

    # --- change -------------------------------------------------------------------------------------------------------

    def edited(self, changes: Iterable[Change], version: int) -> Snapshot:
        """The text after the changes, made one after the other."""
        result = self
        for place, text in changes:
            if place is None:
                result = opened(self.uri, version, text, self.encoding, self.language, result.pieces)
            else:
                result = result._replaced(result.span(*place), text, version)
        if result.version != version:
            return replace(result, version=version)
        return result

    def _replaced(self, span: Span, text: str, version: int) -> Snapshot:
        first, last = self.index_at(span.start), self.index_at(span.end)
        if first and span.start - self.starts[first] <= _first_line(self.pieces[first]):
            first -= 1  # the command may be gone, or text put before it
        base = self.starts[first]
        old = self.pieces[first].text if first == last else "".join(p.text for p in self.pieces[first : last + 1])
        new = old[: span.start - base] + text + old[span.end - base :]
        if not first and not new.strip(BLANKS) and last + 1 < len(self.pieces):
            last += 1  # blanks before the first command belong to it
            new += self.pieces[last].text
        whole = first == 0 and last + 1 == len(self.pieces)
        if whole or (first == 0 and is_foreign(old) != is_foreign(new)):
            all_text = new if whole else new + "".join(piece.text for piece in self.pieces[last + 1 :])
            texts, last = _split(all_text), len(self.pieces) - 1
        else:
            texts = _split(new)
        pieces = _reusing(texts, self.pieces[first : last + 1])
        starts, lines = _places(pieces, base, self.lines[first])
        length = len(pieces)
        all_pieces = self.pieces.copy()
        all_pieces[first : last + 1] = pieces
        moved = starts.pop() - (self.starts[last + 1] if last + 1 < len(self.pieces) else 0)
        shifted = lines.pop() - (self.lines[last + 1] if last + 1 < len(self.pieces) else 0)
        assert len(starts) == length
        return Snapshot(
            self.uri,
            version,
            self.encoding,
            all_pieces,
            self.starts.replaced(first, last + 1, starts, moved),
            self.lines.replaced(first, last + 1, lines, shifted),
            _renumbered(self.declarations, first, last, [piece.declares for piece in pieces]),
            _renumbered(self.silencing, first, last, [piece.silences for piece in pieces]),
            _renumbered(self.too_long, first, last, [piece.is_too_long for piece in pieces]),
            self.language,
            (ref(self), first, len(self.pieces) - last - 1),
        )


def _renumbered(old: tuple[int, ...], first: int, last: int, marks: list[bool]) -> tuple[int, ...]:
    """The numbers of marked pieces after the pieces `first` to `last` gave way to new ones with these marks."""
    more = len(marks) - (last + 1 - first)
    low, high = bisect_left(old, first), bisect_left(old, last + 1)
    here = tuple(first + at for at, mark in enumerate(marks) if mark)
    if not more and here == old[low:high]:
        return old
    return (*old[:low], *here, *(index + more for index in old[high:]))


def opened(
    uri: str,
    version: int,
    text: str,
    encoding: Encoding,
    language: str = "promptlang",
    known: Sequence[Piece] = (),
) -> Snapshot:
    """The first version of a text; its statements are the `known` ones as far as they have the same words."""
    pieces = _reusing(_split(text), known)
    starts, lines = _places(pieces, 0, 0)
    declarations = tuple(index for index, piece in enumerate(pieces) if piece.declares)
    silencing = tuple(index for index, piece in enumerate(pieces) if piece.silences)
    too_long = tuple(index for index, piece in enumerate(pieces) if piece.is_too_long)
    return Snapshot(
        uri,
        version,
        encoding,
        pieces,
        Offsets(starts[:-1]),
        Offsets(lines[:-1]),
        declarations,
        silencing,
        too_long,
        language,
    )


def _first_line(piece: Piece) -> int:
    return piece.line_starts[1] if len(piece.line_starts) > 1 else len(piece.text)


def _split(text: str) -> list[str]:
    if len(text) > LARGEST or is_foreign(text):
        return [text]
    cuts = starts(text)
    if len(cuts) == 1:
        return [text]
    return [text[start:end] for start, end in zip(cuts, (*cuts[1:], len(text)), strict=True)]


def _reusing(texts: list[str], old: Sequence[Piece]) -> list[Piece]:
    """Pieces for texts; those at both ends that did not change keep their object, as does one between that moved."""
    head, tail = common_ends([piece.text for piece in old], texts)
    rest: dict[str, list[Piece]] = {}
    for piece in reversed(old[head : len(old) - tail]):
        rest.setdefault(piece.text, []).append(piece)
    new = texts[head : len(texts) - tail]
    middle = [rest[each].pop() if rest.get(each) else Piece(each) for each in new]
    return [*old[:head], *middle, *old[len(old) - tail :]]


def _places(pieces: list[Piece], offset: int, line: int) -> tuple[list[int], list[int]]:
    """Start offsets and start lines, each with one more for what follows."""
    starts, lines = [offset], [line]
    for piece in pieces:
        offset += len(piece.text)
        line += len(piece.line_starts) - 1
        starts.append(offset)
        lines.append(line)
    return starts, lines


def common_ends(old: Sequence[object], new: Sequence[object]) -> tuple[int, int]:
    """How many entries two lists share at the start and at the end; compared by halves, in C."""
    shortest = min(len(old), len(new))
    head = _common(lambda low, high: old[low:high] == new[low:high], shortest)
    ends = len(old), len(new)

    def same(low: int, high: int) -> bool:
        return old[ends[0] - high : ends[0] - low] == new[ends[1] - high : ends[1] - low]

    return head, _common(same, shortest - head)


def _common(same: Callable[[int, int], bool], most: int) -> int:
    low, high = 0, most
    while low < high:
        middle = (low + high + 1) // 2
        if same(low, middle):
            low = middle
        else:
            high = middle - 1
    return low
