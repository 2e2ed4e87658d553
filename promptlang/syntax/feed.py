"""Lark as a parser of lexemes in hand: a dialect whose owner is no context-free reader sorts its lexemes first.

The grammar file stays the one place where terminals and rules are written; the sorting pass borrows its terminals.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar, cast

from lark import Lark, Token
from lark.common import LexerConf
from lark.lexer import Lexer

from promptlang.source import Passage

Tree = TypeVar("Tree")
Built = TypeVar("Built", covariant=True)


class LexemeFeed(Lexer):
    """Hands sorted lexemes to the parser; it reads no text."""

    def __init__(self, lexer_conf: LexerConf) -> None:
        del lexer_conf

    def lex(self, lexer_state: Iterable[Token], parser_state: object = None) -> Iterator[Token]:  # pyright: ignore[reportIncompatibleMethodOverride]  # lark's older interface
        return iter(lexer_state)


class Builder(Protocol[Built]):
    """A method per rule of a grammar; `start` makes what the parser returns."""

    @property
    def start(self) -> Callable[..., Built]: ...


@dataclass(frozen=True, slots=True)
class Grammar(Generic[Tree]):
    """A grammar of this package, ready to read tokens."""

    lark: Lark

    def pattern(self, terminal: str) -> re.Pattern[str]:
        """The regular expression of a terminal."""
        return re.compile(self.lark.get_terminal(terminal).pattern.to_regexp())

    def tree(self, tokens: Iterable[Token]) -> Tree:
        """What the builder's `start` makes of the tokens."""
        # Lark declares text as the only input and its own trees as the only output.
        parse = cast(Callable[[Iterable[Token], str], Tree], self.lark.parse)  # pyright: ignore[reportUnknownMemberType]
        return parse(tokens, "start")


def grammar(file: str, builder: Builder[Tree]) -> Grammar[Tree]:
    """The grammar in `grammars/<file>`; `builder` has a method per rule and is called while parsing.

    The terminals that only the sorting pass needs are named by the grammar's second start, `lexeme`.
    """
    lark = Lark.open_from_package(  # pyright: ignore[reportUnknownMemberType]
        "promptlang.grammars",
        file,
        parser="lalr",
        start=["start", "lexeme"],
        lexer=LexemeFeed,
        transformer=builder,
        maybe_placeholders=False,
    )
    return Grammar(lark)


def placed(kind: str, passage: Passage, start: int, end: int) -> Token:
    """A token of `passage.text[start:end]` whose offsets are those of the source."""
    span = passage.span(start, end)
    return Token(kind, passage.text[start:end], start_pos=span.start, end_pos=span.end)
