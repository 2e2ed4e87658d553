"""The tags of a SwarmUI text: where they stand, their names and values, and how values are parted."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from threading import Lock

from promptlang.dialects.swarm.cells import Cells
from promptlang.source import Span
from promptlang.syntax import grammar
from promptlang.syntax.driving import Loop, Token
from promptlang.values import dataclass, field

DEEPEST = 50
"""How many tags deep a text is read; deeper ones are words."""
_SHORT = 8_000  # letters of a text whose tags are kept in mind: whoever reads nested ones asks at each depth

SECTIONS = frozenset(
    {"segment", "object", "region", "clear", "extend", "refiner", "video", "videoswap", "pixeldecoder"}
)
"""The tags that begin a step of the workflow, to which the words behind them belong."""
HERE = frozenset({"base", "region:end"})
"""Those behind which words belong to the picture again."""


@dataclass(frozen=True, slots=True)
class Tag:
    """`<name[before]:values>` from `start` to `end` of a text; `before` is None without square brackets."""

    start: int
    end: int
    name: str
    before: Cells | None
    values: Cells
    written: Cells


class _Nodes:
    """Where the outermost tags stand, which alone are asked for; those inside are read when their turn comes."""

    def start(self, parts: list[Span | None]) -> tuple[Span, ...]:
        return tuple(part for part in parts if part is not None)

    def tag(self, children: list[Token | Span | None]) -> Span:
        opening, closing = children[0], children[-1]
        assert isinstance(opening, Token)
        assert isinstance(closing, Token)
        return Span(opening.start_pos, closing.end_pos)

    def text(self, tokens: list[Token]) -> None:
        del tokens


@dataclass()
class _Reader:
    """The parser of tags; a lock guards it because the loop calls back into one reader."""

    lock: Lock = field(default_factory=Lock)
    loop: Loop[tuple[Span, ...]] | None = None

    def places(self, text: str) -> tuple[Span, ...]:
        with self.lock:
            self.loop = self.loop or grammar.load("swarm", _Nodes(), process=_paired)
            return self.loop.parse(text)


_READER = _Reader()


def _paired(stream: Iterator[Token]) -> Iterator[Token]:
    """The tokens with every `<` and `>` that has no partner, or lies too deep, as text."""
    tokens = list(stream)
    opened: list[int] = []
    kept: set[int] = set()
    for place, token in enumerate(tokens):
        if token.type == "OPEN":
            opened.append(place)
        elif token.type == "CLOSE" and opened:
            opener = opened.pop()
            if len(opened) < DEEPEST:
                kept |= {opener, place}
    for place, token in enumerate(tokens):
        if token.type != "TEXT" and place not in kept:
            tokens[place] = Token("TEXT", str(token), token.start_pos)
    return iter(tokens)


@lru_cache(maxsize=256)
def kept_places(text: str) -> tuple[Span, ...]:
    """Where the outermost tags of a short text stand."""
    return _READER.places(text)


def tags(cells: Cells) -> Iterator[Tag]:
    """The outermost tags of a text, in order."""
    if "<" not in cells.text:
        return
    for place in (kept_places if len(cells.text) <= _SHORT else _READER.places)(cells.text):
        yield _tag(place, cells.part(place.start, place.end))


def _tag(place: Span, written: Cells) -> Tag:
    inside = written.part(1, len(written.text) - 1)
    end = next(_outside(inside.text, ":"), len(inside.text))
    head, values = inside.part(0, end), inside.part(end + 1)
    bracket = next(_outside(head.text, "["), None)
    if head.text.endswith("]") and bracket is not None:
        before = head.part(bracket + 1, len(head.text) - 1)
        return Tag(place.start, place.end, head.text[:bracket].lower(), before, values, written)
    return Tag(place.start, place.end, head.text.lower(), None, values, written)


def _outside(text: str, signs: str) -> Iterator[int]:
    """Where any of the signs stand that are in no tag."""
    depth = 0
    for at, letter in enumerate(text):
        depth += (letter == "<") - (letter == ">")
        if letter in signs and not depth:
            yield at


def section(tag: Tag) -> str:
    """The name by which a tag is a section, if it is one."""
    return "region:end" if tag.name == "region" and tag.values.text == "end" else tag.name


def split(values: Cells) -> list[Cells]:
    """Values parted by `||` where one stands, else by `|`, else by commas; blanks around them are no part of them."""
    text = values.text
    outside = list(_outside(text, "|,"))
    bars = [at for at in outside if text[at] == "|"]
    double = any(text[at - 1 : at] == "|" for at in bars)
    separator = "||" if double else "|" if bars else ","
    found: list[Cells] = []
    done = 0
    for at in outside:
        if at >= done and text.startswith(separator, at):
            found.append(values.part(done, at))
            done = at + len(separator)
    return [each.stripped() for each in (*found, values.part(done))]
