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
from promptlang_lsp.protocol.words import Json
from promptlang_lsp.texts.page import Page

Hint = tuple[int, str, str]  # offset in the statement, label, tooltip


def inlay_hints(page: Page, index: int) -> Iterator[Json]:
    """The hints of one statement."""
    piece = page.snapshot.pieces[index]
    hints = piece.remembered("hints", page.meaning(index), lambda: tuple(sorted(_hints(page, index))))
    positions = page.snapshot.positions(index, [at for at, _, _ in hints])
    for (_, label, tooltip), (line, column) in zip(hints, positions, strict=True):
        yield {
            "position": {"line": line, "character": column},
            "label": label,
            "tooltip": tooltip,
            "paddingLeft": True,
            "paddingRight": label.startswith("│"),
        }


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
            yield at, f"│{chunk}", f"chunk {chunk} begins here: the text encoder reads 75 tokens at a time"
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
            yield use.value_span.end, f"= {written(values[0])}", row.kind.floors


def _weights(page: Page, index: int) -> Iterator[Hint]:
    """The product of nested groups, behind the words it is for."""
    for stretch in stretches(page, index):
        if isinstance(stretch, Stretch) and stretch.depth > 1 and stretch.text.strip():
            words = page.statement(index).text[stretch.span.start : stretch.span.end]
            end = stretch.span.start + len(words.rstrip(" ,\t\r\n"))
            yield end, f"×{stretch.weight:.3g}", "the weights of the groups around these words, multiplied"


def _images(page: Page, index: int) -> Iterator[Hint]:
    """How many images a sweep or variants make, behind the last option that multiplies them."""
    several = [each.use for each in page.meaning(index).settings.values() if each.use and _multiplies(each)]
    count = images(page.meaning(index))
    if several and count.number > 1:
        last = max(use.span.end for use in several)
        yield last, count.words, "all points of the sweeps, times the variants, times `/images`"


def _multiplies(setting: Setting) -> bool:
    return setting.points.swept or setting.row.decides == "variants"
