"""Lark's lexers and tables, driven by a loop of ours: the same tokens and callbacks in less than half of the time.

Lark's own loop counts lines and columns and hashes a rule for every step. Here a token knows its type and offset alone,
and each state of the table is turned into numbers and functions when a text first leads there.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Generic, Protocol, TypeVar, cast

from lark import Lark, Token
from lark.grammar import Rule
from lark.parse_tree_builder import ExpandSingleChild

Tree = TypeVar("Tree")
Build = Callable[[list[object]], object]
Reduction = tuple[Build | None, int, str]  # what builds the value (None: its only part), of how many, the rule's name
Actions = dict[str, int | Reduction]  # by type of token or name of rule: the state to go to, or a reduction
Match = Callable[[str, int], re.Match[str] | None]


class _Table(Protocol):
    states: Mapping[int, Mapping[str, tuple[object, int | Rule]]]
    start_states: Mapping[str, int]
    end_states: Mapping[str, int]


class _Scanner(Protocol):
    _mres: list[re.Pattern[str]]


class _Lexer(Protocol):
    callback: Mapping[str, object]
    scanner: _Scanner


class _Loop(Protocol):
    parse_table: _Table
    callbacks: Mapping[Rule, Build]


class _Parser(Protocol):
    parser: _Loop


class _Frontend(Protocol):
    """What `Lark.parser` is; Lark leaves most of it without types."""

    parser: _Parser
    lexer: object


class Driver(Generic[Tree]):
    """Parses texts with a loaded grammar; `Tree` is what the callback of its start makes."""

    def __init__(self, lark: Lark) -> None:
        frontend = cast(_Frontend, lark.parser)  # pyright: ignore[reportUnknownMemberType]
        loop = frontend.parser.parser
        self._process: Callable[[Iterator[Token]], Iterable[Token]] | None = None
        self._lexer = frontend.lexer
        if lark.options.postlex is not None:
            self._process = lark.options.postlex.process
            self._lexer = getattr(frontend.lexer, "lexer")  # noqa: B009 - one of Lark's, which has no type
        self._states, self._callbacks = loop.parse_table.states, loop.callbacks
        (self._start,) = loop.parse_table.start_states.values()
        (self._end,) = loop.parse_table.end_states.values()
        self._actions: dict[int, Actions] = {}
        self._matches: dict[int, Match] = {}

    def parse(self, text: str) -> Tree:
        """The tree of a text; every character must fit a token, and every row of tokens the grammar."""
        if self._process is not None:
            return self.built(self._process(iter(self._tokens(text))))
        states, values = [self._start], list[object]()
        at, end = 0, len(text)
        while at < end:
            token = self._token(text, at, states[-1])
            self._feed(token, token.type, states, values)
            at += len(token)
        return self._ended(states, values)

    def built(self, tokens: Iterable[Token]) -> Tree:
        """The tree of tokens in hand, whose types are those of the grammar."""
        states, values = [self._start], list[object]()
        for token in tokens:
            self._feed(token, token.type, states, values)
        return self._ended(states, values)

    def _ended(self, states: list[int], values: list[object]) -> Tree:
        self._feed(None, "$END", states, values)
        return cast(Tree, values[-1])

    def _tokens(self, text: str) -> list[Token]:
        tokens: list[Token] = []
        at, end = 0, len(text)
        while at < end:
            token = self._token(text, at, self._start)
            tokens.append(token)
            at += len(token)
        return tokens

    def _token(self, text: str, at: int, state: int) -> Token:
        match = (self._matches.get(state) or self._matching(state))(text, at)
        assert match is not None, f"no token of the grammar fits at {at}"
        token = str.__new__(Token, match[0])
        token.type, token.start_pos = match.lastgroup or "", at
        return token

    def _feed(self, token: object, kind: str, states: list[int], values: list[object]) -> None:
        """Reduce what is complete before a token, then take the token."""
        table = self._actions
        while True:
            action = (table.get(states[-1]) or self._acting(states[-1]))[kind]
            if isinstance(action, int):
                states.append(action)
                values.append(token)
                return
            build, size, name = action
            if build is None:
                del states[-1]
            elif size:
                values[-size:] = [build(values[-size:])]
                del states[-size:]
            else:
                values.append(build([]))
            here = states[-1]
            goal = (table.get(here) or self._acting(here))[name]
            assert isinstance(goal, int)
            states.append(goal)
            if goal == self._end:
                return

    def _matching(self, state: int) -> Match:
        """The pattern of the tokens that may come in a state."""
        by_state: Mapping[int, object] = getattr(self._lexer, "lexers", {})
        lexer = cast(_Lexer, by_state.get(state, self._lexer))
        (pattern,) = lexer.scanner._mres  # pyright: ignore[reportPrivateUsage]
        assert not lexer.callback, "a keyword that another terminal matches too needs Lark's own lexer"
        return self._matches.setdefault(state, pattern.match)

    def _acting(self, state: int) -> Actions:
        """What to do in a state."""
        actions: Actions = {}
        for symbol, (_, goal) in self._states[state].items():
            actions[symbol] = goal if isinstance(goal, int) else self._reduction(goal)
        return self._actions.setdefault(state, actions)

    def _reduction(self, rule: Rule) -> Reduction:
        build, size = self._callbacks[rule], len(rule.expansion)
        passes = size == 1 and isinstance(build, ExpandSingleChild)
        return None if passes else build, size, rule.origin.name
