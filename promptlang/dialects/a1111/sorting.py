"""Turns the lexemes of one branch into tokens that nest, for the grammar to make the tree from.

Schedules come first, as in the program, so their brackets are no emphasis. Groups that cross are cut where they do: the
one that closes first lies inside, which keeps the order of multiplication.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import accumulate

from promptlang.dialects.a1111.attention import Pairs, pairs, pairs_of
from promptlang.dialects.a1111.lexemes import Lexeme, lexemes
from promptlang.dialects.a1111.schedules import Roles, roles
from promptlang.dialects.dialect import DEEPEST
from promptlang.source import Passage
from promptlang.syntax.driving import Token, placed
from promptlang.values import dataclass, field


@dataclass(frozen=True, slots=True, kw_only=True)
class Branch:
    """The text between two `AND`s, read: `begin` is its offset in the passage."""

    passage: Passage
    begin: int
    text: str
    lexemes: Sequence[Lexeme]
    roles: Roles
    pairs: Pairs

    def token(self, kind: str, start: int, end: int, value: str | None = None) -> Token:
        """A token of `text[start:end]`, placed in the source."""
        return placed(kind, self.passage, self.begin + start, self.begin + end, value)


def branch(passage: Passage, begin: int, end: int) -> Branch:
    """Read `passage.text[begin:end]` as far as brackets go."""
    text = passage.text[begin:end]
    found = lexemes(text)
    part_of = roles(text, found)
    if part_of.kinds and _depth(part_of) > DEEPEST:
        part_of = Roles({})
    if not part_of.kinds:
        return Branch(passage=passage, begin=begin, text=text, lexemes=found, roles=part_of, pairs=pairs_of(text))
    plain = [(part_of.kinds.get(place, each[0]), each[1], each[2]) for place, each in enumerate(found)]
    return Branch(passage=passage, begin=begin, text=text, lexemes=plain, roles=part_of, pairs=pairs(text, plain))


def _depth(part_of: Roles) -> int:
    steps = {"SCHEDULE_OPEN": 1, "ALTERNATION_OPEN": 1, "END": -1}
    return max(accumulate(steps.get(part_of.kinds[place], 0) for place in sorted(part_of.kinds)), default=0)


@dataclass(slots=True)
class _Sorting:
    """The tokens so far, the open groups (place of the opener, where it closes) and the text not yet told."""

    source: Branch
    tokens: list[Token] = field(default_factory=list[Token])
    opened: list[tuple[int, int]] = field(default_factory=list[tuple[int, int]])
    too_deep: set[int] = field(default_factory=set[int])  # where brackets close that are not in the tree
    pieces: list[str] = field(default_factory=list[str])
    start: int = 0
    end: int = 0

    def say(self, start: int, end: int, value: str) -> None:
        """Add plain text, joined to its neighbours."""
        if not self.pieces:
            self.start = start
        self.pieces.append(value)
        self.end = end

    def add(self, kind: str, start: int, end: int) -> None:
        """Add a token that is not text."""
        self.finish_text()
        self.tokens.append(self.source.token(kind, start, end))

    def finish_text(self) -> None:
        """Make one token of the text said since the last one."""
        if self.pieces:
            self.tokens.append(self.source.token("TEXT", self.start, self.end, "".join(self.pieces)))
            self.pieces.clear()

    def open(self, place: int, start: int, end: int) -> None:
        """Open a group; those that close before it are cut in two, for it goes around them."""
        if len(self.opened) >= DEEPEST:
            self.too_deep.add(self.source.pairs.factors[place][0])
            return
        closing = self.source.pairs.factors[place][0]
        inside: list[tuple[int, int]] = []
        while self.opened and self.opened[-1][1] < closing:
            inside.append(self.opened[-1])
            self.cut(start)
        self.add(self.source.lexemes[place][0], start, end)
        self.opened.append((place, closing))
        for each in reversed(inside):
            self.add(self.source.lexemes[each[0]][0], end, end)
            self.opened.append(each)

    def cut(self, at: int) -> None:
        """Close the innermost group in the middle; nothing is left of one that was empty so far."""
        self.finish_text()
        if self.tokens and self.tokens[-1].type == self.source.lexemes[self.opened[-1][0]][0]:
            self.tokens.pop()
            self.opened.pop()
        else:
            self.close(at, at)

    def close(self, start: int, end: int) -> None:
        """Close the innermost group, with its number where it has one."""
        place, closing = self.opened.pop()
        lexemes = self.source.lexemes
        self.finish_text()
        if closing < len(lexemes) and lexemes[closing - 1][0] == "WEIGHT":
            self.add(*lexemes[closing - 1])
        self.add("RPAR" if lexemes[place][0] == "LPAR" else "RSQB", start, end)


Placed = tuple[int, Token]
"""A network call that was cut out: the offset in the branch where it stood, and its token."""


def sorted_tokens(source: Branch, networks: Sequence[Placed] = ()) -> list[Token]:
    """Tokens that nest, with the network calls back where they stood."""
    sorting = _Sorting(source)
    text, factors, closers = source.text, source.pairs.factors, source.pairs.closers
    waiting, kinds = list(reversed(networks)), source.roles.kinds
    for place, (kind, start, end) in enumerate(source.lexemes):
        # nothing stands between the step of a schedule and its bracket
        until = end + 1 if kind == "WHEN" and place in kinds else end
        if kind == "BREAK" and touches_schedule(source, place):
            kind = "TEXT"
        if waiting and waiting[-1][0] < until:
            if kind == "BREAK":
                start, end = _with_networks_at_break(sorting, waiting, start, end)
            else:
                start = _with_networks(sorting, waiting, kind, start, until)
        if place in factors:
            sorting.open(place, start, end)
        elif place in closers:
            if place not in sorting.too_deep:
                sorting.close(start, end)
        elif kind == "BREAK":
            sorting.add("LOST_BREAK" if sorting.opened else "BREAK", start, end)
        elif kind == "ESCAPED":
            sorting.say(start, end, text[start + 1 : end])
        elif kind == "BACKSLASH":
            sorting.say(start, end, "")
        elif place in kinds:
            sorting.add(kind, start, end)
        elif kind != "WEIGHT" or place + 1 not in closers or place + 1 in sorting.too_deep:
            sorting.say(start, end, text[start:end])
    while sorting.opened:
        sorting.close(len(text), len(text))
    _put_behind(sorting, waiting)
    return sorting.tokens


def _put_behind(sorting: _Sorting, waiting: list[Placed]) -> None:
    """Put in the calls that stood behind the last word, with the blanks before them."""
    source, end = sorting.source, len(sorting.source.text)
    for at, call in reversed(waiting):
        blanks = source.passage.text[source.begin + end : source.begin + at]
        if blanks.isspace():
            sorting.say(end, at, blanks)
        sorting.finish_text()
        sorting.tokens.append(call)
        end = max(at, end)
    sorting.finish_text()


def touches_schedule(source: Branch, place: int) -> bool:
    """Whether a BREAK stands against the brackets of a schedule, whose words then make one word with it."""
    before, (_, start, end), after = place - 1, source.lexemes[place], place + 1
    blanks = source.text[start].isspace(), source.text[end - 1].isspace()
    return (before in source.roles.kinds and not blanks[0]) or (after in source.roles.kinds and not blanks[1])


def _with_networks(sorting: _Sorting, waiting: list[Placed], kind: str, start: int, end: int) -> int:
    """Put in the calls that stood before or inside a lexeme; where the rest of the lexeme starts."""
    while waiting and waiting[-1][0] < end:
        at = waiting[-1][0]
        if kind == "TEXT" and at > start:
            sorting.say(start, at, sorting.source.text[start:at])
            start = at
        _put_in(sorting, waiting, at + 1)
    return start


def _with_networks_at_break(sorting: _Sorting, waiting: list[Placed], start: int, end: int) -> tuple[int, int]:
    """Put in the calls before or inside the word; its rest, up to the calls in the blanks behind it."""
    behind = sorting.source.text.index("BREAK", start) + len("BREAK")
    while waiting and waiting[-1][0] < behind:
        start = max(start, waiting[-1][0])
        _put_in(sorting, waiting, waiting[-1][0] + 1)
    return start, min(end, waiting[-1][0]) if waiting else end


def _put_in(sorting: _Sorting, waiting: list[Placed], before: int) -> None:
    sorting.finish_text()
    while waiting and waiting[-1][0] < before:
        sorting.tokens.append(waiting.pop()[1])
