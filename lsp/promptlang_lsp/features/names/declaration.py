"""What an option replaces where it stands: the recipe, the `/set` line or the line of the project file."""

from __future__ import annotations

from collections.abc import Iterator

from promptlang.diagnostics import Edit
from promptlang.fixes import applied
from promptlang.meaning.view import view
from promptlang.syntax.nodes import OptionUse
from promptlang.tables.options.row import Option
from promptlang.tables.options.table import OPTIONS
from promptlang_lsp.features.names.names import recipes
from promptlang_lsp.features.names.places import local, option_at
from promptlang_lsp.protocol import boundary
from promptlang_lsp.protocol.words import Json
from promptlang_lsp.texts.page import Page
from promptlang_lsp.texts.snapshot import Piece


def declaration(page: Page, offset: int) -> Json:
    """The place that decides about the option at an offset in statements that do not write it."""
    if page.snapshot.is_project_file:
        return None
    index, at = local(page, offset)
    use = option_at(page, index, at)
    row = OPTIONS.get(use.name) if use else None
    if row is None:
        return None
    match _origin_without(page, index, row):
        case "recipe":
            return next(_given(page, _called(page, index), row), None)
        case "set":
            return next(_given(page, _sets_above(page, index), row), None)
        case "project":
            return _project_line(page, row.name)
        case _:
            return None


def _uses(page: Page, index: int, row: Option) -> list[OptionUse]:
    """Where a statement gives the option, by whatever name it is written."""
    return list(page.statement(index).uses(row.name))


def _origin_without(page: Page, index: int, row: Option) -> str | None:
    """Where the option comes from when it is taken out of the statement, all of its uses at once."""
    text = applied(page.snapshot.pieces[index].text, [Edit(use.span, "") for use in _uses(page, index, row)])
    context = page.context(index)
    setting = view(Piece(text).read_in(context.parser), context).settings.get(row.name)
    return setting.origin if setting else None


def _called(page: Page, index: int) -> Iterator[int]:
    """The recipes that count for a statement: those that it calls, the last one first, then those that these call."""
    known = recipes(page)
    names = [use.name.lower() for use in reversed(page.statement(index).recipes)]
    names += (recipe.name for recipe in page.context(index).recipes)
    return (known[name] for name in dict.fromkeys(names) if name in known)


def _sets_above(page: Page, index: int) -> Iterator[int]:
    """The `/set` lines above a statement, the nearest one first."""
    above = (number for number in reversed(page.snapshot.declarations) if number < index)
    return (number for number in above if page.statement(number).command_name == "set")


def _given(page: Page, numbers: Iterator[int], row: Option) -> Iterator[Json]:
    """Where statements give the option, the last use in each."""
    for number in numbers:
        if uses := _uses(page, number, row):
            yield {"uri": page.snapshot.uri, "range": page.snapshot.range(number, uses[-1].span)}


def _project_line(page: Page, name: str) -> Json:
    """The line of the project file that gives the option to all statements."""
    given = next((each for each in page.project.options if each.name == name and each.line), None)
    if given is None or page.project.file is None:
        return None
    start = {"line": given.line - 1, "character": 0}
    return {"uri": boundary.uri_of(page.project.file), "range": {"start": start, "end": start}}
