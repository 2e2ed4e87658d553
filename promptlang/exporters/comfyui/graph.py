"""A graph that is being made: its nodes so far, and what the program cannot be told."""

from __future__ import annotations

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
        """A node; its first output."""
        name = str(len(self.nodes) + 1)
        self.nodes[name] = {"class_type": kind, "inputs": inputs}
        return [name, 0]
