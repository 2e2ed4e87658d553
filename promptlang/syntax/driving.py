"""Runs a grammar's machine over a text or over tokens in hand, calling a reader's method for each rule.

It gives what Lark's own loop gives, in less than half of the time: that one counts lines and columns and hashes a rule
for every step. Here a token knows its type and offsets alone, and each state of the machine is turned into functions
when a text first leads there.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import chain
from typing import Generic, Protocol, TypeVar, cast

from promptlang.source import Passage, Span
from promptlang.syntax.machine import MISSING, SPREAD, Machine, Rule

Tree = TypeVar("Tree")
Result = TypeVar("Result", covariant=True)
Build = Callable[[list[object]], object]
Match = Callable[[str, int], re.Match[str] | None]


class Token(str):
    """A piece of text with its type and where it stands; the text may be what it means rather than what is written."""

    __slots__ = ("end_pos", "start_pos", "type")

    type: str
    start_pos: int
    end_pos: int

    def __new__(cls, type: str, text: str, start_pos: int, end_pos: int | None = None) -> Token:
        token = str.__new__(cls, text)
        token.type = type
        token.start_pos = start_pos
        token.end_pos = start_pos + len(text) if end_pos is None else end_pos
        return token

    @property
    def span(self) -> Span:
        """Where it stands, as a node says it."""
        return Span(self.start_pos, self.end_pos)


_new = str.__new__


def placed(kind: str, passage: Passage, start: int, end: int, text: str | None = None) -> Token:
    """A token of `passage.text[start:end]` with the offsets of the source; `text` is what it means, if not that."""
    token = _new(Token, passage.text[start:end] if text is None else text)  # without a call of `Token` for each
    token.type = kind
    token.start_pos, token.end_pos = passage.ends(start, end)
    return token


Process = Callable[[Iterator[Token]], Iterator[Token]]


class Loop(Protocol[Result]):
    """What reads texts with a grammar: our loop, or Lark's own where its inside is not as we know it."""

    @property
    def terminals(self) -> Mapping[str, str]:
        """The regular expression of every terminal, by its name."""
        ...

    def parse(self, text: str) -> Result:
        """The tree of a text; every character must fit a token, and every row of tokens the grammar."""
        ...

    def built(self, tokens: Iterable[Token]) -> Result:
        """The tree of tokens in hand, whose types are those of the grammar."""
        ...


class _Row(dict[str, "_Row | _Reduction"]):
    """A state: what to do for a type of token or the name of a rule, found out when it is first asked for.

    `match` looks for the tokens that may come there; None until a text first leads to the state.
    """

    __slots__ = ("act", "match", "number")

    def __init__(self, number: int, act: Callable[[int, str], _Row | _Reduction]) -> None:
        self.number, self.act = number, act
        self.match: Match | None = None

    def __missing__(self, symbol: str) -> _Row | _Reduction:
        action = self[symbol] = self.act(self.number, symbol)
        return action


_ENDING = (Token("$END", "", 0),)
_append = cast(Callable[[object, object], None], list[object].append)

_Reduction = tuple[Build | None, int, str]  # what builds the value (None: its only part), of how many, the rule's name


