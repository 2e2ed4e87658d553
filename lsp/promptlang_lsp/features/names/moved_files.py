"""What prompts, wildcards and the project file must say when a file gets another name or place."""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Iterable, Iterator
from os.path import relpath
from pathlib import Path

from promptlang.config.places import places_if_read
from promptlang.files import read_bytes
from promptlang.models.names import is_model, name_of
from promptlang.source import Source, Span
from promptlang.tables.options.table import option
from promptlang_lsp.features.names.names import names_in
from promptlang_lsp.protocol import boundary
from promptlang_lsp.protocol.words import REQUEST_FAILED, Json, RequestError
from promptlang_lsp.texts.page import Page
from promptlang_lsp.texts.wildcards import wildcard_files, wildcard_folder

Changes = dict[str, list[Json]]
WILDCARD = re.compile(r"[\w\-]+(?:[ .\w\-]*[\w\-])?(?:/[\w\-]+(?:[ .\w\-]*[\w\-])?)*")
LARGEST = 4_000_000  # bytes of a wildcard file that is looked through


def moved(pages: Iterable[Page], old: Path, new: Path) -> Changes:
    """The edits by URI; of the project and its wildcards each file once."""
    changes: Changes = {}
    seen: set[Path | None] = set()
    for page in pages:
        if page.snapshot.is_read:
            for span, text in _in_prompts(page, old, new):
                place = page.snapshot.file_range(span)
                changes.setdefault(page.snapshot.uri, []).append({"range": place, "newText": text})
        if page.project.file not in seen:
            seen.add(page.project.file)
            for path, whole, edits in (*_in_project(page, old, new), *_in_wildcards(page, old, new)):
                changes.setdefault(boundary.uri_of(path), []).extend(_wire(page, whole, edits))
    return changes


def renamed_wildcard(pages: Iterable[Page], page: Page, called: str, name: str) -> Json:
    """The file gets the name, and so do all places that call it, in prompts and in other wildcards."""
    old = wildcard_files(page.project.wildcards).get(called)
    folder = wildcard_folder(page.project.wildcards, old) if old else None
    if old is None or folder is None:
        return None
    if not WILDCARD.fullmatch(name) or "__" in name:
        raise RequestError(
            REQUEST_FAILED, f"`{name[:40]}` cannot be a wildcard: write letters, digits, `-`, `_` and `/`"
        )
    new = folder / f"{name}{old.suffix}"
    if new.exists():
        raise RequestError(REQUEST_FAILED, f"`{name}` is taken")
    changes = moved(pages, old, new)
    edits: list[Json] = [
        {"textDocument": {"uri": uri, "version": None}, "edits": some} for uri, some in changes.items()
    ]
    renaming = {"kind": "rename", "oldUri": boundary.uri_of(old), "newUri": boundary.uri_of(new)}
    return {"documentChanges": [*edits, renaming]}


def _wire(page: Page, text: str, edits: Iterable[tuple[Span, str]]) -> Iterator[Json]:
    starts = Source(text).line_starts
    for span, new in edits:
        start, end = boundary.positions(text, starts, (span.start, span.end), page.snapshot.encoding)
        yield {"range": boundary.wire_range(start, end), "newText": new}


# --- prompts ----------------------------------------------------------------------------------------------------------


def _in_prompts(page: Page, old: Path, new: Path) -> Iterator[tuple[Span, str]]:
    wildcard, concept = wildcard_names(page, old, new), is_model(old)
    root = page.project.root or (page.path.parent if page.path else None)
    for index, piece in enumerate(page.snapshot.pieces):
        start = page.snapshot.starts[index]
        for use in names_in(page, index):
            if use.kind == "wildcard" and wildcard and use.name == wildcard[0]:
                yield use.span, wildcard[1]
            elif use.kind == "concept" and concept and (name := _concept_name(page, use.name, old, new)):
                yield use.span, name
        if "/" not in piece.text or root is None:
            continue
        for each in page.statement(index).options:
            row = option(each.name)
            if row and row.is_path and each.value and _is(root, each.value, old):
                written = _from(root, each.value, new)
                quoted = piece.text[each.value_span.start - 1 : each.value_span.start] == '"'
                yield each.value_span.moved(start), written if quoted or " " not in written else f'"{written}"'


def wildcard_names(page: Page, old: Path, new: Path) -> tuple[str, str] | None:
    """The name of a text file of a wildcard folder, and the one it has then; None where it is none or leaves them."""
    if old.suffix != ".txt" or new.suffix != ".txt":
        return None
    name = next((name for name, path in wildcard_files(page.project.wildcards).items() if path == old), None)
    folder = wildcard_folder(page.project.wildcards, new)
    return (name, new.relative_to(folder).with_suffix("").as_posix()) if name and folder else None


def _concept_name(page: Page, written: str, old: Path, new: Path) -> str:
    """How a prompt calls a model file then, that no line of the project names; empty where another one is meant."""
    if written.lower() in page.project.by_name:
        return ""
    known = page.project.known(written)
    if known is None or known.path != old:
        return ""
    ending = new.suffix if written.lower().endswith(old.suffix) else ""
    name = f"{name_of(new)}{ending}"
    depth = written.count("/")
    return "/".join((*new.parts[-1 - depth : -1], name)) if depth else name


# --- the project ------------------------------------------------------------------------------------------------------


def _in_project(page: Page, old: Path, new: Path) -> Iterator[tuple[Path, str, list[tuple[Span, str]]]]:
    """Paths in the project file, as it writes them: from there, or from the root of all."""
    file = page.project.file
    text = page.project_text if file and page.project_text is not None else _read(file)
    if file is None or text is None:
        return
    edits: list[tuple[Span, str]] = []
    for place in places_if_read(text).values():
        value = _string(text[place.value.start : place.value.end])
        if value and _is(file.parent, value, old):
            edits.append((place.value, json.dumps(_from(file.parent, value, new), ensure_ascii=False)))
    if edits:
        yield file, text, sorted(set(edits))


def _string(written: str) -> str:
    if not written.startswith(('"', "'")):
        return ""
    try:
        value = tomllib.loads(f"x = {written}")["x"]
    except (ValueError, KeyError):
        return ""
    return value if isinstance(value, str) else ""


def _is(folder: Path, written: str, path: Path) -> bool:
    return "\0" not in written and written.endswith(path.name) and (folder / written).resolve() == path.resolve()


def _from(folder: Path, written: str, path: Path) -> str:
    return str(path) if Path(written).is_absolute() else Path(relpath(path, folder)).as_posix()


def _in_wildcards(page: Page, old: Path, new: Path) -> Iterator[tuple[Path, str, list[tuple[Span, str]]]]:
    """Wildcards whose values call the one that is renamed by its whole name."""
    names = wildcard_names(page, old, new)
    if names is None:
        return
    called = re.compile(rf"(?<=__){re.escape(names[0])}(?=__)")
    for path in dict.fromkeys(wildcard_files(page.project.wildcards).values()):
        text = _read(path) or ""
        if edits := [(Span(*found.span()), names[1]) for found in called.finditer(text)]:
            yield path, text, edits


def _read(path: Path | None) -> str | None:
    try:
        return read_bytes(path, LARGEST).decode("utf-8-sig") if path else None
    except (OSError, UnicodeDecodeError):
        return None
