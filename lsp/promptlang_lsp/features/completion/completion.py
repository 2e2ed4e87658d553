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
from promptlang_lsp.features.completion.cursor import Cursor, as_words, between_commas, cursor, parts_phrases
from promptlang_lsp.features.completion.name_items import concepts, recipe_items, rule_items, wildcard_items
from promptlang_lsp.features.completion.offers import Item
from promptlang_lsp.features.completion.option_items import commands, options, values, weights
from promptlang_lsp.features.completion.signs import signs
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
    at = offset - snapshot.starts[index]
    here = cursor(snapshot.pieces[index].text, at, page.statement(index).prompt.dialect)
    limit = page.configuration.completion.limit
    items = list(islice(_items(page, index, here), limit))
    if here.kind == "concept" and not items:
        here = as_words(snapshot.pieces[index].text, here)
    if here.kind == "words":
        here, found = _words(page, index, here, invoked=invoked)
        items = list(islice(found, limit))
    if here.kind == "words" and page.configuration.completion.comma:
        from promptlang_lsp.features.completion.sign_items import with_comma

        items = [with_comma(page, index, max(here.span.end, at), item) for item in items]
    swallowed = here.span.end
    if here.kind in ("words", "concept", "weight"):
        here, items = _with_brackets(page, index, at, here, items)
    is_one = here.span.end > swallowed or _is_one(page, index, here, items)  # with what an editor closed, or a name has
    end = here.span.end if is_one else at
    items = items[:limit]
    for rank, item in enumerate(items):
        item["sortText"] = f"{rank:04}"
    return _list(page, index, Span(here.span.start, end), here.span, items)


def _is_one(page: Page, index: int, here: Cursor, items: list[Item]) -> bool:
    """Whether what stands behind the cursor is the rest of what is being written: it goes in every way of accepting."""
    text = page.snapshot.pieces[index].text
    if here.kind in ("value", "weight", "command", "option"):
        return True
    if here.kind == "concept":
        written = signs(page.statement(index).prompt.dialect)
        if written.call_closes and text.startswith((written.call_closes, written.strength_sign), here.span.end):
            return True
    whole = text[here.span.start : here.span.end].lower()
    return whole.endswith("__") if here.kind == "wildcard" else any(_text(item).lower() == whole for item in items)


def _items(page: Page, index: int, here: Cursor) -> Iterator[Item]:
    match here.kind:
        case "command":
            yield from commands(page, index, here)
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
        case "comment":
            from promptlang_lsp.features.completion.sign_items import silencing_items

            yield from silencing_items(here)
        case "words":
            return
        case _:
            assert_never(here.kind)


def _words(page: Page, index: int, here: Cursor, *, invoked: bool) -> tuple[Cursor, Iterator[Item]]:
    """Words that go on from what is typed; where nothing does, and somebody asks, what else may stand there."""
    if here.typed.strip():
        from promptlang_lsp.features.completion.sign_items import keyword_items
        from promptlang_lsp.features.completion.word_items import last_words, word_items

        known = last_words(here)
        signs, is_shouted = keyword_items(page, index, known), not any(map(str.islower, known.typed.split()[-1]))
        found = word_items(page, index, known)
        items = chain(signs, found) if is_shouted else chain(found, signs)
        if first := next(items, None):
            return known, chain((first,), items)
    if invoked and here.typed[-1:].strip() == "":
        at = here.span.start + len(here.typed)
        nothing = replace(here, typed="", span=Span(at, at))
        return nothing, _anything(page, index, nothing)
    return here, iter(())


def _with_brackets(page: Page, index: int, at: int, here: Cursor, items: list[Item]) -> tuple[Cursor, list[Item]]:
    """Names that go on from a bracket behind words, `fate (s`, before what else goes on from there."""
    text = page.snapshot.pieces[index].text
    wide = between_commas(text, at)
    if not parts_phrases(text[wide.span.start : here.span.start]):
        return here, items  # as in prose, whose last words were looked up already
    from promptlang_lsp.features.completion.word_items import moved, names_with_brackets

    whole, names = names_with_brackets(page, index, wide, here)
    if not names:
        return here, items
    before, after = text[whole.span.start : here.span.start], text[here.span.end : whole.span.end]
    return whole, [*names, *(moved(item, before, after) for item in items)]


def _anything(page: Page, index: int, nothing: Cursor) -> Iterator[Item]:
    """What can stand where nothing is typed yet: commands at the start of a line, options and recipes elsewhere."""
    text = page.snapshot.pieces[index].text[: nothing.span.start]
    if not text.rstrip(" \t\ufeff") or text.rstrip(" \t").endswith(("\n", "\r")):
        yield from commands(page, index, nothing)
    elif text[-1:] in (" ", "\t"):
        yield from options(page, index, nothing)
        yield from recipe_items(page, index, nothing)


# --- the list ---------------------------------------------------------------------------------------------------------


def _text(item: Item) -> str:
    return str(item.get("insertText", item["label"]))


def _list(page: Page, index: int, typed: Span, whole: Span, items: list[Item]) -> dict[str, Json]:
    """The list with the one range that every item replaces, said once where the client can.

    Every filter begins with what is typed: clients keep our order then, and Neovim drops what begins otherwise. None is
    complete: what is found by another name of it, as `/guidance` by `/cfg`, no client would find in the list of `/c`.
    """
    edit = _edit_range(page, index, typed, whole)
    shared = "editRange" in page.client.item_defaults
    before = page.snapshot.pieces[index].text[typed.start : typed.end]

    def written(item: Item) -> dict[str, Json]:
        """The item as editors read it."""
        shown = dict(item)
        text = shown.pop("insertText", shown["label"])
        names = str(shown.get("filterText", shown["label"]))
        if not names.startswith(before):
            shown["filterText"] = f"{before} {names}"
        if not shared:
            shown["textEdit"] = {"newText": text, **(edit if "insert" in edit else {"range": edit})}
        elif text != shown["label"]:
            shown["textEditText"] = text
        return shown

    result: dict[str, Json] = {"isIncomplete": True, "items": [written(item) for item in items]}
    if shared:
        result["itemDefaults"] = {"editRange": edit}
    return result


def _edit_range(page: Page, index: int, typed: Span, whole: Span) -> Mapping[str, Json]:
    """What an item replaces: insert keeps a word behind the cursor, as without a choice; replace takes it away."""
    place = page.snapshot.range(index, typed)
    if not page.client.replaces or typed == whole:
        return place
    return {"insert": place, "replace": page.snapshot.range(index, whole)}


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
