"""The model of a graph, with what it passes through on its way to the sampler: LoRAs, layers, rescaling."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from types import MappingProxyType

from promptlang.importers.comfyui.graph import Link, Node
from promptlang.importers.comfyui.values import Values
from promptlang.importers.imported import Call, Entry
from promptlang.importers.json_text import said, strength
from promptlang.values import dataclass, field

_NAMES = ("ckpt_name", "unet_name", "model_name", "gguf_name", "model_path", "base_ckpt_name", "diffusion_model")
_ENCODERS = ("clip_name", "clip_name1", "clip_name2", "clip_name3", "clip_name4")
_FREEU = ("s1", "s2", "b1", "b2")

OPTIONS: Mapping[tuple[str, str], str] = MappingProxyType({("RescaleCFG", "multiplier"): "rescale"})
"""Inputs of nodes that change a model, by the options that say the same."""


@dataclass(slots=True)
class Found:
    """What is known of the model."""

    name: str = ""
    loader: Node | None = None
    encoder: str = ""  # the kind that the loader of the text encoders is told
    networks: tuple[Call, ...] = ()
    options: dict[str, Entry] = field(default_factory=dict[str, Entry])
    rest: list[Entry] = field(default_factory=list[Entry])


def model_of(parts: Sequence[Node], values: Values) -> Found:
    """The model that the nodes of a sampler ask for."""
    found = Found()
    link = next((each for node in parts if (each := node.link("model"))), None)
    clip = _clip(parts, values)
    on_text = {node.number: node for node in _chain(clip, "clip", values)} if clip else {}
    calls: list[Call] = []
    for node in _chain(link, "model", values):
        if name := _name(node, values):
            found.name, found.loader = name, node
        elif lora := values.of(node, "lora_name"):
            calls.append(_call(node, str(lora), on_text, values))
        elif node.calls:
            calls += node.calls
        elif node.kind == "FreeU":
            numbers = ",".join(said(values.of(node, each)) for each in _FREEU)
            found.options["freeu"] = Entry(node.kind, numbers)
        elif options := dict(_options(node, values)):
            found.options |= options
        elif node.kind != "ComfySwitchNode":
            found.rest.append(unread(node))
    for node in on_text.values():
        layer = values.of(node, "stop_at_clip_layer")
        if isinstance(layer, int) and layer < -1:
            found.options["clipskip"] = Entry("stop_at_clip_layer", str(-layer))
        elif "clip" not in node.inputs and not _name(node, values):
            found.encoder = said(values.of(node, "type"))
            found.rest += (Entry(each, said(value)) for each in _ENCODERS if (value := values.of(node, each)))
    found.networks = tuple(reversed([each for each in calls if each.weight or each.text_weight]))
    if vae := _vae(parts[0], found.loader, values):
        found.options["vae"] = Entry("vae_name", vae)
    if not found.name:
        where = f"{parts[0].named} asks for" if link else "the graph names"
        values.remarks.append(f"the model that {where} is not known here")
    return found


def unread(node: Node) -> Entry:
    """What a node says that nothing here says."""
    pairs = (f"{name} {said(value)}" for name, value in node.inputs.items() if not isinstance(value, Link))
    return Entry(node.kind, " ".join((*pairs, *map(said, node.loose))))


def _name(node: Node, values: Values) -> str:
    """The file that a loader loads."""
    name = next((value for each in _NAMES if each in node.inputs and (value := values.of(node, each))), None)
    if name is None and "model" not in node.inputs and node.loose and isinstance(node.loose[0], str):
        name = node.loose[0]  # a loader of another's, which names its file first
    return str(name) if name else ""


def _vae(sampler: Node, loader: Node | None, values: Values) -> str:
    """The file of the VAE that decodes what a sampler drew, where the file of the model holds one as well."""
    if loader is None or "ckpt_name" not in loader.inputs:
        return ""
    for node in values.graph.values():
        if (samples := node.link("samples")) and samples.node == sampler.number and (link := node.link("vae")):
            found = values.graph.get(link.node)
            return said(values.of(found, "vae_name")) if found else ""
    return ""


def _call(node: Node, name: str, on_text: Mapping[str, Node], values: Values) -> Call:
    weight = values.of(node, "strength_model")
    if weight is None:
        weight = values.of(node, "strength")
    text = values.of(node, "strength_clip") if node.number in on_text else 0.0
    on_model = strength(weight)
    at_text = float(text) if isinstance(text, int | float) else on_model
    return Call(name, on_model, None if at_text == on_model else at_text)


def _options(node: Node, values: Values) -> Iterator[tuple[str, Entry]]:
    for (kind, name), option in OPTIONS.items():
        if node.kind == kind:
            yield option, Entry(name, said(values.of(node, name)))


def _clip(parts: Sequence[Node], values: Values) -> Link | None:
    """Where the text encoder of the positive side comes from."""
    link = next((each for node in parts if (each := node.link("positive", "conditioning", "cond1"))), None)
    seen: set[str] = set()
    while link and link.node not in seen and (node := values.graph.get(link.node)):
        seen.add(link.node)
        if clip := node.link("clip"):
            return clip
        link = next((each for name, each in node.links if name not in ("model", "vae", "control_net")), None)
    return None


def _chain(link: Link | None, role: str, values: Values) -> Iterator[Node]:
    """The nodes that a model or text encoder passes through, back to the one that loads it."""
    seen: set[str] = set()
    while link and (node := values.passed(link, role, seen)):
        yield node
        if chosen := values.switched(node):
            link = node.link(chosen)
        else:
            link = node.link(role) or next((each for name, each in node.links if role in name), None)
