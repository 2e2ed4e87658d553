"""Which parentheses ComfyUI reads as groups, and which it leaves in the text.

ComfyUI counts parentheses up and down and looks only at the top level of what it holds, again for each group. So a
stray `)` makes the count negative and swallows the next `(`; a group that is never closed is literal to its end,
unless it happens to end in `)`: then the outermost open parenthesis takes the last one, whatever that one closed.
Everything here runs once over the lexemes, where the owner starts again for each level.
"""

from __future__ import annotations

from collections import deque

from promptlang.values import dataclass


@dataclass(slots=True)
class Piece:
    """A stretch of the passage: `(`, `)`, text or the number of a group, by the grammar's terminal names."""

    kind: str
    start: int
    end: int


def sorted_pieces(text: str, pieces: list[Piece]) -> tuple[list[Piece], list[int]]:
    """The pieces with groups and numbers decided, literal parentheses joined to the text, and the strays' offsets."""
    partner, unclosed, strays = _matched(pieces)
    literal = _reassigned(text, pieces, partner, deque(unclosed)) if unclosed else None
    numbers = _numbers(text, pieces, partner)
    return _joined(pieces, partner, numbers, literal), strays


def _matched(pieces: list[Piece]) -> tuple[dict[int, int], list[int], list[int]]:
    """Partners of parentheses, the openers left over, and the offsets of parentheses that a negative count eats."""
    partner: dict[int, int] = {}
    opened: list[int] = []
    strays: list[int] = []
    below = 0
    for at, piece in enumerate(pieces):
        if piece.kind == "OPEN":
            if below:
                below -= 1
                strays.append(piece.start)
            else:
                opened.append(at)
        elif piece.kind == "CLOSE":
            if opened:
                opener = opened.pop()
                partner[opener], partner[at] = at, opener
            else:
                below += 1
                strays.append(piece.start)
    return partner, opened, strays


def _reassigned(text: str, pieces: list[Piece], partner: dict[int, int], waiting: deque[int]) -> tuple[int, int]:
    """Give the last `)` to the outermost open `(` for as long as there is one; the first and last literal piece."""
    last = len(pieces) - 1
    while pieces[last].kind == "CLOSE":
        opener, freed = waiting.popleft(), partner[last]
        del partner[freed]
        partner[opener], partner[last] = last, opener
        waiting.append(freed)
        last -= 1
        if _weight_colon(text, pieces, opener, last) == pieces[last].start:
            last -= 1  # nothing but the number: the piece before it is the end of the group
    for at in range(waiting[0], last + 1):
        partner.pop(at, None)
    return waiting[0], last


def _numbers(text: str, pieces: list[Piece], partner: dict[int, int]) -> dict[int, int]:
    """For each text piece that ends in a group's number, where its colon stands."""
    found: dict[int, int] = {}
    for opener, closer in partner.items():
        if opener < closer and (colon := _weight_colon(text, pieces, opener, closer - 1)) is not None:
            found[closer - 1] = colon
    return found


def _weight_colon(text: str, pieces: list[Piece], opener: int, last: int) -> int | None:
    """Where the colon of a group's weight stands, if its last piece ends in one; any Python float is a weight."""
    piece = pieces[last]
    if piece.kind != "TEXT":
        return None
    colon = text.rfind(":", piece.start, piece.end)
    if colon < 0 or (last - 1 == opener and colon == piece.start):
        return None
    try:
        float(text[colon + 1 : piece.end])
    except ValueError:
        return None
    return colon


def _joined(
    pieces: list[Piece], partner: dict[int, int], numbers: dict[int, int], literal: tuple[int, int] | None
) -> list[Piece]:
    """One text piece for each stretch that the owner keeps whole."""
    result: list[Piece] = []
    fresh = True  # the next text starts a piece of its own
    for at, piece in enumerate(pieces):
        if at in partner:
            result.append(piece)
            fresh = True
            continue
        fresh = fresh or (literal is not None and at == literal[0])
        colon = numbers.get(at, piece.end)
        if colon > piece.start:
            if fresh:
                result.append(Piece("TEXT", piece.start, colon))
            else:
                result[-1].end = colon
            fresh = False
        if colon < piece.end:
            result.append(Piece("NUMBER", colon, piece.end))
    return result
