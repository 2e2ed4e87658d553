"""Completion: what may be written at the cursor, ranked here, as one list of plain dictionaries.

The list is short; the documentation of an item is fetched when somebody looks at it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from itertools import chain, islice
from pathlib import Path
from typing import assert_never

from promptlang.meaning.project import Project
from promptlang.source import Span
from promptlang_lsp.features.completion.cursor import Cursor, cursor
from promptlang_lsp.features.completion.name_items import concepts, recipe_items, rule_items, wildcard_items
from promptlang_lsp.features.completion.offers import Item
from promptlang_lsp.features.completion.option_items import commands, options, values, weights
from promptlang_lsp.protocol import boundary
from promptlang_lsp.protocol.words import Json, Params
from promptlang_lsp.texts.page import Page

ProjectOf = Callable[[Path | None], Project]


def completion(page: Page, offset: int, *, invoked: bool = True) -> dict[str, Json]:
    """A ranked list of at most the configured number of items, for the text before the cursor.

    `invoked` says that somebody asked for the list; one that comes up by itself waits for something to be typed.
    """
    snapshot = page.snapshot
    index = snapshot.index_at(offset)
    here = cursor(snapshot.pieces[index].text, offset - snapshot.starts[index], page.statement(index).prompt.dialect)
    limit = page.configuration.completion.limit
    items = list(islice(_items(page, index, here, invoked), limit + 1))
    whole = here.kind not in ("words", "concept", "wildcard", "embedding")
    incomplete = not whole or len(items) > limit
    items = items[:limit]
    for rank, item in enumerate(items):
        item["sortText"] = f"{rank:04}"
    return _list(page, index, here, items, incomplete=incomplete)


def _items(page: Page, index: int, here: Cursor, invoked: bool) -> Iterator[Item]:
    match here.kind:
        case "command":
            yield from commands(here)
            yield from options(page, index, here)
        case "option":
            yield from options(page, index, here)
        case "value":
            yield from values(page, index, here)
        case "weight":
            yield from weights(page, index, here)
        case "concept" | "embedding":
            yield from concepts(page, index, here)
        case "recipe":
            yield from recipe_items(page, index, here)
        case "wildcard":
            yield from wildcard_items(page, here)
        case "rule":
            yield from rule_items(here)
        case "words":
            yield from _words(page, index, here, invoked=invoked)
        case "comment":
            return
        case _:
            assert_never(here.kind)


def _words(page: Page, index: int, here: Cursor, *, invoked: bool) -> Iterator[Item]:
    """Words that go on from what is typed; where nothing does, and somebody asks, what else may stand there."""
    found = False
    if here.typed.strip():
        from promptlang_lsp.features.completion.word_items import word_items

        for item in word_items(page, index, here):
            found = True
            yield item
    if invoked and not found and here.typed[-1:].strip() == "":
        yield from _anything(page, index, here)


def _anything(page: Page, index: int, here: Cursor) -> Iterator[Item]:
    """What can stand where nothing is typed yet: commands at the start of a line, options and recipes elsewhere."""
    at = here.span.start + len(here.typed)
    text = page.snapshot.pieces[index].text[:at]
    nothing = replace(here, typed="", span=Span(at, at))
    if not text.rstrip(" \t\ufeff") or text.rstrip(" \t").endswith(("\n", "\r")):
        items = commands(nothing)
    elif text[-1:] in (" ", "\t"):
        items = chain(options(page, index, nothing), recipe_items(page, index, nothing))
    else:
        return
    yield from ({**item, "range": nothing.span} for item in items)


# --- the list ---------------------------------------------------------------------------------------------------------


def _list(page: Page, index: int, here: Cursor, items: list[Item], *, incomplete: bool) -> dict[str, Json]:
    """The list with the range that is replaced: said once where the client can, else with each item."""
    typed = len(here.typed) + (here.kind == "recipe")
    edit = _edit_range(page, index, here.span, typed)
    shared = "editRange" in page.client.item_defaults

    def written(item: Item) -> dict[str, Json]:
        """The item as editors read it."""
        own = item.get("range")
        shown = {name: value for name, value in item.items() if not isinstance(value, Span)}
        if isinstance(own, Span):
            place = _edit_range(page, index, own, typed - (own.start - here.span.start))
            shown["textEdit"] = _text_edit(place, shown.pop("insertText", shown["label"]))
        elif not shared:
            shown["textEdit"] = _text_edit(edit, shown.pop("insertText", shown["label"]))
        elif "insertText" in shown:
            shown["textEditText"] = shown.pop("insertText")
        return shown

    result: dict[str, Json] = {"isIncomplete": incomplete, "items": [written(item) for item in items]}
    if shared:
        result["itemDefaults"] = {"editRange": edit}
    return result


def _text_edit(place: Mapping[str, Json], text: Json) -> Json:
    return {"newText": text, **(place if "insert" in place else {"range": place})}


def _edit_range(page: Page, index: int, span: Span, typed: int) -> Mapping[str, Json]:
    """What an item replaces: insert keeps what stands behind the cursor, replace takes it away."""
    snapshot = page.snapshot
    whole = snapshot.range(index, span)
    if not page.client.replaces or span.end - span.start <= typed:
        return whole
    head = snapshot.range(index, Span(span.start, span.start + typed))
    return {"insert": head, "replace": whole}


def resolved(item: Params, project_of: ProjectOf) -> Params:
    """The item with its documentation; `project_of` knows the project of a file."""
    match item.get("data"):
        case [str(kind), str(name)]:
            text = "\n\n".join(_documentation(project_of, kind, name))
        case [str(kind), str(name), str(more)]:
            text = "\n\n".join(_documentation(project_of, kind, name, more))
        case _:
            return item
    return {**item, "documentation": {"kind": "markdown", "value": text}} if text else item


def _documentation(project_of: ProjectOf, kind: str, name: str, more: str = "") -> Iterator[str]:
    from promptlang_lsp.features.hover.documentation import concept_lines, lines_of

    match kind:
        case "concept":
            known = project_of(boundary.path_of(more)).known(name)
            yield from concept_lines(known) if known else ()
        case "wildcard":
            from promptlang_lsp.features.hover.node_hover import wildcard_lines

            yield from wildcard_lines(project_of(boundary.path_of(more)).wildcards, name)
        case _:
            yield from lines_of(kind, name, more)
