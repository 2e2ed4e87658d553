"""Inlay hints: chunk edges, effective weights of nested groups, floored values and image counts."""

from __future__ import annotations

from collections.abc import Iterator

from promptlang.meaning.settings import Setting
from promptlang.meaning.spread import images
from promptlang.tables.commands import command
from promptlang.tables.options.kinds import Integer, written
from promptlang.tables.options.table import option
from promptlang_lsp.features.display.chunks import chunk_edges
from promptlang_lsp.features.display.strength import Stretch, stretches
from promptlang_lsp.protocol.words import Json, Params
from promptlang_lsp.texts.page import Page

_TOOLTIPS = {
    "chunk": "{} begins here: the text encoder reads 75 tokens at a time",
    "weight": "the weights of the groups around these words, multiplied",
    "images": "all points of the sweeps, times the variants, times `/images`",
}
Hint = tuple[int, str, str]  # offset in the statement, label, its tooltip: a key above, or `/clipskip`


def inlay_hints(page: Page, index: int) -> Iterator[Json]:
    """The hints of one statement; their tooltips wait until they are looked at, where the client can."""
    piece = page.snapshot.pieces[index]
    hints = piece.remembered("hints", page.meaning(index), lambda: tuple(sorted(_hints(page, index))))
    positions = page.snapshot.positions(index, [at for at, _, _ in hints])
    for (_, label, about), (line, column) in zip(hints, positions, strict=True):
        yield {
            "position": {"line": line, "character": column},
            "label": label,
            **({"data": about} if page.client.resolves_tooltips else {"tooltip": _tooltip(label, about)}),
            "paddingLeft": True,
            "paddingRight": label.startswith("│"),
        }


def resolved(hint: Params) -> Json:
    """A hint of ours with its tooltip."""
    label, about = hint.get("label"), hint.get("data")
    if isinstance(label, str) and isinstance(about, str) and (tooltip := _tooltip(label, about)):
        return {**hint, "tooltip": tooltip}
    return hint


def _tooltip(label: str, about: str) -> str:
    row = option(about.removeprefix("/")) if about.startswith("/") else None
    if row is not None:
        return row.kind.floors if isinstance(row.kind, Integer) else ""
    return _TOOLTIPS.get(about, "").format(label.replace("│", "chunk "))


def _hints(page: Page, index: int) -> Iterator[Hint]:
    wanted = page.configuration.hints
    row = command(page.statement(index).command_name)
    draws = row is not None and row.draws
    if wanted.values:
        yield from _floored(page, index)
    if wanted.weights:
        yield from _weights(page, index)
    if wanted.chunks and draws:
        for at, chunk in chunk_edges(page, index):
            yield at, f"│{chunk}", "chunk"
    if wanted.images and draws:
        yield from _images(page, index)


def _floored(page: Page, index: int) -> Iterator[Hint]:
    """`/clipskip:1.9` acts as 1."""
    for setting in page.meaning(index).settings.values():
        use = setting.use
        row = option(setting.row.name)
        if use is None or row is None or not isinstance(row.kind, Integer) or not row.kind.floors or not use.value:
            continue
        values = setting.points.values
        if values and len(values) == 1 and not setting.points.swept and "." in use.value:
            yield use.value_span.end, f"= {written(values[0])}", f"/{row.name}"


def _weights(page: Page, index: int) -> Iterator[Hint]:
    """The product of nested groups, behind the words it is for."""
    for stretch in stretches(page, index):
        if isinstance(stretch, Stretch) and stretch.depth > 1 and stretch.text.strip():
            words = page.statement(index).text[stretch.span.start : stretch.span.end]
            end = stretch.span.start + len(words.rstrip(" ,\t\r\n"))
            yield end, f"×{stretch.weight:.3g}", "weight"


def _images(page: Page, index: int) -> Iterator[Hint]:
    """How many images a sweep or variants make, behind the last option that multiplies them."""
    several = [each.use for each in page.meaning(index).settings.values() if each.use and _multiplies(each)]
    count = images(page.meaning(index))
    if several and count.number > 1:
        last = max(use.span.end for use in several)
        yield last, count.words, "images"


def _multiplies(setting: Setting) -> bool:
    return setting.points.swept or setting.row.decides == "variants"
