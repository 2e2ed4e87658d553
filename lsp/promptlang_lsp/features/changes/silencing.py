"""Ways to silence a rule: on a line, in a file, in the project."""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Iterator
from pathlib import Path

from promptlang.diagnostics import Diagnostic, Edit
from promptlang.source import Source, Span
from promptlang_lsp.features.changes.edits import Action, action
from promptlang_lsp.protocol import boundary
from promptlang_lsp.protocol.legend import QUICK_FIX
from promptlang_lsp.protocol.words import Json
from promptlang_lsp.texts.page import Page

ReadFile = Callable[[Path], str | None]


def silencing(page: Page, diagnostic: Diagnostic, written: Json, read: ReadFile) -> Iterator[Action]:
    """The actions that silence the rule of a diagnostic, which `written` is for the client."""
    rule = diagnostic.rule.name
    if not _in_comment(page, diagnostic.label.span):  # comments speak for what is none
        for title, edit in (
            (f"Ignore `{rule}` on this line", _above(page, diagnostic.label.span, f"# promptlang: ignore[{rule}]\n")),
            (f"Ignore `{rule}` in this file", _at_top(page, f"# promptlang: ignore-file[{rule}]\n")),
        ):
            yield {**action(page, title, QUICK_FIX, (edit,)), "diagnostics": [written]}
    file = page.project.file
    text = read(file) if file else None
    edit = switched_off(text, rule) if text is not None else None
    if file and text is not None and edit:
        title = f"Ignore `{rule}` in this project"
        yield {**project_action(page, title, file, text, edit), "diagnostics": [written]}


def project_action(page: Page, title: str, file: Path, text: str, edit: Edit) -> Action:
    """A quick fix that edits the project file, which has that text now."""
    changes = {boundary.uri_of(file): [placed_edit(page, text, edit)]}
    return {"title": title, "kind": QUICK_FIX, "edit": {"changes": changes}}


def _in_comment(page: Page, span: Span) -> bool:
    index = page.snapshot.index_at(span.start)
    at = span.start - page.snapshot.starts[index]
    return any(each.span.start <= at < each.span.end for each in page.statement(index).comments)


def _above(page: Page, span: Span, comment: str) -> Edit:
    """A comment on a line of its own above the line where a span begins, indented like it."""
    index = page.snapshot.index_at(span.start)
    piece, start = page.snapshot.pieces[index], page.snapshot.starts[index]
    line = max(each for each in piece.line_starts if each <= span.start - start)
    written = piece.text[line : span.start - start].lstrip("\ufeff")
    indent = written[: len(written) - len(written.lstrip(" \t"))]
    here = max(start + line, _top(page))
    return Edit(Span(here, here), f"{indent}{comment}")


def _at_top(page: Page, text: str) -> Edit:
    return Edit(Span(_top(page), _top(page)), text)


def _top(page: Page) -> int:
    """Where a file's text begins: behind a byte order mark."""
    return 1 if page.snapshot.pieces[0].text.startswith("\ufeff") else 0


def placed_edit(page: Page, text: str, edit: Edit) -> Json:
    """An edit of another text as the protocol writes it."""
    starts = Source(text).line_starts
    start, end = boundary.positions(text, starts, (edit.span.start, edit.span.end), page.snapshot.encoding)
    return {"range": boundary.wire_range(start, end), "newText": edit.text}


def switched_off(text: str, rule: str) -> Edit | None:
    """The edit that switches a rule off in a project file, under `[rules]`; None where that cannot be written."""
    from promptlang.config.bounds import beyond

    edit = _switched_off(text, rule)
    written = text[: edit.span.start] + edit.text + text[edit.span.end :]
    try:
        after = tomllib.loads(written) if beyond(written) is None else {}
        return edit if after["rules"][rule] == "off" else None
    except (ValueError, KeyError, TypeError, RecursionError):
        return None  # half written, or a table in a form that nobody uses


def _switched_off(text: str, rule: str) -> Edit:
    from promptlang.config.places import line_under, places_if_read

    known = places_if_read(text).get(("rules", rule))
    if known:
        return Edit(known.value, '"off"')
    return line_under(text, "rules", f'"{rule}" = "off"')
