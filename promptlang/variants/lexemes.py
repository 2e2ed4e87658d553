"""The lexemes of a template: which brackets have a partner, and what is text.

The owner gives up on the whole prompt where one `$`, `%`, `__` or `{` has none. Here such a character is text, and the
rest keeps its meaning.
"""

from __future__ import annotations

import re
from functools import cache

from promptlang.syntax.driving import Loop
from promptlang.values import dataclass, field
from promptlang.variants.nodes import Chunks

DEEPEST = 60  # brackets within brackets that are still read; the owner's own limit is the interpreter's stack


@dataclass(slots=True)
class Piece:
    """A lexeme; `text` is what the owner sees, without comments."""

    kind: str
    text: str
    start: int
    end: int


@dataclass(slots=True)
class Frame:
    """An open bracket and the lexemes that make sense only if it closes."""

    kind: str
    marks: list[int] = field(default_factory=list[int])


@dataclass(frozen=True, slots=True)
class Sorted:
    """The lexemes, and the pieces that stayed text though they look like syntax."""

    pieces: list[Piece]
    strays: list[Piece]


@cache
def patterns(source: Loop[Chunks]) -> dict[str, re.Pattern[str]]:
    """The terminals of the grammar, compiled."""
    names = [
        "TEXT",
        "INNER_TEXT",
        "PATH_TEXT",
        "COMMENT",
        "OPEN",
        "CLOSE",
        "BAR",
        "BOUND",
        "WEIGHT",
        "WILD",
        "ARGUMENTS",
        "WILD_END",
        "SET",
        "GET",
        "WRAP",
        "THEN",
    ]
    return {name: re.compile(source.terminals[name]) for name in names}


# The lexeme that opens a bracket, by the characters it starts with.
OPENERS = (("{", "OPEN"), ("${", "SET"), ("${", "GET"), ("%{", "WRAP"), ("__", "WILD"))


