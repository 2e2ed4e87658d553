"""Somebody at work: types at a cursor, deletes, pastes, undoes, edits in several places, replaces everything."""

from __future__ import annotations

import random
from bisect import bisect_right
from dataclasses import dataclass

from edits import LINE_END, PIECES, Editor, width

Change = dict[str, object]

WORDS = (
    *("a", "cow", "(red", "barn:1.2)", "[mud]", "<demo>", "😀", "morning light,", "oil painting", "/steps:30", "é日本"),
    *("{a|b}", "__x__", "/clipskip:2", "\n/render", "\n/recipe #x", "\n/set"),
)
PASTES = (
    "/render /parser:new a (cow:1.2), [blurry]\n",
    "/set /steps:3\r\n/recipe #warm warm 🌅 light\r/render #warm a barn\u2028/render b\n",
    "# promptlang: ignore[clipskip/*]\n/render /clipskip:1.9 a cow\n",
    "\n\n---\n\ufeff/compare /clipskip:1..4 👩‍👩‍👧 e\u0301 (((x))\n" * 3,
)
LONGEST = 4000


def position(text: str, at: int, encoding: str) -> dict[str, int] | None:
    """The position of an offset; None inside a line end, which has none."""
    if text[at - 1 : at + 1] == "\r\n" and at:
        return None
    starts = [0, *(match.end() for match in LINE_END.finditer(text))]
    line = bisect_right(starts, at) - 1
    return {"line": line, "character": sum(width(letter, encoding) for letter in text[starts[line] : at])}


@dataclass
class Done:
    """An edit that can be undone: where the new text begins, the new text, and the one it replaced."""

    start: int
    new: str
    old: str


class Typist(Editor):
    """An editor with a cursor and a history."""

    def __init__(self, source: random.Random, encoding: str) -> None:
        super().__init__(source, encoding)
        self.text = "".join(PASTES)
        self.cursor = 0
        self.history: list[Done] = []
        self.waiting = ""

    def changes(self) -> list[Change]:
        """The edits of one message."""
        self.cursor = min(self.cursor, len(self.text))
        if len(self.text) > LONGEST:
            return [self.replaced(self.random.randrange(len(self.text) // 2), len(self.text) // 2, "")]
        [kind] = self.random.choices(
            (self.typed, self.deleted, self.anywhere, self.pasted, self.undone, self.scattered, self.rewritten),
            (70, 10, 6, 3, 6, 4, 1),
        )
        return kind()

    def typed(self) -> list[Change]:
        """The next letter of a word."""
        if not self.waiting:
            if self.random.random() < 0.2:
                self.cursor = self.random.randint(0, len(self.text))
            self.waiting = self.random.choice((*WORDS, *PIECES)) + self.random.choice((" ", ", ", "\n", "\r\n"))
        letter, self.waiting = self.waiting[0], self.waiting[1:]
        return [self.replaced(self.cursor, 0, letter)]

    def deleted(self) -> list[Change]:
        """The letter before the cursor."""
        self.waiting = ""
        return [self.replaced(max(self.cursor - 1, 0), min(self.cursor, 1), "")]

    def anywhere(self) -> list[Change]:
        """A range that may lie outside the text."""
        self.history.clear()
        return [self.change()]

    def pasted(self) -> list[Change]:
        """Several lines over a few letters."""
        return [self.replaced(self.cursor, self.random.randint(0, 30), self.random.choice(PASTES))]

    def undone(self) -> list[Change]:
        """The last edits, one after the other."""
        changes: list[Change] = []
        for _ in range(min(self.random.randint(1, 12), len(self.history))):
            last = self.history.pop()
            changes.append(self.replaced(last.start, len(last.new), last.old, remembered=False))
        return changes or self.typed()

    def scattered(self) -> list[Change]:
        """Several cursors, the last place first, as editors send them."""
        places = sorted(
            (self.random.randint(0, len(self.text)) for _ in range(self.random.randint(2, 5))), reverse=True
        )
        return [self.replaced(place, 0, "x") for place in places]

    def rewritten(self) -> list[Change]:
        """The whole text at once."""
        self.history.clear()
        self.text = "".join(self.random.choices((*PASTES, *PIECES), k=12))
        return [{"text": self.text}]

    def replaced(self, start: int, length: int, new: str, *, remembered: bool = True) -> Change:
        """Put a text in the place of so many code points; the whole text where no position says so."""
        end = min(start + length, len(self.text))
        before, old = self.text, self.text[start:end]
        self.text = before[:start] + new + before[end:]
        self.cursor = start + len(new)
        if remembered:
            self.history = [*self.history[-100:], Done(start, new, old)]
        first, last = (position(before, at, self.encoding) for at in (start, end))
        if first is None or last is None:
            return {"text": self.text}
        return {"range": {"start": first, "end": last}, "text": new}
