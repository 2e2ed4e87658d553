"""The pictures of a graph: what a sampler begins with, its mask, the ControlNet that holds it, and a second pass."""

from __future__ import annotations

from collections.abc import Mapping
from math import isfinite
from types import MappingProxyType

from promptlang.importers.comfyui.graph import Link, Node, Value
from promptlang.importers.comfyui.values import Values
from promptlang.importers.imported import Entry
from promptlang.importers.json_text import said
from promptlang.plans.enlarging import enlarged_size
from promptlang.tables import upscalers
from promptlang.tables.options.picture import DEFAULT_HIRES_STRENGTH
from promptlang.values import dataclass, field

LATENTS = ("latent_image", "latent", "samples", "latents", "optional_latent")
OVER = ("pixels", "image")
CONTROLS = frozenset({"ControlNetApply", "ControlNetApplyAdvanced"})
INPAINTING = "InpaintModelConditioning"

_SCALE = "ImageScale"
_MASKED = frozenset({"SetLatentNoiseMask", INPAINTING})
_SAME = ("model", "positive", "negative", "seed", "cfg", "sampler_name", "scheduler")
_PIXELS = ("VAEEncode", _SCALE, "VAEDecode")  # from a sampler back to the one before
_LONGEST = 20  # nodes between a picture and what takes it
_DIGITS = 6  # of a number by which a picture is enlarged
_HELD: Mapping[str, tuple[str, Value]] = MappingProxyType(
    {
        "control-strength": ("strength", 1),
        "control-start": ("start_percent", 0),
        "control-end": ("end_percent", 1),
    }
)
"""The options of a ControlNet, each with its input and the value that says nothing."""


@dataclass(slots=True)
class Start:
    """What a sampler begins with: options, what no option says, and the command that has them."""

    options: dict[str, Entry] = field(default_factory=dict[str, Entry])
    unsaid: list[Entry] = field(default_factory=list[Entry])
    command: str = "render"


def start_of(node: Node, values: Values) -> Start:
    """The size of the picture that a sampler draws, or the picture that it is drawn over."""
    start, link, seen = Start(), node.link(*LATENTS), set[str]()
    while link and link.node not in seen and (each := values.graph.get(link.node)):
        seen.add(link.node)
        if (chosen := values.switched(each)) and (onward := each.link(chosen)):
            link = onward
            continue
        if picture := _loaded(each, values):
            start.options["image"] = Entry("image", picture)
            if isinstance(strength := values.of(node, "denoise"), int | float):
                start.options["strength"] = Entry("denoise", said(strength))
            start.command = "remix"
            return start
        if (size := _size(each, values)) and not each.link(*LATENTS):
            start.options["size"] = Entry("size", "{}x{}".format(*size))
            if each.kind != _SCALE:
                start.options |= _copies(values.of(each, "batch_size"), "batch_size")
                return start
        elif not _is_told(each, start, values):
            start.unsaid.append(Entry(each.kind, _plain(each)))
        link = each.link(*LATENTS, *OVER)
    values.remarks.append(f"the size of what {node.named} draws is not known before the graph runs")
    start.options.clear()
    return start


def _is_told(node: Node, start: Start, values: Values) -> bool:
    """Whether what a node does to a latent picture is said, which it is now."""
    if node.kind in _MASKED:
        mask = node.link("mask")
        found, through = _file(mask, values) if mask else ("", frozenset[str]())
        if not found or not through <= {_SCALE, "ImageToMask"}:
            return False
        start.options["mask"] = Entry("mask", found)
    if node.kind == "RepeatLatentBatch":
        start.options |= _copies(values.of(node, "amount"), "amount")
    return node.kind in _MASKED or node.kind in ("RepeatLatentBatch", "VAEEncode")


def _copies(count: Value, name: str) -> Mapping[str, Entry]:
    return {"images": Entry(name, str(count))} if isinstance(count, int) and count > 1 else {}


def _plain(node: Node) -> str:
    return ", ".join(f"{name} {said(value)}" for name, value in node.inputs.items() if not isinstance(value, Link))


def _size(node: Node, values: Values) -> tuple[int, int] | None:
    width, height = values.of(node, "width"), values.of(node, "height")
    if isinstance(width, int | float) and isinstance(height, int | float) and isfinite(width) and isfinite(height):
        return int(width), int(height)
    return None


