"""What a wildcard file holds, as data."""

from __future__ import annotations

from promptlang.values import dataclass


@dataclass(frozen=True, slots=True)
class Value:
    """An entry of a wildcard; it may hold variants of its own."""

    text: str
    weight: float = 1.0


@dataclass(frozen=True, slots=True)
class LeftOut:
    """An entry of a file that is no value: its line from 1 (0: unknown), what it is instead, and what to do; `what`
    says whether all of the entry is left out.
    """

    line: int
    problem: str
    help: str
    what: str = "it is"


@dataclass(frozen=True, slots=True)
class Wildcard:
    """A name with its values, and the entries below it that are none."""

    name: str
    values: tuple[Value, ...]
    left_out: tuple[LeftOut, ...] = ()
