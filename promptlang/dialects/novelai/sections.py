"""Which sign ends which section of a NovelAI text; afterwards all sections nest, and each has its end.

A number counts up to the next `::`, the next number or the end. A bare `::` with no number open ends all brackets. A
bracket that ends while a number began inside it ends alone: the number goes on behind it.
"""

from __future__ import annotations

from collections.abc import Iterator

from promptlang.dialects.dialect import DEEPEST
from promptlang.syntax.driving import Token
from promptlang.values import dataclass, field

ENDS = {"LBRACE": "RBRACE", "LSQB": "RSQB", "NUMBER": "END"}
OPENS = {"RBRACE": "LBRACE", "RSQB": "LSQB"}


@dataclass(frozen=True, slots=True)
class Stray:
    """A sign that begins or ends nothing: `problem` is `unclosed`, `unopened` or `too-deep`."""

    problem: str
    start: int
    end: int


@dataclass()
class Sections:
    """Pairs the signs of one text at a time, and keeps none of it but the `strays` until they are asked for."""

    strays: list[Stray] = field(default_factory=list[Stray])
    tokens: list[Token] = field(default_factory=list[Token])
    opened: list[Token] = field(default_factory=list[Token])
    begun: list[Token] = field(default_factory=list[Token])  # by which sign, where one goes on
    deep: int = 0  # brackets that are open beyond the limit

    def process(self, stream: Iterator[Token]) -> Iterator[Token]:
        """The same tokens, with an end for every section and without signs that end nothing."""
        self.strays, self.tokens, self.opened, self.begun, self.deep = [], [], [], [], 0
        for token in stream:
            match token.type:
                case "LBRACE" | "LSQB":
                    self._open(token)
                case "NUMBER":
                    self._end_number(token.start_pos, "")
                    self._open(token)
                case "END":
                    self._end(token)
                case "RBRACE" | "RSQB":
                    self._close(token)
                case _:
                    self.tokens.append(token)
        end = self.tokens[-1].end_pos if self.tokens else 0
        brackets = (each for each in self.begun if each.type != "NUMBER")
        self.strays += (Stray("unclosed", each.start_pos, each.end_pos) for each in brackets)
        while self.opened:
            self._shut(end, "")
        tokens, self.tokens, self.begun = self.tokens, [], []
        return iter(tokens)

    def given_back(self) -> list[Stray]:
        """The strays of the last text, which are not kept."""
        strays, self.strays = self.strays, []
        return strays

    def _open(self, token: Token) -> None:
        if len(self.opened) >= DEEPEST:
            self.deep += 1
            self.strays.append(Stray("too-deep", token.start_pos, token.end_pos))
            return
        self._begin(token, token)

    def _begin(self, token: Token, sign: Token) -> None:
        self.opened.append(token)
        self.begun.append(sign)
        self.tokens.append(token)

    def _shut(self, at: int, written: str) -> Token:
        """End the innermost section; the sign that began it."""
        opener = self.opened.pop()
        self.tokens.append(Token(ENDS[opener.type], written, at))
        return self.begun.pop()

    def _end_number(self, at: int, written: str) -> bool:
        """End the number that is open, and the brackets in it; whether there is one."""
        place = next((place for place, each in enumerate(self.opened) if each.type == "NUMBER"), None)
        if place is None:
            return False
        while len(self.opened) > place + 1:
            bracket = self._shut(at, "")
            self.strays.append(Stray("unclosed", bracket.start_pos, bracket.end_pos))
        self._shut(at, written)
        return True

    def _end(self, token: Token) -> None:
        if self._end_number(token.start_pos, token):
            return
        if not self.opened:
            self.strays.append(Stray("unopened", token.start_pos, token.end_pos))
        while len(self.opened) > 1:
            self._shut(token.start_pos, "")
        if self.opened:
            self._shut(token.start_pos, token)

    def _close(self, token: Token) -> None:
        """End a bracket; a number inside it is ended and begun again behind it."""
        if self.deep:
            self.deep -= 1
            return
        wanted = OPENS[token.type]
        place = max((at for at, each in enumerate(self.opened) if each.type == wanted), default=None)
        if place is None:
            self.strays.append(Stray("unopened", token.start_pos, token.end_pos))
            return
        inside: list[Token] = []
        while len(self.opened) > place + 1:
            inside.append(self._shut(token.start_pos, ""))
        self._shut(token.start_pos, token)
        for each in reversed(inside):
            self._begin(Token(each.type, each, token.end_pos, token.end_pos), each)
