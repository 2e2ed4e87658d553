"""The terminals of `grammars/a1111.lark` found in a text, before any pass decides what they mean."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from functools import cache, lru_cache
from typing import TypeVar

from promptlang.dialects.a1111.nodes import NodeBuilder
from promptlang.syntax import grammar
from promptlang.syntax.driving import Loop, Token
from promptlang.syntax.nodes import Parts

Read = TypeVar("Read")

_LONG = 10_000  # letters
Lexeme = tuple[str, int, int]
"""A terminal's name and the offsets it covers; a plain tuple, because there is one for every few letters."""

# The most frequent first: no two of them can begin alike, or the longer one stands before the shorter.
_IN_TEXT = (
    *("TEXT", "LPAR", "RPAR", "WEIGHT", "LSQB", "RSQB", "WHEN", "NO_WEIGHT"),
    *("COLON", "BAR", "BREAK", "ESCAPED", "BACKSLASH"),
)


@cache
def _loop() -> Loop[Parts]:
    """What reads tokens, building nodes meanwhile."""
    return grammar.load("a1111", NodeBuilder())


@cache
def terminal(name: str) -> re.Pattern[str]:
    """The regular expression of one terminal of the grammar."""
    return re.compile(_loop().terminals[name])


@cache
def _scanner() -> re.Pattern[str]:
    expressions = _loop().terminals
    return re.compile("|".join(f"(?P<{name}>{expressions[name]})" for name in _IN_TEXT))


def kept(read: Callable[[str], Read]) -> Callable[[str], Read]:
    """What is read of a text, kept for the passes behind that ask for it too.

    Not so of a long text: it would be half of all that is held, and reading it again takes a tenth of the time.
    """
    remembered = lru_cache(maxsize=4)(read)
    return lambda text: remembered(text) if len(text) < _LONG else read(text)


@kept
def lexemes(text: str) -> Sequence[Lexeme]:
    """The whole text as lexemes, without a gap: tree, schedules and emphasis each ask for them."""
    found = [(match.lastgroup or "", match.start(), match.end()) for match in _scanner().finditer(text)]
    return _with_blanks(text, found) if "BREAK" in text else found


def _with_blanks(text: str, found: list[Lexeme]) -> list[Lexeme]:
    """The lexemes with the blanks before each BREAK taken from the text before it."""
    result: list[Lexeme] = []
    for kind, start, end in found:
        if kind == "BREAK" and result and result[-1][0] == "TEXT":
            _, begin, _ = result.pop()
            words = begin + len(text[begin:start].rstrip())
            if words > begin:
                result.append(("TEXT", begin, words))
            start = words
        result.append((kind, start, end))
    return result


def read(tokens: Iterable[Token]) -> Parts:
    """The tree of sorted tokens."""
    return _loop().built(tokens)
