"""A graph of ComfyUI as it runs: nodes by number, each input a value or the output of another node."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from types import MappingProxyType

from promptlang.importers.imported import Call
from promptlang.models.evidence.records import Record, is_list, is_whole
from promptlang.values import dataclass

Value = str | int | float | bool | None


@dataclass(frozen=True, slots=True)
class Link:
    """The output of a node, by its place."""

    node: str
    slot: int = 0


@dataclass(frozen=True, slots=True)
class Node:
    """A node: its number (`5:12` is node 12 of the subgraph that node 5 is), its class, and its inputs by name.

    `loose` are values whose names are not known, for the graph was drawn and the class is not in the table. `calls` are
    LoRAs that one node lists, as nodes of others do: `{"on": true, "lora": "name", "strength": 1}`.
    """

    number: str
    kind: str
    inputs: Mapping[str, Value | Link]
    loose: tuple[Value, ...] = ()
    calls: tuple[Call, ...] = ()

    def link(self, *names: str) -> Link | None:
        """The first of the inputs that another node gives."""
        return next((found for name in names if isinstance(found := self.inputs.get(name), Link)), None)

    @property
    def links(self) -> Iterator[tuple[str, Link]]:
        """Every input that another node gives."""
        return ((name, each) for name, each in self.inputs.items() if isinstance(each, Link))

    @property
    def named(self) -> str:
        """How messages call it."""
        return f"{self.kind} (node {self.number})"


Graph = Mapping[str, Node]


def of_api(record: Record) -> Graph:
    """The graph in the form that runs; nodes that are none are left out."""
    nodes = {number: _node(number, each) for number, each in record.items() if isinstance(each, Record)}
    return MappingProxyType({number: node for number, node in nodes.items() if node})


def is_api(record: Record) -> bool:
    """Whether JSON is a graph in the form that runs."""
    return any(isinstance(each, Record) and "class_type" in each for each in record.values())


def _node(number: str, record: Record) -> Node | None:
    kind = record.text("class_type")
    inputs = {name: input_of(each) for name, each in record.record("inputs").items()}
    calls = listed(record.record("inputs").values())
    return Node(number, kind, MappingProxyType(inputs), calls=calls) if kind else None


def listed(values: Iterable[object]) -> tuple[Call, ...]:
    """The LoRAs among the values of a node that are switched on."""
    return tuple(
        Call(each.text("lora"), float(weight))
        for each in values
        if isinstance(each, Record) and each.text("lora") and each.get("on") is not False
        if isinstance(weight := each.get("strength", 1.0), int | float)
    )


def input_of(value: object) -> Value | Link:
    """A value, or the output that a pair of a number and a place names."""
    if is_list(value) and len(value) == 2 and isinstance(value[0], str | int) and is_whole(value[1]):
        return Link(str(value[0]), value[1])
    return plain(value)


def plain(value: object) -> Value:
    """A value that a widget may hold; None for lists and objects."""
    return value if isinstance(value, str | int | float | bool) else None