@dataclass(slots=True)
class Sorting:
    """One pass over a template."""

    text: str
    terminals: dict[str, re.Pattern[str]]
    pieces: list[Piece] = field(default_factory=list[Piece])
    frames: list[Frame] = field(default_factory=list[Frame])
    strays: list[int] = field(default_factory=list[int])
    broken: bool = False  # a comment stands before the next lexeme

    def sort(self) -> Sorted:
        """All lexemes, with what stayed open turned into text."""
        at, end = 0, len(self.text)
        while at < end:
            comment = self.terminals["COMMENT"].match(self.text, at)
            if comment and comment.end() > at:
                at, self.broken = comment.end(), True
                continue
            at = self._step(at)
            self.broken = False
        for frame in self.frames:
            self._demote(frame)
        for at in self.strays:
            self.pieces[at].kind = "TEXT"
        return Sorted(_merged(self.pieces), [self.pieces[at] for at in sorted(self.strays)])

    def _step(self, at: int) -> int:
        frame = self.frames[-1] if self.frames else None
        kind = frame.kind if frame else ""
        inside = self._inside(at, frame) if frame else None
        if inside is not None:
            return inside
        for start, opener in OPENERS:
            if self.text.startswith(start, at) and self._may_open(opener, kind, at):
                match = self.terminals[opener].match(self.text, at)
                if match:
                    return self._opened(opener, match)
        match = self._plain(kind).match(self.text, at)
        if match:
            self._add("TEXT", match)
            return match.end()
        end = at + 2 if self.text.startswith("__", at) else at + 1
        self.strays.append(len(self.pieces))
        self.pieces.append(Piece("STRAY", self.text[at:end], at, end))
        return end

    def _may_open(self, opener: str, kind: str, at: int) -> bool:
        if len(self.frames) >= DEEPEST:
            return False
        if opener == "SET":
            return not self.frames
        if opener == "WILD":
            closing = self.text.find("__", at + 2)
            is_one = closing > 0 and not self.text.startswith("____", at)
            return kind != "WILD" and is_one and not self._leaves_call(at + 2, closing)
        return not (kind == "WILD" and opener == "WRAP")

    def _leaves_call(self, begin: int, end: int) -> bool:
        """Whether what would be the name of a wildcard begins in that of a network and goes on behind its call."""
        closing = self.text.find(">", begin, end)
        return closing >= 0 and self.text.find("<", begin, closing) < 0

    def _plain(self, kind: str) -> re.Pattern[str]:
        return self.terminals["PATH_TEXT" if kind == "WILD" else "INNER_TEXT" if kind else "TEXT"]

    def _opened(self, kind: str, match: re.Match[str]) -> int:
        frame = Frame(kind)
        self.frames.append(frame)
        self._mark(kind, match, frame)
        at = match.end()
        if kind == "OPEN":
            if bound := self.terminals["BOUND"].match(self.text, self._gap(at)):
                at = self._mark("BOUND", bound, frame)
            return self._option(at, frame)
        return at if kind == "WILD" else self._gap(at)

    def _option(self, at: int, frame: Frame) -> int:
        """White space, which is left out, and the weight at the start of an option."""
        at = self._gap(at)
        weight = self.terminals["WEIGHT"].match(self.text, at)
        return self._mark("WEIGHT", weight, frame) if weight else at

    def _gap(self, at: int) -> int:
        """Behind comments and the white space after them, which the owner leaves out where a value begins."""
        while comment := self.terminals["COMMENT"].match(self.text, at):
            at = comment.end()
        while self.text[at : at + 1] in {" ", "\t", "\r", "\n"}:
            at += 1
        return at

    def _inside(self, at: int, frame: Frame) -> int | None:
        """What only an open bracket understands: its bar, its separator and its end."""
        terminals = self.terminals
        if frame.kind == "WILD":
            arguments = terminals["ARGUMENTS"].match(self.text, at)
            if arguments and self.text.startswith("__", arguments.end()) and frame.marks[-1] < len(self.pieces) - 1:
                self._mark("ARGUMENTS", arguments, frame)
                closing = terminals["WILD_END"].match(self.text, arguments.end())
                assert closing is not None
                return self._closed("WILD_END", closing, frame)
            if arguments:
                return None
            end = terminals["WILD_END"].match(self.text, at)
            if end and frame.marks[-1] < len(self.pieces) - 1:
                return self._closed("WILD_END", end, frame)
            if end:  # a name without letters is none
                self._demote(self.frames.pop())
            return None
        if frame.kind != "WRAP" and (close := terminals["CLOSE"].match(self.text, at)):
            return self._closed("CLOSE", close, frame)
        if frame.kind == "OPEN" and (bar := terminals["BAR"].match(self.text, at)):
            return self._option(self._mark("BAR", bar, frame), frame)
        if frame.kind == "WRAP" and (then := terminals["THEN"].match(self.text, at)):
            frame.kind = "WRAPPED"
            return self._gap(self._mark("THEN", then, frame))
        return None

    def _closed(self, kind: str, match: re.Match[str], frame: Frame) -> int:
        self._mark(kind, match, frame)
        self.frames.pop()
        return match.end()

    def _mark(self, kind: str, match: re.Match[str], frame: Frame) -> int:
        frame.marks.append(len(self.pieces))
        self._add(kind, match)
        return match.end()

    def _add(self, kind: str, match: re.Match[str]) -> None:
        if self.broken and kind == "TEXT" and self.pieces and self.pieces[-1].kind == "TEXT":
            # Texts that only a comment parts are joined by a space, as the owner does.
            last = self.pieces[-1]
            last.text, last.end = f"{last.text} {match[0]}", match.end()
            return
        self.pieces.append(Piece(kind, match[0], *match.span()))

    def _demote(self, frame: Frame) -> None:
        for at in frame.marks:
            self.pieces[at].kind = "TEXT"
        self.strays.append(frame.marks[0])


def _merged(pieces: list[Piece]) -> list[Piece]:
    """One text for texts in a row."""
    result: list[Piece] = []
    for piece in pieces:
        if piece.kind == "TEXT" and result and result[-1].kind == "TEXT":
            last = result[-1]
            result[-1] = Piece("TEXT", last.text + piece.text, last.start, piece.end)
        else:
            result.append(piece)
    return result
