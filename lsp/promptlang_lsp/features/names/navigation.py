"""Definition, references, highlights, rename and linked editing of names, and links."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from pathlib import Path

from promptlang.files import read_bytes, read_text
from promptlang.source import Source, Span
from promptlang.statements.recipes import SharedRecipe
from promptlang.tables.options.table import option
from promptlang_lsp.features.names.moved_files import renamed_wildcard
from promptlang_lsp.features.names.names import (
    NameUse,
    is_shared,
    meaning_it,
    name_at,
    names_in,
    places,
    project_names,
    recipes,
    shared,
)
from promptlang_lsp.features.names.places import local, option_at
from promptlang_lsp.protocol import boundary
from promptlang_lsp.protocol.words import REQUEST_FAILED, Json, RequestError
from promptlang_lsp.texts.page import Page

READ, WRITE = 2, 3
NAME = re.compile(r"[^\s<>:,#\"/|(){}\[\]]+")


def definition(page: Page, offset: int) -> Json:
    """Where a recipe is written, where the project file names a concept, or the file that a path or wildcard means."""
    use = name_at(page, offset)
    if use is None:
        return None if page.snapshot.is_project_file else _file_at(page, offset)
    if use.kind == "recipe":
        index = recipes(page).get(use.name.lower())
        label = None if index is None else page.snapshot.pieces[index].scan.label
        if other := shared(page, use.name.lower()):
            return _shared_place(page, use, other)
        if index is None or label is None:
            return None
        return _link(page, use, page.snapshot.uri, page.snapshot.range(index, label.span), None)
    if use.kind == "wildcard":
        file = wildcard_file(page, use.name)
        return _link(page, use, boundary.uri_of(file), _START, None) if file else None
    for path, span, text in _named_in_project(page, use.name):
        return _link(page, use, boundary.uri_of(path), _range_in(text, span, page), None)
    known = page.project.known(use.name)
    target = known.path if known else None
    if target is not None and target.exists():
        return _link(page, use, boundary.uri_of(target), _START, None)
    return None


def _shared_place(page: Page, use: NameUse, recipe: SharedRecipe) -> Json:
    """Where the recipe of another file stands in it, as it was read."""
    try:
        text = read_text(recipe.path).source.text
    except OSError:
        return None
    return _link(page, use, boundary.uri_of(recipe.path), _range_in(text, recipe.span, page), None)


_START = {"start": {"line": 0, "character": 0}, "end": {"line": 0, "character": 0}}


def _link(page: Page, use: NameUse, uri: str, place: Json, whole: Json) -> Json:
    if not page.client.links:
        return {"uri": uri, "range": place}
    origin = page.snapshot.file_range(use.span)
    link: Json = {
        "originSelectionRange": origin,
        "targetUri": uri,
        "targetRange": whole or place,
        "targetSelectionRange": place,
    }
    return [link]


def _range_in(text: str, span: Span, page: Page) -> Json:
    starts = Source(text).line_starts
    start, end = boundary.positions(text, starts, (span.start, span.end), page.snapshot.encoding)
    return boundary.wire_range(start, end)


def _named_in_project(page: Page, name: str) -> Iterator[tuple[Path, Span, str]]:
    """Where the project file gives a concept its name: file, place of the name and text of the file."""
    file = page.project.file
    if file is None:
        return
    text = page.project_text
    if text is None:
        try:
            text = read_bytes(file).decode("utf-8-sig")
        except (OSError, UnicodeDecodeError):
            return
    for found, span in project_names(text):
        if found.lower() == name.lower():
            yield file, span, text


def references(pages: Iterable[Page], page: Page, offset: int, *, declaration: bool) -> list[Json]:
    """Every use of a name in all `pages` that mean the same by it, and what names it."""
    use = name_at(page, offset)
    if use is None:
        return []
    if use.kind == "recipe":
        found = ((other, each) for other in meaning_it(pages, page, use.name.lower()) for each in places(other, use))
        return [_location(other, each) for other, each in found if declaration or not each.defines]
    found = [_location(other, each) for other in pages if other.snapshot.is_read for each in places(other, use)]
    if use.kind == "wildcard":
        file = wildcard_file(page, use.name)
        return [*found, {"uri": boundary.uri_of(file), "range": _START}] if file and declaration else found
    if declaration:
        found += (
            {"uri": boundary.uri_of(path), "range": _range_in(text, span, page)}
            for path, span, text in _named_in_project(page, use.name)
        )
    return found


def _location(page: Page, use: NameUse) -> Json:
    return {"uri": page.snapshot.uri, "range": page.snapshot.file_range(use.span)}


def highlights(page: Page, offset: int) -> list[Json]:
    """The places of a name in this file, or the other uses of an option in this statement."""
    use = name_at(page, offset)
    if use is not None:
        return [
            {"range": page.snapshot.file_range(each.span), "kind": WRITE if each.defines else READ}
            for each in places(page, use)
        ]
    if page.snapshot.is_project_file:
        return []
    index, at = local(page, offset)
    here = option_at(page, index, at)
    if here is None:
        return []
    uses = page.statement(index).options
    return [
        {"range": page.snapshot.range(index, each.name_span), "kind": READ} for each in uses if each.name == here.name
    ]


def prepare_rename(page: Page, offset: int) -> Json:
    """What would be renamed, None where there is no name, refused for a name that is not the project's to change."""
    use = name_at(page, offset)
    if use is None:
        return None
    _changeable(page, use)
    return {"range": page.snapshot.file_range(use.span), "placeholder": use.name}


