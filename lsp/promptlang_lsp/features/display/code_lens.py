"""Code lenses above each statement that draws: render, compare, show the plan, and how many images it makes."""

from __future__ import annotations

from collections.abc import Iterator

from promptlang.meaning.spread import images
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
    sweeps = any(setting.points.swept for setting in page.meaning(index).settings.values())
    count = images(page.meaning(index))
    number = f" ({count.words})" if count.number > 1 else ""
    if sweeps:
        yield _lens(place, f"▶ Render grid{number}", RENDER_GRID, arguments)
    else:
        yield _lens(place, f"▶ Render{number}", RENDER, arguments)
    yield _lens(place, "Show plan", SHOW_PLAN, arguments)


def _lens(place: Json, title: str, name: str, arguments: Json) -> Json:
    return {"range": place, "command": {"title": title, "command": name, "arguments": arguments}}
