"""Recipes written out: put into the statements that call them, as far as the limits go."""

from __future__ import annotations

from bisect import bisect_right
from collections import deque
from collections.abc import Mapping, Sequence
from functools import lru_cache

from promptlang.source import Passage, joined, pointing
from promptlang.statements.cutting import LONGEST
from promptlang.statements.recipes import (
    DEEPEST,
    MOST_OPTIONS,
    MOST_RECIPES,
    SLOT,
    Recipes,
    endless,
    inner_first,
)
from promptlang.statements.scan import Scan, scan_for
from promptlang.syntax.nodes import OptionUse, RecipeUse, Statement
from promptlang.tables.dialects import dialect_row
from promptlang.values import dataclass, field


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A call that is not written out, and why: what the recipe does, in a few words."""

    use: RecipeUse
    why: str


@dataclass(frozen=True, slots=True)
class Expanded:
    """A statement's two passages with its recipes put in, and the options the recipes bring (weaker ones first).

    `left_out` are the calls that would break a limit.
    """

    positive: Passage
    negative: Passage
    options: tuple[OptionUse, ...]
    left_out: tuple[LeftOut, ...] = ()


def expanded(statement: Statement, recipes: Recipes) -> Expanded:
    """The statement with its recipes put in; text of a recipe points at the `#name` that called it."""
    if not statement.recipes:
        return Expanded(statement.positive, statement.negative, ())
    if len(recipes) > MOST_RECIPES:
        why = f"is one of more than {MOST_RECIPES} that this statement leads to"
        names = {recipe.name for recipe in recipes}
        calls = tuple(LeftOut(use, why) for use in statement.recipes if use.name.lower() in names)
        return Expanded(statement.positive, statement.negative, (), calls)
    grown = _grown(statement, _written(recipes, statement.prompt.dialect))
    return Expanded(
        positive=grown.positive.whole(),
        negative=grown.negative.whole(),
        options=tuple(grown.options),
        left_out=tuple(grown.left_out),
    )


@lru_cache(maxsize=4)
def _written(recipes: Recipes, parser: str) -> Mapping[str, _Written]:
    """Every recipe that comes to an end, written out for a statement of that dialect."""
    row = dialect_row(parser)
    without = endless(recipes)
    texts = {recipe.name: recipe.text for recipe in recipes if recipe.name not in without}
    written: dict[str, _Written] = {}
    for name in inner_first(texts):
        read = scan_for(texts[name], row)
        grown = _grown(read, written)
        written[name] = _Written(
            positive=grown.positive.text(),
            negative=grown.negative.text(),
            options=(*grown.options, *read.options),
            why_not=grown.left_out[0].why if grown.left_out else "",
            depth=grown.depth,
        )
    return written


@dataclass(frozen=True, slots=True, kw_only=True)
class _Written:
    """A recipe written out: words and options, why it breaks a limit, and how many others call one another in it."""

    positive: str
    negative: str
    options: tuple[OptionUse, ...]
    why_not: str
    depth: int


@dataclass(eq=False)
class _Piece:
    """A part of a passage that is put together: cut from the source, or come in place of the call that starts there."""

    text: str
    origin: Passage | int

    def passage(self) -> Passage:
        """The piece as a passage of its own."""
        return self.origin if isinstance(self.origin, Passage) else pointing(self.text, self.origin)

    def cut(self, start: int, end: int) -> None:
        """Keep no more than that of it."""
        if end - start == len(self.text):
            return
        self.text = self.text[start:end]
        if isinstance(self.origin, Passage):
            self.origin = self.origin.part(start, end)


class _Growing:
    """A passage that recipes are put into, cut at its calls, so that each costs no more than it brings."""

    def __init__(self, passage: Passage, uses: Sequence[RecipeUse], written: Mapping[str, _Written]) -> None:
        self.length = len(passage.text)
        self._empty = Passage("", (0,), passage.origins[:1])
        self._pieces: deque[_Piece] = deque()
        self._calls: dict[RecipeUse, _Piece] = {}
        self._coming: dict[_Piece, str] = {}  # what will stand in the place of calls
        self._more = 0  # by how much these make it longer
        end = 0
        for use in uses:
            at = place_of(passage, use)
            if at is None:
                continue
            self._cut(passage, end, at)
            end = at + len(use.name) + 1
            self._calls[use] = self._cut(passage, at, end)
            if inner := written.get(use.name.lower()):
                self._expect(self._calls[use], "" if SLOT in inner.positive else inner.positive)
        self._cut(passage, end, len(passage.text))

    def _cut(self, passage: Passage, start: int, end: int) -> _Piece:
        part = passage.part(start, end) if end - start < len(passage.text) else passage
        self._pieces.append(_Piece(part.text, part))
        return self._pieces[-1]

    def _expect(self, call: _Piece, words: str) -> None:
        self._coming[call] = words
        self._more += len(words) - len(call.text)

    def holds(self, use: RecipeUse) -> bool:
        """Whether the call stands in the passage."""
        return use in self._calls

    def put(self, use: RecipeUse, body: str) -> None:
        """Replace a call by the recipe's text; with a `$prompt` slot the text goes around the rest."""
        call = self._calls[use]
        head, slot, tail = body.partition(SLOT)
        self._more -= len(self._coming.pop(call)) - len(call.text)
        self.length -= len(call.text)
        call.text, call.origin = "" if slot else body, use.span.start
        self.length += len(call.text)
        if slot:
            self._strip()
            tail = tail.replace(SLOT, self._expected()) if SLOT in tail else tail
            self._pieces.appendleft(_Piece(head, use.span.start))
            self._pieces.append(_Piece(tail, use.span.start))
            self.length += len(head) + len(tail)

    def append(self, use: RecipeUse, body: str) -> None:
        """Add a recipe's text at the end."""
        added = f", {body}" if self.length else body
        self._pieces.append(_Piece(added, use.span.start))
        self.length += len(added)

    def length_with(self, body: str) -> int:
        """How long it gets with a recipe's text put in; every slot but the first repeats the rest of it."""
        slots = body.count(SLOT)
        return self.length + max(0, slots - 1) * max(0, self.length + self._more) + len(body)

    def text(self) -> str:
        """The words with everything put in."""
        return "".join(piece.text for piece in self._pieces)

    def _expected(self) -> str:
        """The words as they will be; a recipe with a slot goes around them, wherever it is called."""
        return "".join(self._coming.get(piece, piece.text) for piece in self._pieces).strip()

    def whole(self) -> Passage:
        """The passage with everything put in."""
        return joined([piece.passage() for piece in self._pieces]) if self._pieces else self._empty

    def _strip(self) -> None:
        """Take the blanks at both ends away; nothing is put into a piece without words any more."""
        pieces = self._pieces
        while pieces and not pieces[0].text.strip():
            self.length -= len(pieces.popleft().text)
        while pieces and not pieces[-1].text.strip():
            self.length -= len(pieces.pop().text)
        if not pieces:
            return
        first = pieces[0]
        blanks = len(first.text) - len(first.text.lstrip())
        self.length -= blanks
        first.cut(blanks, len(first.text))
        last = pieces[-1]
        kept = len(last.text.rstrip())
        self.length -= len(last.text) - kept
        last.cut(0, kept)


