"""A graph as ComfyUI's page draws it, in the form that runs: without subgraphs, and without what is switched off."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from promptlang.importers.comfyui.graph import Graph, Link, Node, Value, listed, plain
from promptlang.importers.comfyui.widgets import WIDGETS
from promptlang.models.evidence.records import Record, is_list
from promptlang.values import dataclass, field

MOST_NODES = 20_000
_DEEPEST = 24  # subgraphs in subgraphs
_MOST_SUBGRAPHS = 2_000
_LONGEST = 1_000  # nodes that pass on what others give
_MUTED, _BYPASSED = 2, 4
_NOTES = frozenset({"Note", "MarkdownNote"})
_INSIDE, _OUTSIDE = -10, -20  # the numbers of a subgraph's own inputs and outputs
_TYPED = ("STRING", "INT", "FLOAT", "BOOLEAN", "COMBO", "COMFY_DYNAMICCOMBO_V3")
_OWN = "-1"


@dataclass(frozen=True, slots=True)
class Drawn:
    """The graph in the form that runs, and remarks."""

    graph: Graph
    remarks: tuple[str, ...] = ()


def is_drawn(record: Record) -> bool:
    """Whether JSON is a graph as it is drawn."""
    return isinstance(record.get("nodes"), list) and isinstance(record.get("links"), list)


def of_page(record: Record) -> Drawn:
    """The graph that would run if it were sent from the page."""
    definitions = {
        each.text("id"): each for each in record.record("definitions").records_of("subgraphs") if each.text("id")
    }
    page = _Page(definitions)
    whole = _Scope("", record, None, None)
    page.enter(whole, 0)
    nodes = {node.number: node for scope, each in page.found if (node := page.node(scope, each))}
    return Drawn(nodes, tuple(dict.fromkeys(page.remarks)))


class _Scope:
    """The graph itself, or a subgraph where one of its nodes stands for it."""

    def __init__(self, path: str, record: Record, above: _Scope | None, instance: Record | None) -> None:
        self.path, self.above, self.instance = path, above, instance
        self.nodes = {_number(each): each for each in record.records_of("nodes")}
        self.links = dict(_links(record))
        self.outputs = list(_outputs(record))
        self.inputs = record.records_of("inputs")
        self.given = dict(_given(self.inputs, instance)) if instance else {}
        self.imposed = dict(_imposed(instance)) if instance else {}
        self.inner: dict[str, _Scope] = {}
        self.named = {
            str(values[0]): number
            for number, each in self.nodes.items()
            if each.text("type") == "SetNode" and (values := each.items_of("widgets_values"))
        }


@dataclass(slots=True)
class _Page:
    """What is known while a graph is gone through."""

    definitions: Mapping[str, Record]
    found: list[tuple[_Scope, Record]] = field(default_factory=list[tuple[_Scope, Record]])
    remarks: list[str] = field(default_factory=list[str])
    entered: int = 0  # subgraphs

    def enter(self, scope: _Scope, depth: int) -> None:
        """Note the nodes of a scope and of those inside it."""
        for number, each in scope.nodes.items():
            kind, mode = each.text("type"), each.whole("mode") or 0
            if (
                mode in (_MUTED, _BYPASSED)
                or kind in _NOTES
                or kind in ("Reroute", "PrimitiveNode", "GetNode", "SetNode")
            ):
                continue
            if len(self.found) >= MOST_NODES:
                self.remarks.append(f"only the first {MOST_NODES:,} nodes are looked at")
                return
            definition = self.definitions.get(kind)
            if definition is None:
                self.found.append((scope, each))
            elif depth >= _DEEPEST or self.entered >= _MOST_SUBGRAPHS:
                self.remarks.append(
                    f"subgraphs lie more than {_DEEPEST} deep in each other, or are more than {_MOST_SUBGRAPHS:,}: "
                    "the others are not read"
                )
            else:
                self.entered += 1
                inner = _Scope(f"{scope.path}{number}:", definition, scope, each)
                scope.inner[number] = inner
                self.enter(inner, depth + 1)

    def node(self, scope: _Scope, record: Record) -> Node | None:
        """A node with its inputs by name."""
        kind, number = record.text("type"), _number(record)
        if not kind:
            return None
        values, loose = _widgets(kind, record)
        inputs: dict[str, Value | Link] = {**values}
        inputs |= {name: value for (inner, name), value in scope.imposed.items() if inner == number}
        for each in record.records_of("inputs"):
            link = each.whole("link")
            if link is not None and (given := self.source(scope, link)) is not None:
                inputs[each.text("name")] = given
        calls = listed(record.items_of("widgets_values"))
        return Node(f"{scope.path}{number}", kind, inputs, loose, calls)

    def source(self, scope: _Scope, link: int | None) -> Value | Link:
        """What a link brings, through all that only passes it on; None where nothing does."""
        for _ in range(_LONGEST):
            if link is None or link not in scope.links:
                return None
            number, slot = scope.links[link]
            if number == str(_INSIDE):
                if scope.above is None or scope.instance is None or slot >= len(scope.inputs):
                    return None
                name = scope.inputs[slot].text("name")
                outer = _input_link(scope.instance, name)
                if outer is None:
                    return scope.given.get(name)
                scope, link = scope.above, outer
                continue
            if number in scope.inner:
                scope = scope.inner[number]
                link = scope.outputs[slot] if slot < len(scope.outputs) else None
                continue
            node = scope.nodes.get(number)
            if node is None:
                return None
            kind, mode = node.text("type"), node.whole("mode") or 0
            if mode == _MUTED:
                return None
            if kind == "PrimitiveNode":
                return plain(next(iter(node.items_of("widgets_values")), None))
            if kind == "GetNode":
                name = str(next(iter(node.items_of("widgets_values")), ""))
                link = _first_link(scope.nodes.get(scope.named.get(name, ""), Record()))
            elif kind in ("Reroute", "SetNode"):
                link = _first_link(node)
            elif mode == _BYPASSED:
                link = _bypass(node, slot)
            else:
                return Link(f"{scope.path}{number}", slot)
        self.remarks.append(f"a link leads through more than {_LONGEST:,} nodes, or in a circle")
        return None


def _number(record: Record) -> str:
    value = record.get("id")
    return str(value) if isinstance(value, str | int) else ""


def _links(record: Record) -> Iterator[tuple[int, tuple[str, int]]]:
    """Each link by its number: the node and the place that it comes from."""
    for each in record.items_of("links"):
        if isinstance(each, Record):
            each = [each.get(name) for name in ("id", "origin_id", "origin_slot")]
        number, origin, slot = each[:3] if is_list(each) and len(each) > 2 else (None, None, None)
        if isinstance(number, int) and isinstance(origin, int | str) and isinstance(slot, int):
            yield number, (str(origin), slot)


def _outputs(record: Record) -> Iterator[int | None]:
    """For each output of a subgraph the link that leads to it."""
    ending = {
        (each.whole("target_slot") or 0): each.whole("id")
        for each in record.records_of("links")
        if each.get("target_id") == _OUTSIDE
    }
    for slot, _ in enumerate(record.items_of("outputs")):
        yield ending.get(slot)


def _given(inputs: list[Record], instance: Record) -> Iterator[tuple[str, Value]]:
    """The values that a node gives the inputs of the subgraph that it stands for."""
    values = instance.items_of("widgets_values")
    names = [each.text("name") for each in inputs if each.text("type") in _TYPED]
    if pairs := _proxies(instance):
        names = [name if inner == _OWN else "" for inner, name in pairs]
    elif len(names) != len(values):
        names = _with_widgets(instance)
    if len(names) == len(values):
        yield from ((name, plain(value)) for name, value in zip(names, values, strict=True) if name)


def _imposed(instance: Record) -> Iterator[tuple[tuple[str, str], Value]]:
    """The values that a node gives widgets inside the subgraph that it stands for."""
    pairs, values = _proxies(instance), instance.items_of("widgets_values")
    if len(pairs) == len(values):
        for (inner, name), value in zip(pairs, values, strict=True):
            if inner != _OWN and (given := plain(value)) is not None:
                yield (inner, name), given


def _proxies(instance: Record) -> list[tuple[str, str]]:
    pairs = instance.record("properties").items_of("proxyWidgets")
    return [(str(each[0]), str(each[1])) for each in pairs if is_list(each) and len(each) > 1]


def _input_link(node: Record, name: str) -> int | None:
    return next((each.whole("link") for each in node.records_of("inputs") if each.text("name") == name), None)


def _first_link(node: Record) -> int | None:
    links = (each.whole("link") for each in node.records_of("inputs"))
    return next((each for each in links if each is not None), None)


def _bypass(node: Record, slot: int) -> int | None:
    """The input that a node which is passed by hands on: that of the output's kind, in the same place if it is."""
    outputs = node.items_of("outputs")
    output = outputs[slot] if slot < len(outputs) else None
    kind = output.get("type") if isinstance(output, Record) else None
    inputs = node.records_of("inputs")
    fitting = [each for each in inputs if each.get("type") == kind]
    same = [inputs[slot]] if slot < len(inputs) and inputs[slot] in fitting else []
    return next((link for each in (*same, *fitting) if (link := each.whole("link")) is not None), None)


def _with_widgets(node: Record) -> list[str]:
    """The names of the inputs that are widgets as well."""
    return [each.text("name") for each in node.records_of("inputs") if "widget" in each]


def _widgets(kind: str, record: Record) -> tuple[dict[str, Value], tuple[Value, ...]]:
    """The values of a node's widgets by name, and those whose names are not known."""
    values = record.get("widgets_values")
    if isinstance(values, Record):
        return {name: plain(each) for name, each in values.items()}, ()
    if not is_list(values):
        return {}, ()
    names = WIDGETS.get(kind)
    if names is None:
        own = _with_widgets(record)
        if len(own) != len(values):
            return {}, tuple(map(plain, values))
        names = tuple(own)
    pairs = zip(names, values, strict=False)
    return {name: plain(each) for name, each in pairs if name}, ()
