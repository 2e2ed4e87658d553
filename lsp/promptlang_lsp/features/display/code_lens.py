"""Code lenses above each statement that draws: render, compare, show the plan, and how many images it makes."""

from __future__ import annotations

from collections.abc import Iterator

from promptlang.meaning.settings import swept
from promptlang.meaning.spread import has_variants, images
from promptlang.meaning.view import View
from promptlang.source import Span
from promptlang.statements.extent import body
from promptlang.tables.commands import command
from promptlang_lsp.protocol.legend import RENDER, RENDER_GRID, SHOW_PLAN
from promptlang_lsp.protocol.words import Json
from promptlang_lsp.texts.page import Page


def code_lenses(page: Page, index: int) -> Iterator[Json]:
    """The lenses of one statement; each command gets the text's URI and the line where the statement begins."""
    statement = page.statement(index)
    row = command(statement.command_name)
    whole = body(statement)
    if row is None or not row.draws or whole.end == whole.start:
        return
    head = statement.command.span if statement.command else Span(whole.start, whole.start)
    place = page.snapshot.range(index, head)
    arguments: Json = [page.snapshot.uri, place["start"]["line"]]
    meaning, piece = page.meaning(index), page.snapshot.pieces[index]
    if has_variants(meaning):  # how many there are is for the wildcard files to say
        title, name = _rendering(meaning)
    else:
        title, name = piece.remembered("lens", meaning, lambda: _rendering(meaning))
    yield _lens(place, title, name, arguments)
    yield _lens(place, "Show plan", SHOW_PLAN, arguments)


def _rendering(meaning: View) -> tuple[str, str]:
    """Title and command of the lens that draws."""
    count = images(meaning)
    number = f" ({count.words})" if count.number > 1 else ""
    if swept(meaning.settings):
        return f"▶ Render grid{number}", RENDER_GRID
    return f"▶ Render{number}", RENDER


def _lens(place: Json, title: str, name: str, arguments: Json) -> Json:
    return {"range": place, "command": {"title": title, "command": name, "arguments": arguments}}