def _loaded(node: Node, values: Values) -> str:
    """The file that a node loads."""
    name = values.of(node, "image") if node.kind.startswith("LoadImage") else None
    return name if isinstance(name, str) else ""


def _file(link: Link, values: Values) -> tuple[str, frozenset[str]]:
    """The file that a picture or a mask comes from, and the kinds of nodes that it comes through."""
    through: set[str] = set()
    for _ in range(_LONGEST):
        node = values.graph.get(link.node)
        if node is None:
            break
        if found := _loaded(node, values):
            is_clear = node.kind == "LoadImage" and link.slot == 1  # what is transparent, and not what is white
            return "" if is_clear else found, frozenset(through)
        through.add(node.kind)
        onward = node.link("image")
        if onward is None:
            break
        link = onward
    return "", frozenset(through)


def control_of(node: Node, values: Values) -> dict[str, Entry]:
    """The options that say what a ControlNet does; none where they cannot."""
    net, image = node.link("control_net"), node.link("image")
    loader = values.graph.get(net.node) if net else None
    name = values.of(loader, "control_net_name") if loader else None
    if image is None or not isinstance(name, str):
        return {}
    found, through = _file(image, values)
    if not found or not through <= {_SCALE, "Canny"}:
        return {}
    options = {
        "control": Entry(node.kind, "canny" if "Canny" in through else "map"),
        "control-net": Entry("control_net_name", name),
        "control-image": Entry("image", found),
    }
    for option, (given, nothing) in _HELD.items():
        value = values.of(node, given)
        if isinstance(value, int | float) and value != nothing:
            options[option] = Entry(given, said(value))
    return options


def second_pass(node: Node, before: Node, values: Values) -> dict[str, Entry]:
    """The options that say how a sampler draws once more, enlarged, what another drew; none where they cannot."""
    if any(node.inputs.get(each) != before.inputs.get(each) for each in _SAME):
        return {}
    link = node.link(*LATENTS)
    larger = values.graph.get(link.node) if link else None
    if larger is None:
        return {}
    of = "latents" if larger.kind in ("LatentUpscale", "LatentUpscaleBy") else "pixels"
    if of == "pixels":
        found = _chain(larger, values)
        if found is None:
            return {}
        larger = found
    elif (drawn := larger.link("samples")) is None or drawn.node != before.number:
        return {}
    method, times = values.of(larger, "upscale_method"), _times(larger, before, values)
    row = next((each for each in upscalers.ROWS if each.comfy and (each.of, each.comfy) == (of, method)), None)
    if row is None or not times:
        return {}
    given = {
        "hires": (larger.kind, times, ""),
        "hires-upscaler": ("upscale_method", row.name, upscalers.DEFAULT),
        "hires-steps": ("steps", said(values.of(node, "steps")), said(values.of(before, "steps"))),
        "hires-strength": ("denoise", said(values.of(node, "denoise")), said(DEFAULT_HIRES_STRENGTH)),
    }
    return {option: Entry(name, value) for option, (name, value, nothing) in given.items() if value != nothing}


def _chain(node: Node, values: Values) -> Node | None:
    """The node that scales pixels between two samplers, where nothing else stands there."""
    scales: Node | None = None
    for at, kind in enumerate(_PIXELS):
        if node.kind != kind:
            return None
        scales = node if kind == _SCALE else scales
        link = node.link(*OVER, *LATENTS)
        onward = values.graph.get(link.node) if link else None
        if onward is None:
            return None
        node = onward if at + 1 < len(_PIXELS) else node
    return scales


def _times(larger: Node, before: Node, values: Values) -> str:
    """The number by which the second picture is larger, which gives just its sides; empty where none does."""
    factor = values.of(larger, "scale_by")
    if isinstance(factor, int | float):
        return said(factor)
    size, drawn = _size(larger, values), start_of(before, values).options.get("size")
    if size is None or drawn is None:
        return ""
    wide, high = map(int, drawn.value.split("x"))
    for digits in range(_DIGITS):
        for more in (0, 1):
            number = round(size[0] / wide, digits) + more * 10**-digits
            if enlarged_size((wide, high), number) == size:
                return f"{number:.{digits}f}"
    return ""