@dataclass(eq=False)
class _Grown:
    """A statement with recipes put in."""

    positive: _Growing
    negative: _Growing
    options: list[OptionUse] = field(default_factory=list[OptionUse])
    left_out: list[LeftOut] = field(default_factory=list[LeftOut])
    depth: int = 0


def _grown(read: Scan | Statement, written: Mapping[str, _Written]) -> _Grown:
    """A statement with recipes put in that are written out themselves; what would break a limit is left out."""
    positive, negative = (_Growing(passage, read.recipes, written) for passage in (read.positive, read.negative))
    grown = _Grown(positive, negative)
    for use in read.recipes:
        inner = written.get(use.name.lower())
        if inner is None:
            continue
        side = negative if negative.holds(use) else positive
        length = side.length_with(inner.positive) + len(inner.negative)
        if why := _why_not(inner, length, len(grown.options) + len(inner.options)):
            grown.left_out.append(LeftOut(use, why))
            continue
        grown.depth = max(grown.depth, inner.depth + 1)
        grown.options += inner.options
        if side.holds(use):
            side.put(use, inner.positive)
        if inner.negative:
            negative.append(use, inner.negative)
    return grown


def _why_not(inner: _Written, length: int, options: int) -> str:
    """Why a recipe is not put in; empty where it is."""
    if inner.why_not:
        return inner.why_not
    if inner.depth >= DEEPEST:
        return f"leads through more than {DEEPEST} recipes that call one another"
    if length > LONGEST:
        return f"makes this statement longer than {LONGEST:,} characters"
    return f"brings this statement more than {MOST_OPTIONS:,} options" if options > MOST_OPTIONS else ""


def place_of(passage: Passage, use: RecipeUse) -> int | None:
    """Where the call stands in a passage as it was read, whose origins go up."""
    place = bisect_right(passage.origins, use.span.start) - 1
    at = passage.starts[place] + use.span.start - passage.origins[place]
    is_there = place >= 0 and passage.text.startswith(f"#{use.name}", at) and passage.at(at) == use.span.start
    return at if is_there else None
