"""Text that remembers where every letter of it comes from, through tags that are filled and signs that are dropped."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from itertools import chain
from operator import attrgetter

from promptlang.source import Passage, Span
from promptlang.values import dataclass

FEW = 4096  # letters whose spans are made once: most prompts have no more
_START, _END = attrgetter("start"), attrgetter("end")


@dataclass(frozen=True, slots=True)
class Cells:
    """A text, and for each letter the span of the source that it stands for."""

    text: str
    spans: tuple[Span, ...]

    def part(self, start: int, end: int | None = None) -> Cells:
        """The letters from `start` to `end`."""
        return Cells(self.text[start:end], self.spans[start:end])

    def stripped(self) -> Cells:
        """Without blanks at the two ends."""
        start = len(self.text) - len(self.text.lstrip())
        return self.part(start, max(start, len(self.text.rstrip())))

    def span(self, start: int, end: int, otherwise: Span) -> Span:
        """Where the letters stand in the source; `otherwise` where there are none."""
        spans = self.spans[start:end]
        if not spans:
            return otherwise
        return Span(min(map(_START, spans)), max(map(_END, spans)))

    def without(self, places: Sequence[int]) -> Cells:
        """Without the letters at some places."""
        gone = set(places)
        kept = [place for place in range(len(self.text)) if place not in gone]
        return Cells("".join(self.text[place] for place in kept), tuple(self.spans[place] for place in kept))

    def replaced(self, old: str, new: str) -> Cells:
        """With every `old` written as `new`, whose letters stand for the whole of it."""
        if old not in self.text:
            return self
        pieces: list[Cells] = []
        done = 0
        while (at := self.text.find(old, done)) >= 0:
            whole = self.span(at, at + len(old), Span(0, 0))
            pieces += (self.part(done, at), written(new, whole))
            done = at + len(old)
        return joined((*pieces, self.part(done)))


NOTHING = Cells("", ())


def of_passage(passage: Passage) -> Cells:
    """The letters of a passage."""
    if len(passage.starts) == 1:
        start = passage.origins[0]
        return Cells(passage.text, _letters(start, start + len(passage.text)))
    return Cells(passage.text, tuple(passage.span(at, at + 1) for at in range(len(passage.text))))


def _letters(start: int, end: int) -> tuple[Span, ...]:
    """The spans of the letters from one place to another."""
    known = _first()[start:end]
    return known if end <= FEW else known + tuple([Span(at, at + 1) for at in range(max(start, FEW), end)])


@cache
def _first() -> tuple[Span, ...]:
    return tuple([Span(at, at + 1) for at in range(FEW)])


def written(text: str, span: Span) -> Cells:
    """Letters that all stand for one place."""
    return Cells(text, (span,) * len(text))


def joined(pieces: Sequence[Cells]) -> Cells:
    """The pieces in a row."""
    spans = chain.from_iterable([each.spans for each in pieces])
    return Cells("".join([each.text for each in pieces]), tuple(spans))
