"""Lark's side of a grammar: the machine taken out of what Lark builds, and Lark's own loop for when that fails.

Only generating the machines, and a grammar that has changed since, come here; so does every import of Lark's inside.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Generic, Protocol, TypeVar, cast

from lark import Lark
from lark import Token as LarkToken
from lark.grammar import Rule as LarkRule
from lark.lark import PostLex

from promptlang.syntax.driving import Process, Token
from promptlang.syntax.machine import MISSING, SPREAD, Machine, Rule, State

Tree = TypeVar("Tree")
NOTHING_COMES = "(?!)"
"""The pattern of the state after the last token."""


class _Scanner(Protocol):
    _mres: list[re.Pattern[str]]


class _Lexer(Protocol):
    callback: Mapping[str, object]
    scanner: _Scanner


class _Table(Protocol):
    states: Mapping[int, Mapping[str, tuple[object, int | LarkRule]]]
    start_states: Mapping[str, int]
    end_states: Mapping[str, int]


class _Loop(Protocol):
    parse_table: _Table


class _Parser(Protocol):
    parser: _Loop


class _Frontend(Protocol):
    """What `Lark.parser` is; Lark leaves most of it without types."""

    parser: _Parser
    lexer: object


def machine(lark: Lark) -> Machine | None:
    """The machine of a loaded grammar; None where Lark's inside is not as this module knows it."""
    try:
        return _machine(lark)
    except (AttributeError, AssertionError, KeyError, TypeError, ValueError):
        return None


def _machine(lark: Lark) -> Machine:
    frontend = cast(_Frontend, lark.parser)  # pyright: ignore[reportUnknownMemberType]
    table = frontend.parser.parser.parse_table
    (start,), (end,) = table.start_states.values(), table.end_states.values()
    numbers = _reached(table, start)
    rules = {rule: place for place, rule in enumerate(lark.rules)}
    patterns: dict[str, int] = {}
    states: list[State] = []
    for state in numbers:
        goals = {
            symbol: numbers[goal] if isinstance(goal, int) else -1 - rules[goal]
            for symbol, (_, goal) in sorted(table.states[state].items())
        }
        states.append(State(patterns.setdefault(_pattern(frontend.lexer, state), len(patterns)), goals))
    return Machine(
        end=numbers[end],
        terminals={each.name: _on_a_line(each.pattern.to_regexp()) for each in lark.terminals},
        patterns=tuple(patterns),
        rules=tuple(map(_rule, lark.rules)),
        states=tuple(states),
    )


def _reached(table: _Table, start: int) -> dict[int, int]:
    """A number for each state, in the order in which they are reached, which does not depend on Lark's own numbers."""
    numbers = {start: 0}
    waiting = [start]
    for state in waiting:
        for _, (_, goal) in sorted(table.states[state].items()):
            if isinstance(goal, int) and goal not in numbers:
                numbers[goal] = len(numbers)
                waiting.append(goal)
    return numbers


def _pattern(lexer: object, state: int) -> str:
    """The pattern of the tokens that may come in a state."""
    by_state: Mapping[int, object] = getattr(lexer, "lexers", {})
    here = cast(_Lexer, by_state.get(state, lexer))
    found = here.scanner._mres  # pyright: ignore[reportPrivateUsage]
    if not found:
        return NOTHING_COMES
    (pattern,) = found
    assert not here.callback, "a keyword that another terminal matches too needs Lark's own lexer"
    return _on_a_line(pattern.pattern)


def _on_a_line(expression: str) -> str:
    """A regular expression with the line ends and tabs in it written as escapes."""
    escapes = {"\t": r"\t", "\r": r"\r", "\n": r"\n"}
    return re.sub(r"\\.|[\t\r\n]", lambda found: escapes.get(found[0], found[0]), expression, flags=re.DOTALL)


def _rule(rule: LarkRule) -> Rule:
    """What Lark's callbacks do with the values of a rule, told apart from the reader's method that they end in."""
    options, name = rule.options, str(rule.origin.name)
    missing = options.empty_indices or (False,) * len(rule.expansion)
    values = iter(enumerate(rule.expansion))
    kept: list[str] = []
    for is_missing in missing:
        if is_missing:
            kept.append(MISSING)
            continue
        place, symbol = next(values)
        if symbol.is_term and getattr(symbol, "filter_out", False) and not options.keep_all_tokens:
            continue
        spreads = not symbol.is_term and symbol.name.startswith("_")
        kept.append(f"{place}{SPREAD if spreads else ''}")
    method = "" if name.startswith("_") else rule.alias or name
    return Rule(name, len(rule.expansion), method, bool(options.expand1 and not rule.alias), tuple(kept))


class LarkLoop(Generic[Tree]):
    """Lark's own loop, its tokens turned into ours before a reader sees them."""

    def __init__(
        self, build: Callable[[object, PostLex | None], Lark], reader: object, process: Process | None
    ) -> None:
        self._lark = build(_Reading(reader), None if process is None else _Between(process))
        self.terminals = {each.name: each.pattern.to_regexp() for each in self._lark.terminals}

    def parse(self, text: str) -> Tree:
        """The tree of a text."""
        return cast(Tree, self._lark.parse(text))  # pyright: ignore[reportUnknownMemberType]

    def built(self, tokens: Iterable[Token]) -> Tree:
        """The tree of tokens in hand."""
        reading = self._lark.parse_interactive()  # pyright: ignore[reportUnknownMemberType]
        for token in tokens:
            reading.feed_token(_theirs(token))
        return cast(Tree, reading.feed_eof())  # pyright: ignore[reportUnknownMemberType]


class _Reading:
    """A reader as Lark calls it, with tokens of ours."""

    def __init__(self, reader: object) -> None:
        self._reader = reader

    def __getattr__(self, name: str) -> Callable[[list[object]], object]:
        method: Callable[[list[object]], object] = getattr(self._reader, name)
        return lambda values: method([_ours(each) if isinstance(each, LarkToken) else each for each in values])


class _Between(PostLex):
    """The pass between Lark's lexer and its parser."""

    always_accept = ()

    def __init__(self, process: Process) -> None:
        self._process = process

    def process(self, stream: Iterator[LarkToken]) -> Iterator[LarkToken]:
        return map(_theirs, self._process(map(_ours, stream)))


def _ours(token: LarkToken) -> Token:
    return Token(token.type, str(token), token.start_pos or 0, token.end_pos)


def _theirs(token: Token) -> LarkToken:
    return LarkToken(token.type, str(token), token.start_pos, end_pos=token.end_pos)
