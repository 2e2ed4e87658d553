"""Emphasis as stable-diffusion-webui reads it: one flat scan, in which round and square brackets do not see each other.

So `([a)]` is legal: each bracket looks for its own partner, an opener left over counts until the end of the text, and
a closer left over is text. Factors multiply in the order in which brackets close, without rounding.
"""

from __future__ import annotations

from collections.abc import Sequence

from promptlang.dialects.a1111.lexemes import Lexeme, kept, lexemes
from promptlang.dialects.dialect import WeightedText
from promptlang.values import dataclass, field

ROUND = 1.1
SQUARE = 1 / 1.1
_TABLED = 16  # from so many equal factors in a row, their powers are kept


@dataclass(frozen=True, slots=True)
class Pairs:
    """Which lexeme closes which.

    `factors` gives for the place of each opener where it closes and what its group counts. Openers that are never
    closed come after the last lexeme, round before square, which is the order the program closes them in.
    """

    factors: dict[int, tuple[int, float]]
    closers: frozenset[int]


def pairs(text: str, tokens: Sequence[Lexeme]) -> Pairs:
    """Find the partner of every bracket, with one stack for each kind."""
    rounds: list[int] = []
    squares: list[int] = []
    factors: dict[int, tuple[int, float]] = {}
    closers: list[int] = []
    for place, (kind, _, _) in enumerate(tokens):
        if kind == "TEXT":
            continue
        if kind == "LPAR":
            rounds.append(place)
        elif kind == "LSQB":
            squares.append(place)
        elif kind == "RPAR" and rounds:
            factors[rounds.pop()] = place, _factor(text, tokens[place - 1])
            closers.append(place)
        elif kind == "RSQB" and squares:
            factors[squares.pop()] = place, SQUARE
            closers.append(place)
    end = len(tokens)
    factors.update((place, (end, ROUND)) for place in rounds)
    factors.update((place, (end + 1, SQUARE)) for place in squares)
    return Pairs(factors, frozenset(closers))


def _factor(text: str, last: Lexeme) -> float:
    kind, start, end = last
    return float(text[start + 1 : end]) if kind == "WEIGHT" else ROUND


@kept
def pairs_of(text: str) -> Pairs:
    """The pairs of a text without schedules: tree and emphasis each ask for them."""
    return pairs(text, lexemes(text))


def weights_of(text: str) -> WeightedText:
    """Text and weight in order; a `BREAK` outside brackets is `("BREAK", -1.0)`, neighbours of equal weight are one."""
    if "(" not in text and "[" not in text and "\\" not in text and "BREAK" not in text:
        return ((text, 1.0),)
    return _weighed(text, lexemes(text), pairs_of(text))


@dataclass(slots=True)
class _Stack:
    """The open brackets of one kind, innermost last: where each closes, its factor, how many alike stand in a row."""

    closings: list[int] = field(default_factory=list[int])
    factors: list[float] = field(default_factory=list[float])
    alike: list[int] = field(default_factory=list[int])

    def enter(self, closing: int, factor: float) -> None:
        """Open a bracket."""
        repeated = self.factors and self.factors[-1] == factor
        self.alike.append(self.alike[-1] + 1 if repeated else 1)
        self.closings.append(closing)
        self.factors.append(factor)

    def leave(self) -> None:
        """Close the innermost bracket."""
        self.closings.pop()
        self.factors.pop()
        self.alike.pop()


Powers = dict[tuple[float, float], list[float]]


def _weight(weight: float, rounds: _Stack, squares: _Stack, powers: Powers) -> float:
    """`weight` times the factors of all open brackets, the first to close first."""
    left, right = len(rounds.closings) - 1, len(squares.closings) - 1
    while left >= 0 and right >= 0:
        if rounds.closings[left] < squares.closings[right]:
            weight *= rounds.factors[left]
            left -= 1
        else:
            weight *= squares.factors[right]
            right -= 1
    for stack, at in ((rounds, left), (squares, right)):
        while at >= 0:
            count = stack.alike[at]
            weight = _multiplied(weight, stack.factors[at], count, powers)
            at -= count
    return weight


def _multiplied(weight: float, factor: float, count: int, powers: Powers) -> float:
    if count < _TABLED:
        for _ in range(count):
            weight *= factor
        return weight
    table = powers.setdefault((weight, factor), [weight])
    while len(table) <= count and (len(table) < 2 or table[-1] != table[-2]):
        table.append(table[-1] * factor)
    return table[min(count, len(table) - 1)]


def _weighed(text: str, tokens: Sequence[Lexeme], paired: Pairs) -> WeightedText:
    rounds, squares, powers = _Stack(), _Stack(), Powers()
    factors, closers = paired.factors, paired.closers
    stacks = {"LPAR": rounds, "RPAR": rounds, "LSQB": squares, "RSQB": squares}
    result: list[tuple[str, float]] = []
    pieces: list[str] = []  # of the stretch since the last bracket or BREAK

    def finish(weight: float = 1.0) -> None:
        if rounds.closings or squares.closings:
            weight = _weight(weight, rounds, squares, powers)
        written = "".join(pieces)
        pieces.clear()
        if result and result[-1][1] == weight:
            result[-1] = result[-1][0] + written, result[-1][1]
        else:
            result.append((written, weight))

    for place, (kind, start, end) in enumerate(tokens):
        if kind == "TEXT":
            pieces.append(text[start:end])
        elif place in factors:
            if pieces:
                finish()
            stacks[kind].enter(*factors[place])
        elif place in closers:
            if pieces:
                finish()
            stacks[kind].leave()
        elif kind == "BREAK":
            finish()
            pieces.append("BREAK")
            finish(-1.0)
            pieces.append("")  # what follows is a piece of its own, even if it is empty
        elif kind == "ESCAPED":
            pieces.append(text[start + 1 : end])
        elif kind == "BACKSLASH":
            pieces.append("")  # a backslash before anything else is dropped
        elif kind != "WEIGHT" or place + 1 not in closers:
            pieces.append(text[start:end])
    if pieces:
        finish()
    return tuple(result) or (("", 1.0),)
