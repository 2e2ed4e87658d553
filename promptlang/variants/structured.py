"""Wildcards in YAML and JSON files: keys name lists of texts, as deep as they go.

YAML is read by PyYAML's safe reader as far as its nodes, so nothing is ever constructed from a tag. What a file may
cost is counted before it is read: depth, and entries with every alias written out.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from math import isfinite
from typing import assert_never

import yaml

from promptlang.values import dataclass
from promptlang.variants.entries import LeftOut, Value, Wildcard

MOST_ENTRIES = 500_000  # of one file, aliases written out
DEEPEST = 40
HEAVIEST = 10_000.0  # a weight says how often an entry is repeated where every entry is drawn

_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # libyaml's is not in every build
_TAGS = "tag:yaml.org,2002:"


class Unreadable(ValueError):
    """A file that holds no data that can be read, and why, in one clause."""


@dataclass(frozen=True, slots=True)
class Leaf:
    """A scalar as written; `is_text` is false of numbers, dates, yes and no. Lines count from 1, 0 is unknown."""

    text: str
    is_text: bool
    line: int = 0


@dataclass(frozen=True, slots=True)
class Items:
    """A list."""

    values: tuple[Tree, ...]
    line: int = 0


@dataclass(frozen=True, slots=True)
class Table:
    """Keys, as written, with what stands under them; of a key that comes twice the last one counts."""

    entries: tuple[tuple[str, Tree], ...]
    line: int = 0


Tree = Leaf | Items | Table


def wildcards(tree: Tree | None, file_name: str, prefix: tuple[str, ...]) -> Iterator[Wildcard]:
    """The wildcards of a file: those of a table by the keys that lead to them, a plain list by the file's own name."""
    match tree:
        case Items():
            yield _list(file_name, tree)
        case Table():
            yield from _table(tree, prefix)
        case Leaf() | None:
            return
        case _:
            assert_never(tree)


def _table(table: Table, prefix: tuple[str, ...]) -> Iterator[Wildcard]:
    for key, below in table.entries:
        path = (*prefix, key)
        match below:
            case Table():
                yield from _table(below, path)
            case Items():
                yield _list("/".join(path), below)
            case Leaf():
                yield _list("/".join(path), Items((below,), below.line))
            case _:
                assert_never(below)


def _list(name: str, items: Items) -> Wildcard:
    found = [entry for item in items.values if (entry := _entry(item))]
    values = tuple(entry for entry in found if isinstance(entry, Value))
    return Wildcard(name, values, tuple(entry for entry in found if isinstance(entry, LeftOut)))


def _entry(item: Tree) -> Value | LeftOut | None:
    """The value of `text`, `2::text` or `{text: …, weight: 2}`; None of nothing at all."""
    match item:
        case Leaf(text="") if not item.is_text:
            return None
        case Leaf(is_text=True):
            return _text_entry(item)
        case Table():
            return _table_entry(item)
        case Items():
            return LeftOut(item.line, "is a list inside a list", "write its entries below the name")
        case Leaf():
            return _no_text(item)
        case _:
            assert_never(item)


def _no_text(item: Leaf | Table) -> LeftOut:
    return LeftOut(item.line, "is no text", "put it in quotes")


def _text_entry(leaf: Leaf) -> Value | LeftOut | None:
    written, separator, text = leaf.text.rpartition("::")
    weight = _number(written) if separator and leaf.text[0].isdigit() else None
    if weight is None:
        return Value(leaf.text) if leaf.text else None
    return _weighted(leaf, text, weight)


def _table_entry(table: Table) -> Value | LeftOut | None:
    entries = dict(table.entries)
    text = entries.get("text", entries.get("content"))
    if not isinstance(text, Leaf):
        return _no_text(table)
    weight = entries.get("weight", Leaf("1", is_text=False))
    number = _number(weight.text) if isinstance(weight, Leaf) else None
    if number is None:
        return LeftOut(table.line, "has a weight that is no number", "write a number such as 2")
    return _weighted(table, text.text, number) if text.text else None


def _weighted(item: Leaf | Table, text: str, weight: float) -> Value | LeftOut:
    if not 0 <= weight <= HEAVIEST:
        return LeftOut(item.line, f"has the weight {weight:g}", f"write a weight from 0 to {HEAVIEST:g}")
    return Value(text, weight)


