"""The tree as NovelAI text: brackets where they say the weight, else a number; signs with a meaning are left out."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import groupby
from math import isfinite

from promptlang.dialects.dialect import decimal
from promptlang.syntax.nodes import Break, Concept, Negative, Part, Parts, Text, Weight, inner

RAISED = 1.05
LOWERED = 1 / 1.05
MOST = 5  # brackets that are still read at a glance

_SIGNS = re.compile(r"[{}\[\]]")
_COLONS = re.compile(r":(?=:)")
_ENDS_WORD = re.compile(r"[\w.\-]")


def write(parts: Parts) -> str:
    """The parts as a prompt; reading it again gives the same weights."""
    pieces: list[str] = []
    for weight, run in groupby(_leaves(parts), lambda leaf: leaf[1]):
        words = _words("".join(text for text, _ in run))
        if words:
            pieces.append(_group(words, weight) if words.strip() else words)
    return _apart(pieces)


def plain(text: str) -> tuple[str, ...]:
    """The spelling of plain words, if they have one: there are no escapes."""
    return (_words(text),)


def _words(text: str) -> str:
    return _COLONS.sub(": ", _SIGNS.sub("", text))


def _leaves(parts: Parts) -> Iterator[tuple[str, float]]:
    """The words with all they count; no number stands inside another, so it is worked out."""
    waiting: list[tuple[Part, float]] = [(part, 1.0) for part in reversed(parts)]
    while waiting:
        part, weight = waiting.pop()
        match part:
            case Text(text=text):
                yield text, weight
            case Break():
                yield " ", weight
            case Concept() | Negative():
                continue
            case _:
                if isinstance(part, Weight):
                    weight = part.factor if part.absolute else weight * part.factor
                waiting.extend((child, weight) for child in reversed(inner(part)) if isinstance(child, Part))


def _group(words: str, weight: float) -> str:
    if weight == 1.0 or not isfinite(weight):
        return words
    for base, opening, closing in ((RAISED, "{", "}"), (LOWERED, "[", "]")):
        product = 1.0
        for times in range(1, MOST + 1):
            product *= base
            if abs(product - weight) < 5e-7:
                return f"{opening * times}{words}{closing * times}"
    blank = " " if words[-1].isdecimal() or words[-1] in ".:-" else ""
    return f"{decimal(weight)}::{words}{blank}::"


def _apart(pieces: list[str]) -> str:
    """The pieces in a row; a number does not stand directly behind a word, nor a colon before one."""
    text: list[str] = []
    for piece in pieces:
        is_number = piece[0] in "-.0123456789" and "::" in piece
        text.append(f" {piece}" if text and is_number and _ENDS_WORD.match(text[-1][-1]) else piece)
    return "".join(text)
