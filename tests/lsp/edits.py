"""An editor that makes random edits and knows what its text must be, counted its own slow way."""

from __future__ import annotations

import random
import re
from collections.abc import Sequence

LINE_END = re.compile(r"\r\n|\n|\r")
PIECES = (
    "a", "b", " ", ", ", "\n", "\r\n", "\r", "😀", "é", "日本", "\u2028", "\u2029", "\x0b", "\x85",
    "\ufeff", "#", "# note\n", "\n# promptlang: ignore[clipskip/*]\n",
    "/render ", "\n/render a cow ", "\n/set /steps:3",
    "\n/recipe #x $prompt", "#x", "/parser:new ", "/clipskip:1.9 ", "(", ")", "(cow:1.2)", "[", "]",
    "<demo>", "<", ">", "{a|b}", "__x__", "---\n", '"', "\\", ":", "👩‍👩‍👧", "e\u0301",
)  # fmt: skip


def width(letter: str, encoding: str) -> int:
    """How many units a code point takes."""
    if encoding == "utf-8":
        return len(letter.encode())
    return 2 if encoding == "utf-16" and ord(letter) > 0xFFFF else 1


def offset(text: str, line: int, column: int, encoding: str) -> int:
    """The offset of a position, found by walking."""
    starts = [0, *(match.end() for match in LINE_END.finditer(text))]
    if line >= len(starts):
        return len(text)
    end = LINE_END.search(text, starts[line])
    used = 0
    for at in range(starts[line], end.start() if end else len(text)):
        used += width(text[at], encoding)
        if used > column:
            return at
    return end.start() if end else len(text)


class Editor:
    """A text and the changes that are made to it."""

    def __init__(self, source: random.Random, encoding: str, pieces: Sequence[str] = PIECES) -> None:
        self.random = source
        self.encoding = encoding
        self.pieces = pieces
        self.text = "".join(source.choices(pieces, k=20))

    def change(self) -> dict[str, object]:
        """Edit the text; returns the change as the protocol writes it."""
        lines = len(LINE_END.findall(self.text))
        ends = [(self.random.randint(0, lines + 1), self.random.choice((0, 1, 2, 5, 9, 60))) for _ in range(2)]
        if self.random.random() < 0.5:
            ends[1] = ends[0]
        ends.sort()
        new = "".join(self.random.choices(self.pieces, k=self.random.randint(0, 3)))
        if len(self.text) > 3000:
            new, ends = "", [(0, 0), (lines // 2, 0)]
        start, end = sorted(offset(self.text, *each, self.encoding) for each in ends)
        self.text = self.text[:start] + new + self.text[end:]
        first, last = ({"line": line, "character": column} for line, column in ends)
        return {"range": {"start": first, "end": last}, "text": new}
