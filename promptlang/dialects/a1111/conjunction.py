"""The second pass of stable-diffusion-webui: `AND` splits the text wherever it stands, brackets or not.

A number after a colon at the end of a part is its weight. The program looks for it in a prompt without `AND` as well,
so `ratio 16:9` loses its 9.
"""

from __future__ import annotations

from collections.abc import Iterator

from promptlang.dialects.a1111.lexemes import terminal
from promptlang.values import dataclass


@dataclass(frozen=True, slots=True)
class Side:
    """One part: `text[start:end]` are its words, `text[end:stop]` its weight, which may be missing, and blanks."""

    start: int
    end: int
    stop: int
    weight: float = 1.0
    has_number: bool = False


def split(text: str) -> Iterator[Side]:
    """The parts between the `AND`s of a text."""
    start = 0
    if "AND" in text:
        for match in terminal("AND").finditer(text):
            yield _side(text, start, match.start())
            start = match.end()
    yield _side(text, start, len(text))


def conjunction(text: str) -> tuple[tuple[str, float], ...]:
    """The text and weight of every part."""
    stripped = text.rstrip()
    if "AND" not in stripped and not ends_in_number(stripped):
        return ((stripped, 1.0),)
    return tuple((text[side.start : side.end], side.weight) for side in split(text))


def ends_in_number(text: str) -> bool:
    """Whether the last word of a text could be a number; mostly it is not, and that is quickly seen."""
    last = text[-1:] if not text[-1:].isspace() else text.rstrip()[-1:]
    return last.isdecimal() or last == "."


def _side(text: str, start: int, stop: int) -> Side:
    end = start + len(text[start:stop].rstrip())
    colon = text.rfind(":", start, end) if ends_in_number(text[end - 1 : end]) else -1
    if colon >= 0 and terminal("BRANCH_WEIGHT").fullmatch(text, colon, stop):
        words = start + len(text[start:colon].rstrip())
        return Side(start, words, stop, float(text[colon + 1 : stop].strip()), has_number=True)
    return Side(start, end, stop)
