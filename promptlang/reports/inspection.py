"""Inspections on a terminal: one panel for each file."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import TextIO

from rich import box
from rich.console import Console, Group, RenderableType
from rich.padding import Padding
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from promptlang.files import shown
from promptlang.models.evidence.records import printable
from promptlang.models.identify import Identity
from promptlang.models.inspection import Inspection
from promptlang.tables.models.families import family

WIDEST = 100  # columns; longer lines are hard to read
CODE = re.compile(r"`([^`]+)`")
KINDS = {
    "checkpoint": "checkpoint",
    "denoiser": "denoiser without its encoders",
    "vae": "autoencoder (VAE)",
    "text-encoder": "text encoder",
    "lora": "LoRA",
    "inversion": "textual inversion",
    "controlnet": "control network",
    "adapter": "image adapter",
    "upscaler": "upscaler",
    "unknown": "unknown file",
}
PREDICTIONS = {
    "epsilon": "noise (epsilon)",
    "v": "velocity (v-prediction)",
    "flow": "flow",
    "edm": "with EDM scaling",
    "unknown": "not said in the file",
}


def show(inspections: Iterable[Inspection], *, colour: bool, width: int, stream: TextIO) -> None:
    """Print a panel for every inspection."""
    console = Console(
        file=stream, width=min(width, WIDEST), force_terminal=colour, no_color=not colour, highlight=False, emoji=False
    )
    for each in inspections:
        console.print(_panel(each))


def _panel(each: Inspection) -> Panel:
    title = Text(printable(shown(each.path)), "bold", overflow="ellipsis", no_wrap=True)
    if each.identity is None:
        body: RenderableType = Text(each.problem)
        return Panel(body, title=title, title_align="left", border_style="red", box=box.ROUNDED, padding=(0, 1))
    known = each.identity.family != "unknown"
    return Panel(
        Group(_headline(each.identity), Padding(_table(each, each.identity), (1, 0, 0, 0))),
        title=title,
        title_align="left",
        subtitle=Text(_measured(each.size), "dim") if each.size else None,
        subtitle_align="right",
        border_style="green" if known else "yellow",
        box=box.ROUNDED,
        padding=(0, 1),
    )


def _headline(identity: Identity) -> Text:
    """`Stable Diffusion XL LoRA`, and the variant in a lighter tone."""
    network = identity.variant if identity.kind == "lora" and identity.variant else ""
    kind = network or KINDS[identity.kind]
    text = Text(
        f"{family(identity.family).title} · {kind}", "bold green" if identity.family != "unknown" else "bold yellow"
    )
    if identity.variant and not network:
        text.append(f" · {identity.variant}", "cyan")
    return text


def _table(each: Inspection, identity: Identity) -> Table:
    table = Table.grid(padding=(0, 2))
    table.add_column(style="dim", no_wrap=True)
    table.add_column(overflow="fold")
    for name, value in _rows(each, identity):
        table.add_row(name, Text(value) if isinstance(value, str) else value)  # `[red]` in a title is no markup
    return table


def _rows(each: Inspection, identity: Identity) -> Iterator[tuple[str, RenderableType]]:
    metadata = dict(identity.metadata)
    if title := metadata.get("modelspec.title"):
        yield "title", title + (f", by {metadata['modelspec.author']}" if "modelspec.author" in metadata else "")
    yield "family", Text(identity.family, "bold")
    if identity.encoders:
        yield "encoders", "\n".join(f"{name}, {layers} layers" for name, layers in identity.encoders)
    yield "clip skip", _clip_skip(identity)
    if identity.kind in ("checkpoint", "denoiser"):
        yield "predicts", PREDICTIONS[identity.prediction]
    if identity.kind == "checkpoint" and identity.family != "unknown":
        side = identity.native or family(identity.family).native
        yield "made for", f"{side} × {side} pixels"
    if trigger := metadata.get("modelspec.trigger_phrase"):
        yield "called by", trigger
    if each.beside.triggers:
        yield "called by", "\n".join(printable(phrase) for phrase in each.beside.triggers)
    yield "known by", _listed(identity.evidence)
    if each.advice:
        yield "advice", _listed(each.advice)


def _clip_skip(identity: Identity) -> str:
    row, steps = family(identity.family), identity.clip_skip
    if steps is None:
        return row.clip_skip.value if row.encoders else "does not apply"
    default = f", default {row.clip_skip_default}" if row.clip_skip_default else ""
    return f"{steps[0]} to {steps[-1]}{default}: {row.clip_skip.value}"


def _listed(sentences: Iterable[str]) -> RenderableType:
    """Sentences one below the other, each with its own hanging indent."""
    table = Table.grid(padding=(0, 1))
    table.add_column(style="dim", no_wrap=True)
    table.add_column(overflow="fold")
    for sentence in sentences:
        table.add_row("•", _coded(sentence))
    return table


def _coded(sentence: str) -> Text:
    """A sentence with what stands in backticks set apart."""
    text, end = Text(), 0
    for match in CODE.finditer(sentence):
        text.append(sentence[end : match.start()])
        text.append(match[1], "cyan")
        end = match.end()
    return text.append(sentence[end:])


def _measured(size: int) -> str:
    """A size in bytes as people say it."""
    amount = float(size)
    for unit in ("bytes", "kB", "MB"):
        if amount < 1000:
            return f"{amount:.0f} {unit}" if unit == "bytes" else f"{amount:.1f} {unit}"
        amount /= 1000
    return f"{amount:.1f} GB"
