"""Text with a name, and spans of it: half-open code-point offsets inside, lines and columns only when printing."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from functools import cached_property

from promptlang.values import dataclass

LINE_END = re.compile(r"\r\n|\r|\n")


def line_end(text: str) -> str:
    """The first line end of a text; empty where there is none."""
    found = LINE_END.search(text)
    return found[0] if found else ""


def line_start(text: str, at: int) -> int:
    """Where the line of a place begins."""
    return max(text.rfind("\n", 0, at), text.rfind("\r", 0, at)) + 1


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """A half-open range of code-point offsets."""

    start: int
    end: int

    def moved(self, distance: int) -> Span:
        """The same range, `distance` code points further on."""
        return Span(self.start + distance, self.end + distance)

    def part(self, start: int, end: int, length: int) -> Span:
        """Where `text[start:end]` stands, of a text of `length` letters that stands here.

        The whole range where not all letters stand here as they are: they come from a recipe, or something is cut out.
        """
        is_as_written = length == self.end - self.start
        return Span(self.start + start, self.start + end) if is_as_written else self

    def contains(self, other: Span) -> bool:
        """Whether `other` lies inside, edges included."""
        return self.start <= other.start and other.end <= self.end

    def contains_one(self, others: Sequence[Span]) -> bool:
        """Whether one of the others, which are in order, lies inside; of many only those nearby are looked at."""
        at = bisect_left(others, Span(self.start, self.start))
        while at < len(others) and others[at].start <= self.end:
            if others[at].end <= self.end:
                return True
            at += 1
        return False

    def meets(self, other: Span) -> bool:
        """Whether the two have a letter in common."""
        return self.start < other.end and other.start < self.end

    def meets_one(self, others: Sequence[Span]) -> bool:
        """Whether it has a letter in common with one of the others, which are in order and lie apart."""
        before = bisect_left(others, Span(self.end, self.end))
        return before > 0 and self.meets(others[before - 1])


@dataclass(frozen=True)
class Source:
    """A text and the name it is known by; `\\n`, `\\r\\n` and `\\r` end a line, nothing else does."""

    text: str
    name: str = "<text>"

    @cached_property
    def line_starts(self) -> tuple[int, ...]:
        """Offset of the first code point of every line."""
        starts = [0]
        text, at = self.text, 0
        if "\r" not in text:
            while at := text.find("\n", at) + 1:
                starts.append(at)
            return tuple(starts)
        for at, letter in enumerate(text):
            if letter == "\n" or (letter == "\r" and text[at + 1 : at + 2] != "\n"):
                starts.append(at + 1)
        return tuple(starts)

    def position(self, offset: int) -> tuple[int, int]:
        """Line and column of an offset, both counted from 1, in code points."""
        line = bisect_right(self.line_starts, offset)
        return line, offset - self.line_starts[line - 1] + 1

    def line(self, number: int) -> str:
        """The text of a line counted from 1, without its line end."""
        starts = self.line_starts
        end = starts[number] if number < len(starts) else len(self.text)
        return self.text[starts[number - 1] : end].rstrip("\r\n")


@dataclass(frozen=True, slots=True)
class Passage:
    """Prompt text that was gathered from one or more places of a source.

    `starts[i]` is the offset in `text` where the i-th place begins, `origins[i]` the offset in the source it came from.
    """

    text: str
    starts: tuple[int, ...] = (0,)
    origins: tuple[int, ...] = (0,)

    def at(self, offset: int) -> int:
        """The source offset of an offset in `text`."""
        if len(self.starts) == 1:
            return offset + self.origins[0]
        place = bisect_right(self.starts, offset) - 1
        return self.origins[place] + offset - self.starts[place]

    def span(self, start: int, end: int) -> Span:
        """The source span of `text[start:end]`; the end belongs to the place of the last code point."""
        return Span(*self.ends(start, end))

    def ends(self, start: int, end: int) -> tuple[int, int]:
        """The two ends of that span; every token asks for them."""
        if len(self.starts) == 1:  # as in most texts
            origin = self.origins[0]
            return origin + start, origin + (end if end > start else start)
        here = self.at(start)
        return (here, self.at(end - 1) + 1) if end > start else (here, here)

    def part(self, start: int, end: int) -> Passage:
        """`text[start:end]` as a passage of its own."""
        if len(self.starts) == 1:  # as in most texts
            return Passage(self.text[start:end], (0,), (self.origins[0] + start,))
        first, last = bisect_right(self.starts, start), bisect_left(self.starts, end)
        starts = (0, *(at - start for at in self.starts[first:last]))
        return Passage(self.text[start:end], starts, (self.at(start), *self.origins[first:last]))


def pointing(text: str, origin: int) -> Passage:
    """Text that is written nowhere as it is: every letter points at one place."""
    return Passage(text, tuple(range(len(text))) or (0,), (origin,) * max(1, len(text)))


def joined(passages: Sequence[Passage]) -> Passage:
    """Passages behind one another."""
    kept = [each for each in passages if each.text] or passages[:1]
    starts: list[int] = []
    origins: list[int] = []
    length = 0
    for each in kept:
        starts += (length + at for at in each.starts)
        origins += each.origins
        length += len(each.text)
    return Passage("".join(each.text for each in kept), tuple(starts), tuple(origins))
