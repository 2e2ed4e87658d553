"""Texts that are almost right: grammars to make them from, and small changes to one that keep to its grammar."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from random import Random

DEEPEST = 5
_HOLE = re.compile("‹([a-z-]+)›")

Rules = Mapping[str, Sequence[str]]


class Grammar:
    """Alternatives by name, written as texts in which `‹name›` stands for one of another's; the first name begins."""

    def __init__(self, rules: Rules) -> None:
        self.names = tuple(rules)
        self._all = {name: [_HOLE.split(each) for each in texts] for name, texts in rules.items()}
        self._ends = _ends(self._all)

    def make(self, random: Random, name: str = "", depth: int = 0) -> str:
        """A text of that name."""
        rules = self._ends if depth >= DEEPEST else self._all
        literal, *rest = random.choice(rules[name or self.names[0]])
        if not rest:
            return literal
        parts = [literal]
        for hole, after in zip(rest[::2], rest[1::2], strict=True):
            parts += (self.make(random, hole, depth + 1), after)
        return "".join(parts)

    def change(self, text: str, random: Random, other: str = "") -> str:
        """The text with a piece put in, taken out, exchanged, doubled, or gone over to another text."""
        start = random.randint(0, len(text))
        end = min(len(text), start + random.choice((0, 1, 1, 2, 3, 5, 8, 20)))
        before, piece, after = text[:start], text[start:end], text[end:]
        match random.randrange(9):
            case 0:
                return self.make(random)
            case 1 | 2 | 3:
                return before + self.make(random, random.choice(self.names)) + after
            case 4:
                return before + after
            case 5:
                return before + piece + piece + after
            case 6:
                return after + piece + before
            case 7:
                return before + other[random.randint(0, len(other)) :]
            case _:
                return before + random.choice(ODD) + after


def _ends(rules: Mapping[str, list[list[str]]]) -> dict[str, list[list[str]]]:
    """The alternatives of each name that come to an end soonest."""
    found: dict[str, list[list[str]]] = {}
    while len(found) < len(rules):
        ending = {
            name: ends
            for name, texts in rules.items()
            if name not in found and (ends := [each for each in texts if all(hole in found for hole in each[1::2])])
        }
        assert ending, f"{sorted(rules.keys() - found.keys())} never come to an end"
        found |= ending
    return found


ODD = (
    *("\n", "\r", "\r\n", "\t", " ", "\0", "\x0b", "\x1b", "\x85", "\xa0", "\u200b", "\u2028", "\ufeff", "\ufffd"),
    *(
        "\ud800",
        "\udcff",
        "é",
        "e\u0301",
        "ß",
        "İ",
        "ﬁ",
        "：",
        "（",
        "“",
        "−",
        "×",
        "😀",
        "\U0010ffff",
        "日本",
        "٣",
        "²",
    ),
    *("\\", '"', "'", "`", "/", "#", "<", ">", "(", ")", "[", "]", "{", "}", "|", ":", "::", ",", ".", "-", "+", "_"),
    *("0", "1", "-1", "0.5", "1e9", "1e400", "nan", "inf", "9" * 30, "&amp;", "&#0;", "$", "$$", "%", "@", "~", "!"),
)
"""Letters and signs that readers of text trip over."""

ODD_IN_JSON = tuple(json.dumps(each)[1:-1] for each in ODD)
"""The same as a text in JSON has them between its quotes."""