class Driver(Generic[Tree]):
    """A machine with a reader of its rules and a pass between tokens and rules; `Tree` is what its start makes."""

    def __init__(self, machine: Machine, reader: object, process: Process | None = None) -> None:
        self.terminals = machine.terminals
        self._machine, self._reader, self._process = machine, reader, process
        self._rows: dict[int, _Row] = {}
        self._first, self._last = self._row(0), self._row(machine.end)

    def parse(self, text: str) -> Tree:
        """The tree of a text; every character must fit a token, and every row of tokens the grammar."""
        rows = [self._first]
        if self._process is None:
            return self._run(self._tokens(text, rows), rows)
        return self.built(self._process(self._tokens(text, rows)))

    def built(self, tokens: Iterable[Token]) -> Tree:
        """The tree of tokens in hand, whose types are those of the grammar."""
        return self._run(tokens, [self._first])

    def _tokens(self, text: str, rows: Sequence[_Row]) -> Iterator[Token]:
        """The tokens of a text, each looked for as the last of the rows has it by then."""
        new, at, end = str.__new__, 0, len(text)
        while at < end:
            row = rows[-1]
            found = (row.match or self._matching(row))(text, at)
            assert found is not None, f"no token of the grammar fits at {at}"
            token = new(Token, found[0])  # as `Token` does it, without a call for each of the many
            token.type, token.start_pos = found.lastgroup or "", at
            token.end_pos = at = found.end()
            yield token

    def _run(self, tokens: Iterable[Token], rows: list[_Row]) -> Tree:
        """Complete the rules that end before each token, then take it.

        One loop over everything, with a path of its own for a rule of one part: these are the steps of reading a text.
        """
        row, last, values = rows[-1], self._last, list[object]()
        for token in chain(tokens, _ENDING):
            kind = token.type
            while True:
                action = row[kind]
                if isinstance(action, _Row):
                    row = action
                    rows.append(row)
                    values.append(token)
                    break
                build, size, name = action
                goal = rows[-1 - size][name]
                assert isinstance(goal, _Row)
                row = goal
                if build is None:
                    rows[-1] = row
                elif size == 1:
                    rows[-1] = row
                    values[-1] = build([values[-1]])
                elif build is _longer:
                    value = values.pop()
                    _append(values[-1], value)
                    rows.pop()
                    rows[-1] = row
                elif size:
                    first = len(values) - size
                    values[first] = build(values[first:])
                    del values[first + 1 :]
                    del rows[first + 2 :]  # there is one more: the row that the text began in
                    rows[-1] = row
                else:
                    values.append(build([]))
                    rows.append(row)
                if row is last:
                    break
        return cast(Tree, values[-1])

    def _row(self, number: int) -> _Row:
        row = self._rows.get(number)
        if row is None:
            row = self._rows[number] = _Row(number, self._act)
        return row

    def _matching(self, row: _Row) -> Match:
        """What looks for the tokens of a state; many states look for the same, which `re` compiles once."""
        row.match = re.compile(self._machine.patterns[self._machine.states[row.number].pattern]).match
        return row.match

    def _act(self, state: int, symbol: str) -> _Row | _Reduction:
        goal = self._machine.states[state].goals[symbol]
        if goal >= 0:
            return self._row(goal)
        rule = self._machine.rules[-1 - goal]
        return self._build(rule), rule.size, rule.name

    def _build(self, rule: Rule) -> Build | None:
        """What makes the value of a rule; None where that is its only part."""
        is_whole = rule.kept == tuple(map(str, range(rule.size)))
        if is_whole and rule.single and rule.size == 1:
            return None
        make: Build = getattr(self._reader, rule.method) if rule.method else _itself
        return make if is_whole and not rule.single else _gathering(rule, make)


def _gathering(rule: Rule, make: Build) -> Build:
    """`make`, given the values that the rule keeps."""
    if rule.kept == ("0" + SPREAD, "1") and not rule.single and make is _itself:
        return _longer
    kept = [(-1 if each == MISSING else int(each.rstrip(SPREAD)), each.endswith(SPREAD)) for each in rule.kept]

    def build(values: list[object]) -> object:
        gathered: list[object] = []
        for at, is_spread in kept:
            if not is_spread:
                gathered.append(None if at < 0 else values[at])
            elif gathered:
                gathered.extend(cast(list[object], values[at]))
            else:
                gathered = cast(list[object], values[at])  # nobody else holds it, and lists of lists would be slow
        return gathered[0] if rule.single and len(gathered) == 1 else make(gathered)

    return build


def _longer(values: list[object]) -> object:
    """A repetition and one more: the rule that most steps of a long text complete."""
    row, value = values
    _append(row, value)
    return row


def _itself(values: list[object]) -> list[object]:
    return values
