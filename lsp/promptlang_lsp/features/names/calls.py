"""Which statements call a recipe, and which recipes a statement calls."""

from __future__ import annotations

from collections.abc import Iterator

from promptlang.statements.extent import body
from promptlang_lsp.features.names.names import name_at, names_in, recipes
from promptlang_lsp.features.names.structure import KINDS, OBJECT, title
from promptlang_lsp.protocol.words import Json
from promptlang_lsp.texts.page import Page


def prepare(page: Page, offset: int) -> Json:
    """The recipe whose name stands at an offset."""
    use = name_at(page, offset)
    index = recipes(page).get(use.name.lower()) if use and use.kind == "recipe" else None
    return None if index is None else [_item(page, index)]


def incoming(page: Page, index: int) -> Json:
    """The statements that call the recipe written in the statement of that number."""
    label = page.statement(index).label
    name = label.name.lower() if label else ""
    found: list[Json] = []
    for number, piece in enumerate(page.snapshot.pieces):
        if name and name in piece.text.lower() and (ranges := list(_uses(page, number, name))):
            found.append({"from": _item(page, number), "fromRanges": ranges})
    return found


def outgoing(page: Page, index: int) -> Json:
    """The recipes that a statement calls."""
    known = recipes(page)
    names = dict.fromkeys(use.name.lower() for use in page.statement(index).recipes)
    return [
        {"to": _item(page, known[name]), "fromRanges": list(_uses(page, index, name))}
        for name in names
        if name in known
    ]


def _uses(page: Page, index: int, name: str) -> Iterator[Json]:
    for use in names_in(page, index):
        if use.kind == "recipe" and not use.defines and use.name.lower() == name:
            yield page.snapshot.file_range(use.span)


def _item(page: Page, index: int) -> Json:
    statement = page.statement(index)
    whole = body(statement)
    head = statement.label.span if statement.label else statement.command.span if statement.command else whole
    return {
        "name": title(statement),
        "kind": KINDS.get(statement.command_name, OBJECT),
        "detail": " ".join(statement.text[whole.start : whole.end].split())[:120],
        "uri": page.snapshot.uri,
        "range": page.snapshot.range(index, whole),
        "selectionRange": page.snapshot.range(index, head),
    }
