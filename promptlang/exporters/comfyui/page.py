"""A graph as ComfyUI's page opens it: boxes in columns, links between them, values without names."""

from __future__ import annotations

from promptlang.exporters.comfyui.nodes import FILLED, OUTPUTS
from promptlang.importers.comfyui.graph import Graph, Link, Node
from promptlang.importers.comfyui.widgets import WIDGETS

_WIDE, _HIGH = 360, 220
_PER_COLUMN = 4
_VERSION = 0.4  # of the form of a page
Wire = tuple[int, int, int, int, int, str]  # its number, where it comes from, where it goes to, and what it carries


def page(graph: Graph) -> dict[str, object]:
    """The page that runs as these nodes do."""
    wires = _wires(graph)
    boxes = [_box(place, node, wires) for place, node in enumerate(graph.values())]
    return {
        "last_node_id": len(boxes),
        "last_link_id": len(wires),
        "nodes": boxes,
        "links": [list(each) for each in wires],
        "groups": [],
        "config": {},
        "extra": {},
        "version": _VERSION,
    }


def _wires(graph: Graph) -> tuple[Wire, ...]:
    found: list[Wire] = []
    for node in graph.values():
        for slot, (_, link) in enumerate(node.links):
            carries = OUTPUTS[graph[link.node].kind][link.slot]
            found.append((len(found) + 1, int(link.node), link.slot, int(node.number), slot, carries))
    return tuple(found)


def _box(place: int, node: Node, wires: tuple[Wire, ...]) -> dict[str, object]:
    """A node as a box."""
    number = int(node.number)
    coming = {wire[4]: wire for wire in wires if wire[3] == number}
    column, row = divmod(place, _PER_COLUMN)
    return {
        "id": number,
        "type": node.kind,
        "pos": [column * _WIDE, row * _HIGH],
        "size": [_WIDE - 40, _HIGH - 40],
        "flags": {},
        "order": place,
        "mode": 0,
        "inputs": [
            {"name": name, "type": coming[slot][5], "link": coming[slot][0]}
            for slot, (name, _) in enumerate(node.links)
        ],
        "outputs": [
            {"name": kind, "type": kind, "links": [wire[0] for wire in wires if wire[1:3] == (number, slot)]}
            for slot, kind in enumerate(OUTPUTS[node.kind])
        ],
        "properties": {"Node name for S&R": node.kind},
        "widgets_values": _values(node),
    }


def _values(node: Node) -> list[object]:
    """The values of its widgets in order, and what the page itself keeps among them."""
    own = iter(FILLED.get(node.kind, ()))
    return [
        next(own, "") if not name else None if isinstance(value := node.inputs.get(name), Link) else value
        for name in WIDGETS.get(node.kind, ())
    ]
