"""A grammar as a machine: the states and rules that Lark makes of a `.lark` file, as plain data.

A machine is written beside its grammar as text, so that reading a prompt needs neither Lark nor its tables.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from promptlang.values import dataclass

SPREAD, MISSING = "*", "-"


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule: what completes it (`size` values), whose method makes its value, and of which of them.

    `kept` names the values by place: `0`, `0*` for one whose own values are taken instead, `-` for a None. A rule that
    is `single` is its only value where there is just one. Without a `method` the value is the list of values itself.
    """

    name: str
    size: int
    method: str
    single: bool
    kept: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class State:
    """What may come: by type of token or name of rule the next state, or `-1 - n` to complete rule `n`."""

    pattern: int
    goals: Mapping[str, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Machine:
    """The whole of a grammar; it starts in state 0. `terminals` are its regular expressions by name, `patterns` the
    alternations of them that states look for.
    """

    end: int
    terminals: Mapping[str, str]
    patterns: tuple[str, ...]
    rules: tuple[Rule, ...]
    states: tuple[State, ...]


def written(machine: Machine) -> str:
    """The machine as lines of words with tabs between them."""
    lines = [
        ["end", str(machine.end)],
        *(["terminal", name, expression] for name, expression in machine.terminals.items()),
        *(["pattern", each] for each in machine.patterns),
        *(["rule", each.name, str(each.size), each.method, "1" * each.single, *each.kept] for each in machine.rules),
        *(["state", str(each.pattern), *map(str, _flat(each.goals))] for each in machine.states),
    ]
    assert not any("\t" in word or "\n" in word for line in lines for word in line)
    return "\n".join(map("\t".join, lines))


def _flat(goals: Mapping[str, int]) -> Iterator[str | int]:
    return (word for pair in goals.items() for word in pair)


def read(text: str) -> Machine:
    """The machine that `written` wrote."""
    end = 0
    terminals: dict[str, str] = {}
    patterns: list[str] = []
    rules: list[Rule] = []
    states: list[State] = []
    for line in text.split("\n"):
        kind, first, *rest = line.split("\t")
        if kind == "state":
            states.append(State(int(first), dict(zip(rest[::2], map(int, rest[1::2]), strict=True))))
        elif kind == "rule":
            size, method, single, *kept = rest
            rules.append(Rule(first, int(size), method, bool(single), tuple(kept)))
        elif kind == "terminal":
            terminals[first] = rest[0]
        elif kind == "pattern":
            patterns.append(first)
        else:
            end = int(first)
    return Machine(end=end, terminals=terminals, patterns=tuple(patterns), rules=tuple(rules), states=tuple(states))
