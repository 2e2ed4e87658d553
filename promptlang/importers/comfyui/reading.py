"""A graph of ComfyUI as what it draws: from its samplers back to models, words, numbers and sizes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from types import MappingProxyType

from promptlang.importers.comfyui.conditioning import Side, side_of
from promptlang.importers.comfyui.drawn import is_drawn, of_page
from promptlang.importers.comfyui.graph import Graph, Node, Value, is_api, of_api
from promptlang.importers.comfyui.models import model_of
from promptlang.importers.comfyui.pictures import LATENTS, OVER, second_pass, start_of
from promptlang.importers.comfyui.timing import as_schedule, converted
from promptlang.importers.comfyui.values import Values
from promptlang.importers.imported import Entry, Imported, Reading, is_count
from promptlang.importers.json_text import said
from promptlang.models.evidence.records import Record
from promptlang.tables.dialects import A1111, COMFY

OPTIONS: Mapping[str, str] = MappingProxyType(
    {
        "seed": "seed",
        "noise_seed": "seed",
        "steps": "steps",
        "cfg": "guidance",
        "cfg_conds": "guidance",
        "sampler_name": "sampler",
        "scheduler": "schedule",
    }
)
"""Inputs of samplers, and of the nodes that they are made of, by the options that say the same."""

EMBEDDED: Mapping[str, float] = MappingProxyType({"flux": 3.5})
"""What ComfyUI gives a model that takes guidance as an input where the graph does not, by the kind of its encoders."""

_UNGUIDED = frozenset({"BasicGuider"})
_PARTS = ("guider", "sigmas", "sampler", "noise")
_MOST_SAMPLERS = 50
_MOST_STEPS_BACK = 20_000


def reading(record: Record) -> Reading | None:
    """What a graph says, in either form; None where JSON is no graph."""
    if is_api(record):
        return of_graph(of_api(record))
    if isinstance(inner := record.get("prompt"), Record) and is_api(inner):
        return of_graph(of_api(inner))  # as it is sent
    if is_drawn(record):
        drawn = of_page(record)
        found = of_graph(drawn.graph)
        return Reading(program=found.program, found=found.found, remarks=(*drawn.remarks, *found.remarks))
    return None


def of_graph(graph: Graph) -> Reading:
    """What each sampler of a graph that begins a picture draws."""
    values = Values(graph)
    samplers = [node for node in graph.values() if _is_sampler(node)]
    if len(samplers) > _MOST_SAMPLERS:
        values.remarks.append(f"of its {len(samplers)} samplers only the first {_MOST_SAMPLERS} are looked at")
    if not samplers:
        values.remarks.append("no node of the graph is a sampler that is known here" + _kinds(graph))
    before = {node.number: _sampler_before(graph, node) for node in samplers[:_MOST_SAMPLERS]}
    first = [node for node in samplers[:_MOST_SAMPLERS] if before[node.number] in (None, node)]
    passes: dict[str, dict[str, Entry]] = {}
    for node in samplers[:_MOST_SAMPLERS]:
        begun = before[node.number]
        if begun is None or begun == node:
            continue
        again = second_pass(node, begun, values) if begun in first and begun.number not in passes else {}
        if again:
            passes[begun.number] = again
        else:
            values.remarks.append(f"{node.named} goes on with what {begun.named} drew, which is not read here")
    alike = tuple(dict.fromkeys(_imported(node, values, passes.get(node.number, {})) for node in first))
    return Reading(program="ComfyUI", found=alike, remarks=tuple(dict.fromkeys(values.remarks)))


def _kinds(graph: Graph) -> str:
    kinds = list(dict.fromkeys(node.named for node in graph.values()))[:5]
    return f": {', '.join(kinds)}" if kinds else ""


def _is_sampler(node: Node) -> bool:
    """Whether a node draws: it asks for a latent picture, and for a guider or a model with what guides it."""
    has_latent = any(name in node.inputs for name in LATENTS)
    guided = "guider" in node.inputs or ("positive" in node.inputs and "model" in node.inputs)
    return has_latent and guided and not node.kind.startswith("ControlNet")


def _sampler_before(graph: Graph, node: Node) -> Node | None:
    """The sampler whose latent picture a sampler goes on with; itself where the graph runs in a circle."""
    start = node.link(*LATENTS)
    waiting, seen = [start] if start else [], set[str]()
    while waiting and len(seen) < _MOST_STEPS_BACK:
        link = waiting.pop()
        each = graph.get(link.node)
        if each is None or link.node in seen:
            continue
        seen.add(link.node)
        if _is_sampler(each):
            return each
        waiting += [further for name, further in each.links if name in (*LATENTS, *OVER, "images", "samples1")]
    return None


def _imported(node: Node, values: Values, again: Mapping[str, Entry]) -> Imported:
    parts = [node, *_parts(node, values)]
    model = model_of(parts, values)
    positive = side_of(parts, "positive", values)
    negative = side_of(parts, "negative", values)
    options = {**dict(_numbers(parts, values)), **model.options}
    options = _guided(options, positive.guidance, parts, model.encoder)
    start = start_of(node, values)
    rest = [*start.unsaid, *model.rest, *positive.rest, *negative.rest]
    rest += (Entry("scheduler", each.kind) for each in parts if _is_schedule(each) and "scheduler" not in each.inputs)
    words, dialect = _words((positive, negative), options, values)
    if dialect != COMFY.name:
        options["arithmetic"] = Entry("arithmetic", COMFY.name)
    return Imported(
        positive=words[0],
        negative=words[1],
        dialect=dialect,
        model=model.name,
        networks=model.networks,
        command=start.command,
        options=tuple({**options, **positive.options, **start.options, **again}.items()),
        rest=tuple(dict.fromkeys(rest)),
    )


def _words(sides: tuple[Side, Side], options: Mapping[str, Entry], values: Values) -> tuple[tuple[str, ...], str]:
    """Both sides, and the dialect that they are written in: one with schedules where words change on the way."""
    if not any(side.stretches for side in sides):
        return tuple(side.text for side in sides), COMFY.name
    steps = options["steps"].value if "steps" in options else ""
    count = int(steps) if is_count(steps) else 0
    words = tuple(as_schedule(side.stretches, count) if side.stretches else converted(side.text) for side in sides)
    for side, written in zip(sides, words, strict=True):
        if side.stretches and not written:
            values.remarks.append("words that change on the way are too many or too odd: the first of them are taken")
            return tuple(side.text for side in sides), COMFY.name
    values.remarks.append("ComfyUI counts ranges in noise and not in steps, so words change near their step")
    return words, A1111.name


def _is_schedule(node: Node) -> bool:
    return node.kind.endswith("Scheduler") or node.kind == "ManualSigmas"


def _parts(node: Node, values: Values) -> Iterator[Node]:
    """The nodes that a sampler is put together from, each once."""
    waiting, seen = [(name, link) for name, link in node.links if name in _PARTS], set[str]()
    while waiting:
        _, link = waiting.pop(0)
        each = values.graph.get(link.node)
        if each is None:
            values.remarks.append(f"node {link.node} is missing, which {node.named} asks for")
            continue
        if each.number in seen or len(seen) > _MOST_SAMPLERS:
            continue
        seen.add(each.number)
        if (chosen := values.switched(each)) and (onward := each.link(chosen)):
            waiting.append(("", onward))
            continue
        yield each
        waiting += [(name, further) for name, further in each.links if name in _PARTS]


def _numbers(parts: list[Node], values: Values) -> Iterator[tuple[str, Entry]]:
    """The settings that the nodes hold, the first one counting."""
    taken: set[str] = set()
    for node in parts:
        for name, option in OPTIONS.items():
            if name not in node.inputs or option in taken:
                continue
            value = values.of(node, name)
            if value is None:
                values.remarks.append(f"`{name}` of {node.named} is not known before the graph runs")
            else:
                taken.add(option)
                yield option, Entry(name, said(value))
        if node.kind == "ManualSigmas" and "steps" not in taken:
            taken.add("steps")
            count = len([each for each in str(values.of(node, "sigmas") or "").split(",") if each.strip()])
            yield "steps", Entry("sigmas", str(max(count - 1, 1)))
        is_asked_for = any(
            name == "sampler" and link.node == node.number for each in parts for name, link in each.links
        )
        if is_asked_for and "sampler_name" not in node.inputs and "sampler" not in taken:
            taken.add("sampler")
            yield "sampler", Entry("sampler", _of_class(node.kind))


def _of_class(kind: str) -> str:
    """The sampler that a node of its own stands for: `SamplerDPMPP_2M_SDE` is `dpmpp_2m_sde`."""
    return {"SamplerEulerAncestral": "euler_ancestral"}.get(kind, kind.removeprefix("Sampler").lower())


def _guided(options: dict[str, Entry], embedded: Value, parts: Sequence[Node], encoder: str) -> dict[str, Entry]:
    """The number that a model takes as an input is its guidance; classifier-free guidance beside it another one."""
    if "guidance" not in options and any(node.kind in _UNGUIDED for node in parts):
        options = {**options, "guidance": Entry("cfg", "1")}
    if embedded is None:
        embedded = EMBEDDED.get(encoder)
    if not isinstance(embedded, int | float):
        return options
    beside = options.get("guidance")
    options = {**options, "guidance": Entry("guidance", said(embedded))}
    return {**options, "true-cfg": beside} if beside and beside.value != "1" else options
