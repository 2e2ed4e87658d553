"""The terminals of `grammars/a1111.lark` found in a text, before any pass decides what they mean."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache

from lark import Lark, Token

from promptlang import grammar
from promptlang.dialects.a1111_nodes import NodeBuilder
from promptlang.nodes import Parts

Lexeme = tuple[str, int, int]
"""A terminal's name and the offsets it covers; a plain tuple, because there is one for every few letters."""

_IN_TEXT = (
    "ESCAPED",
    "BACKSLASH",
    "LPAR",
    "RPAR",
    "LSQB",
    "RSQB",
    "BAR",
    "WEIGHT",
    "NO_WEIGHT",
    "WHEN",
    "COLON",
    "BREAK",
    "TEXT",
)


@cache
def parser() -> Lark:
    """The parser, building nodes while it reads."""
    return grammar.load("a1111", NodeBuilder())


@cache
def terminal(name: str) -> re.Pattern[str]:
    """The regular expression of one terminal of the grammar."""
    return re.compile(_expressions()[name])


@cache
def _expressions() -> dict[str, str]:
    return {each.name: each.pattern.to_regexp() for each in parser().terminals}


@cache
def _scanner() -> re.Pattern[str]:
    expressions = _expressions()
    return re.compile("|".join(f"(?P<{name}>{expressions[name]})" for name in _IN_TEXT))


def lexemes(text: str) -> list[Lexeme]:
    """The whole text as lexemes, without a gap."""
    return [(found.lastgroup or "", *found.span()) for found in _scanner().finditer(text)]


def read(tokens: Iterable[Token]) -> Parts:
    """The tree of sorted tokens."""
    reading = parser().parse_interactive()  # pyright: ignore[reportUnknownMemberType]  # lark is typed in part
    for token in tokens:
        reading.feed_token(token)
    tree: Parts = reading.feed_eof()  # pyright: ignore[reportUnknownMemberType]
    return tree