def _number(text: str) -> float | None:
    try:
        number = float(text)
    except ValueError:
        return None
    return number if isfinite(number) else None


# --- JSON -------------------------------------------------------------------------------------------------------------

Json = str | float | bool | None | list["Json"] | dict[str, "Json"]


def read_json(text: str) -> Tree:
    """The data of a JSON text; raises `Unreadable`."""
    try:
        data: Json = json.loads(text)
        return _from_json(data)
    except json.JSONDecodeError as error:
        raise Unreadable(f"line {error.lineno} is not JSON: {error.msg[:1].lower()}{error.msg[1:]}") from error
    except RecursionError:
        raise Unreadable("it is nested too deep") from None
    except ValueError as error:  # a number of thousands of digits
        raise Unreadable(str(error)) from error


def _from_json(data: Json) -> Tree:
    match data:
        case str():
            return Leaf(data, is_text=True)
        case list():
            return Items(tuple(map(_from_json, data)))
        case dict():
            return Table(tuple((key, _from_json(value)) for key, value in data.items()))
        case None:
            return Leaf("", is_text=False)
        case _:
            return Leaf(json.dumps(data), is_text=False)


# --- YAML -------------------------------------------------------------------------------------------------------------


def read_yaml(text: str) -> Tree | None:
    """The data of a YAML text, None of an empty one; raises `Unreadable` with the line at fault."""
    try:
        _measure(text)
        root = yaml.compose(text, _LOADER)
        return None if root is None else _from_node(root)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        place = f"line {mark.line + 1} is not YAML" if mark else "it is not YAML"
        if "nesting depth" in f"{error.problem} {error.context}":  # libyaml's own limit, met before ours in one line
            raise Unreadable(_too_deep(place.removesuffix(" is not YAML"))) from error
        raise Unreadable(f"{place}: {error.problem or error.context}") from error
    except yaml.YAMLError as error:
        raise Unreadable(f"it is not YAML: {' '.join(str(error).split())}") from error


def _too_deep(where: str) -> str:
    return f"{where} is nested more than {DEEPEST} deep"


def _measure(text: str) -> None:
    """Count what a text would cost; raises `Unreadable` where that is too much."""
    sizes: dict[str, int] = {}  # entries of each anchor, what its own aliases stand for included
    open_ones: list[tuple[str | None, int]] = []  # anchor, and the entries before it
    total = 0
    for event in yaml.parse(text, _LOADER):
        if isinstance(event, yaml.CollectionEndEvent):
            anchor, before = open_ones.pop()
            if anchor:
                sizes[anchor] = total - before
            continue
        if not isinstance(event, yaml.NodeEvent):
            continue
        line = event.start_mark.line + 1 if event.start_mark else 0
        anchor = event.anchor
        if isinstance(event, yaml.AliasEvent):
            if anchor not in sizes:
                raise Unreadable(f"line {line}: `*{anchor}` stands inside what it names, or before it")
            total += sizes[anchor]
        elif isinstance(event, yaml.CollectionStartEvent):
            open_ones.append((anchor, total))
            total += 1
        else:
            total += 1
            if anchor:
                sizes[anchor] = 1
        if len(open_ones) > DEEPEST:
            raise Unreadable(_too_deep(f"line {line}"))
        if total > MOST_ENTRIES:
            raise Unreadable(f"line {line}: the file holds more than {MOST_ENTRIES:,} entries, aliases written out")


def _from_node(node: yaml.Node) -> Tree:
    line = node.start_mark.line + 1
    kind = node.tag.removeprefix(_TAGS)
    if kind == node.tag or kind.startswith("python"):
        raise Unreadable(f"line {line} has the tag `{node.tag.replace(_TAGS, '!!')}`, which wildcards do not have")
    if isinstance(node, yaml.ScalarNode):
        return Leaf(node.value, kind == "str", line) if kind != "null" else Leaf("", is_text=False, line=line)
    if isinstance(node, yaml.SequenceNode):
        return Items(tuple(map(_from_node, node.value)), line)
    assert isinstance(node, yaml.MappingNode)
    yaml.SafeLoader("").flatten_mapping(node)  # `<<: *other`
    return Table(tuple((_key(key), _from_node(value)) for key, value in node.value), line)


def _key(node: yaml.Node) -> str:
    if isinstance(node, yaml.ScalarNode):
        return node.value
    raise Unreadable(f"line {node.start_mark.line + 1} has a list or a table for a name")