def _changeable(page: Page, use: NameUse) -> None:
    if use.kind == "wildcard":
        file = wildcard_file(page, use.name)
        if file is None or file.suffix != ".txt":
            where = f"`{file.name}`" if file else "its file"
            raise RequestError(REQUEST_FAILED, f"`{use.name}` cannot be renamed here: it is a key in {where}")
        if not page.client.renames_files:
            raise RequestError(REQUEST_FAILED, "this editor lets no server rename files: rename the file itself")
    if use.kind == "concept" and not any(_named_in_project(page, use.name)):
        known = page.project.known(use.name)
        why = "its name is that of its file" if known and known.path else "the project file does not name it"
        raise RequestError(REQUEST_FAILED, f"`{use.name}` cannot be renamed here: {why}")


def rename(pages: Iterable[Page], page: Page, offset: int, name: str) -> Json:
    """The edits that give a recipe, a concept or a wildcard another name, in the project and its files too."""
    use = name_at(page, offset)
    if use is None:
        return None
    _changeable(page, use)
    if use.kind == "wildcard":
        return renamed_wildcard(pages, page, use.name, name.strip("_").strip("/"))
    name = name.removeprefix("#") if use.kind == "recipe" else name.strip("<>")
    if not NAME.fullmatch(name):
        raise RequestError(REQUEST_FAILED, f"`{name[:40]}` cannot be a name: blanks and the signs of prompts are not")
    naming = meaning_it(pages, page, use.name.lower()) if use.kind == "recipe" else list(pages)
    given = name.lower()
    if given != use.name.lower() and (
        (use.kind == "recipe" and any(given in each.surroundings.recipes.names for each in naming))
        or (use.kind == "concept" and page.project.known(name))
    ):
        raise RequestError(REQUEST_FAILED, f"`{name}` is taken")
    changes: dict[str, list[Json]] = {}
    for other in naming:
        if not other.snapshot.is_read:
            continue  # the project file itself, whose names are changed below
        edits: list[Json] = [
            {"range": other.snapshot.file_range(each.span), "newText": name} for each in places(other, use)
        ]
        if edits:
            changes[other.snapshot.uri] = edits
    if use.kind == "concept":
        for path, span, text in _named_in_project(page, use.name):
            written = name if text[span.start - 1] in "\"'" or re.fullmatch(r"[\w-]+", name, re.ASCII) else f'"{name}"'
            changes[boundary.uri_of(path)] = [{"range": _range_in(text, span, page), "newText": written}]
    return {"changes": changes}


def linked_ranges(page: Page, offset: int) -> Json:
    """Names of a recipe that change together while one is typed, where all of them stand in one statement's sight."""
    use = name_at(page, offset)
    if use is None or use.kind != "recipe" or not any(each.defines for each in places(page, use)):
        return None
    if is_shared(page, use.name.lower()):  # those of other files would stay behind
        return None
    found = places(page, use)
    if len(found) < 2:
        return None
    return {
        "ranges": [page.snapshot.file_range(each.span) for each in found],
        "wordPattern": r"[^\s<>:,#\"/|(){}\[\]]+",
    }


def document_links(page: Page, index: int) -> Iterator[Json]:
    """Links of one statement: paths in options, concepts with a file, wildcards."""
    for span, path in _targets(page, index):
        yield {"range": page.snapshot.range(index, span), "target": boundary.uri_of(path), "tooltip": str(path.name)}


def _file_at(page: Page, offset: int) -> Json:
    index, at = local(page, offset)
    for span, path in _targets(page, index):
        if span.start <= at <= span.end:
            return {"uri": boundary.uri_of(path), "range": _START}
    return None


def _targets(page: Page, index: int) -> Iterator[tuple[Span, Path]]:
    """Places of a statement that mean a file which is there; nothing outside the project is linked by a path."""
    statement = page.statement(index)
    root = page.project.root or (page.path.parent if page.path else None)
    for use in statement.options:
        if (row := option(use.name)) and row.is_path and use.value and root and "\0" not in use.value:
            path = (root / use.value).resolve()
            if path.is_relative_to(root.resolve()) and path.is_file():
                yield use.value_span, path
    start = page.snapshot.starts[index]
    for name in names_in(page, index):
        known = page.project.known(name.name) if name.kind == "concept" else None
        if known and known.path and known.path.exists():
            yield name.span.moved(-start), known.path
        elif name.kind == "wildcard" and (path := wildcard_file(page, name.name)):
            yield Span(name.span.start - 2, name.span.end + 2).moved(-start), path


def wildcard_file(page: Page, name: str) -> Path | None:
    """The file that a wildcard of that whole name stands in."""
    from promptlang_lsp.texts.wildcards import wildcard_files

    return wildcard_files(page.project.wildcards).get(name)
