"""One side of the prompt of a graph: the words that are encoded, and what happens to them before the sampler."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType

from promptlang.importers.comfyui.graph import Link, Node, Value
from promptlang.importers.comfyui.models import unread
from promptlang.importers.comfyui.pictures import CONTROLS, INPAINTING, control_of
from promptlang.importers.comfyui.timing import Stretch, stretches
from promptlang.importers.comfyui.values import Values
from promptlang.importers.imported import Entry
from promptlang.importers.json_text import said, shortened
from promptlang.values import dataclass, field

_SIDES: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {"positive": ("positive", "conditioning", "cond1"), "negative": ("negative",)}
)
_ONWARDS = ("conditioning", "conditioning_to", "conditioning_1", "cond1")
_BESIDE = ("conditioning_from", "conditioning_2", "cond2")
_WORDS = ("text", "t5xxl", "text_g", "user_prompt", "prompt", "clip_g", "clip_l", "text_l", "llama")
_FURTHER = ("system_prompt",)
_SPOILED = frozenset({"ConditioningZeroOut"})
_PASSED = frozenset({"FluxGuidance", "ComfySwitchNode", "Reroute", INPAINTING})
"""Nodes of whose conditioning all is said elsewhere."""


@dataclass(slots=True)
class Side:
    """What is known of a side."""

    text: str = ""
    stretches: tuple[Stretch, ...] = ()  # where the words change on the way; then they are the first of them
    guidance: Value = None
    options: dict[str, Entry] = field(default_factory=dict[str, Entry])
    rest: list[Entry] = field(default_factory=list[Entry])


def side_of(parts: Sequence[Node], name: str, values: Values) -> Side:
    """A side of the prompt that the nodes of a sampler ask for."""
    side = Side()
    link = next((each for node in parts if (each := node.link(*_SIDES[name]))), None)
    if link is None and name == "positive":
        values.remarks.append(f"{parts[0].named} is given no prompt")
    if link and (found := stretches(link, values)):
        side.stretches, side.text = found, found[0].text
        return side
    seen: set[str] = set()
    while link and (node := values.passed(link, f"{name} prompt", seen)):
        if node.kind in _SPOILED:
            break  # zeros stand for the words, which count no more
        if "guidance" in node.inputs:
            side.guidance = values.of(node, "guidance")
        onward = _onward(node, link.slot, values)
        if onward is None:
            _read(node, name, link.slot, side, values)
            break
        control = control_of(node, values) if node.kind in CONTROLS else {}
        if control and name == "positive" and "control" not in side.options:
            side.options |= control
        elif not (control and name == "negative") and node.kind not in _PASSED:
            side.rest.append(unread(node))
        for each in _BESIDE:
            if beside := node.link(each):
                words = _words_at(beside, values)
                side.rest.append(Entry(node.kind, words))
                values.remarks.append(
                    f"what {node.named} joins to the {name} prompt, `{shortened(words)}`, stands in a comment"
                )
        link = onward
    return side


def _onward(node: Node, slot: int, values: Values) -> Link | None:
    """Where a node has its conditioning from; None where it encodes the words itself."""
    if chosen := values.switched(node):
        return node.link(chosen)
    if node.link("positive") or node.link("negative"):
        return node.link("negative" if slot == 1 else "positive")
    return node.link(*_ONWARDS)


def _read(node: Node, name: str, slot: int, side: Side, values: Values) -> None:
    """The words that a node encodes."""
    is_both = "negative_prompt" in node.inputs  # it gives both sides, the negative one second
    names = ("negative_prompt",) if is_both and (slot == 1 or name == "negative") else _WORDS
    found = [(each, values.of(node, each)) for each in names if each in node.inputs]
    texts = [(each, value) for each, value in found if isinstance(value, str)]
    if not texts and (loose := [each for each in node.loose if isinstance(each, str)]):
        values.remarks.append(f"{node.named} is not known here, and its longest text is taken for the {name} prompt")
        texts = [("", max(loose, key=len))]
    if not texts:
        values.remarks.append(f"the {name} prompt, which {node.named} gives, is not known before the graph runs")
        return
    side.text = texts[0][1]
    side.rest += (Entry(each, said(text)) for each, text in texts[1:] if text and text != side.text)
    side.rest += (Entry(each, said(value)) for each in _FURTHER if (value := values.of(node, each)))
    side.rest += (
        Entry(each, said(values.of(node, each)) or "a picture")
        for each in node.inputs
        if each.startswith(("image", "images.")) and isinstance(node.inputs[each], Link)
    )


def _words_at(link: Link, values: Values) -> str:
    """The words of a prompt beside another one, with what happens to them on the way."""
    found: list[str] = []
    seen: set[str] = set()
    onward: Link | None = link
    while onward and onward.node not in seen and (node := values.graph.get(onward.node)):
        seen.add(onward.node)
        if texts := [said(value) for each in _WORDS if each in node.inputs and (value := values.of(node, each))]:
            return ", ".join((texts[0], *found))
        found.append(unread(node).written)
        onward = _onward(node, onward.slot, values)
    return ", ".join(found)
