"""A graph that is being made: its nodes so far, and what the program cannot be told."""

from __future__ import annotations

from promptlang.exporters.comfyui.nodes import LIMITS
from promptlang.values import dataclass, field

TITLE = "ComfyUI"
Output = list[str | int]  # the number of a node, and the place of one of its outputs
Nodes = dict[str, dict[str, object]]


@dataclass(slots=True)
class Graph:
    """A graph that is being made."""

    nodes: Nodes = field(default_factory=dict[str, dict[str, object]])
    remarks: list[str] = field(default_factory=list[str])

    def add(self, kind: str, **inputs: object) -> Output:
        """A node, its numbers within what ComfyUI takes there; its first output."""
        name = str(len(self.nodes) + 1)
        inputs = {key: self._limited(kind, key, value) for key, value in inputs.items()}
        self.nodes[name] = {"class_type": kind, "inputs": inputs}
        return [name, 0]

    def _limited(self, kind: str, name: str, value: object) -> object:
        """The number, or the nearest one that the node takes, with a remark."""
        if (kind, name) not in LIMITS or not isinstance(value, int | float):
            return value
        low, high = LIMITS[kind, name]
        nearest = min(max(value, low), high)
        if nearest != value:
            self.remarks.append(
                f"{TITLE}'s `{kind}` takes a {name} from {low} to {high}, and is told {nearest} for {value:g}"
            )
        return nearest
