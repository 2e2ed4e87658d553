"""Code actions: every fix of the compiler, fix all, silence a rule, and rewrites of the text at the cursor."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from promptlang.diagnostics import Diagnostic, Edit, Fix
from promptlang.source import Source, Span
from promptlang_lsp import boundary
from promptlang_lsp.legend import EXTRACT, FIX_ALL, INLINE, QUICK_FIX, REWRITE
from promptlang_lsp.page import Page
from promptlang_lsp.protocol import Json

Action = dict[str, Json]
ReadFile = Callable[[Path], str | None]


def code_actions(page: Page, span: Span, only: Sequence[str], read: ReadFile) -> list[Action]:
    """The actions for a selection; `only` are the kinds asked for, all but "fix all" where it is empty.

    `read` gives the text of another file as it stands in the editor or on disk.
    """
    actions: list[Action] = []
    if _wanted(QUICK_FIX, only):
        actions += _quick_fixes(page, span, read)
    if _wanted(FIX_ALL, only) and only:
        actions += _fix_all(page)
    rewrites = (REWRITE, EXTRACT, INLINE)
    if any(_wanted(kind, only) for kind in rewrites):
        from promptlang_lsp.features.refactorings import refactorings

        for title, kind, edits in refactorings(page, span):
            if _wanted(kind, only):
                actions.append(_action(page, title, kind, edits))
    return actions


def _wanted(kind: str, only: Sequence[str]) -> bool:
    return not only or any(kind == each or kind.startswith(f"{each}.") for each in only)


def _action(page: Page, title: str, kind: str, edits: Sequence[Edit]) -> Action:
    return {"title": title, "kind": kind, "edit": workspace_edit(page, edits)}


def workspace_edit(page: Page, edits: Sequence[Edit]) -> Json:
    """Edits of one text, for its present version where the client can tell versions."""
    changes = text_edits(page, edits)
    if page.client.edits_documents:
        document = {"uri": page.snapshot.uri, "version": page.snapshot.version}
        return {"documentChanges": [{"textDocument": document, "edits": changes}]}
    return {"changes": {page.snapshot.uri: changes}}


def text_edits(page: Page, edits: Sequence[Edit]) -> list[Json]:
    """Edits as the protocol writes them, with the line ends of the text."""
    end = line_end(page)
    return [
        {"range": page.snapshot.file_range(edit.span), "newText": edit.text.replace("\n", end)}
        for edit in dict.fromkeys(edits)
    ]


def line_end(page: Page) -> str:
    """The line end of a text: that of its first line."""
    first = page.snapshot.pieces[0].text
    return next((end for end in ("\r\n", "\n", "\r") if end in first), "\n")


# --- fixes ------------------------------------------------------------------------------------------------------------


def _quick_fixes(page: Page, span: Span, read: ReadFile) -> Iterator[Action]:
    """The fixes of the diagnostics that the selection touches, the safe ones first, then the ways to silence them."""
    from promptlang_lsp.features.diagnostics import _placed, findings

    first, last = page.snapshot.index_at(span.start), page.snapshot.index_at(span.end)
    silenced: dict[str, tuple[Diagnostic, Json]] = {}
    preferred = True
    for index in range(first, last + 1):
        start = page.snapshot.starts[index]
        for diagnostic in findings(page, index):
            found = diagnostic.moved(start)
            if found.label.span.start > span.end or found.label.span.end < span.start:
                continue
            written = _placed(page, found)
            for fix in sorted(found.fixes, key=lambda fix: not fix.safe):
                yield _fixing(page, fix, written, preferred=preferred and fix.safe)
                preferred = preferred and not fix.safe
            silenced.setdefault(found.rule.name, (found, written))
    for diagnostic, written in silenced.values():
        yield from _silencing(page, diagnostic, written, read)


def _fixing(page: Page, fix: Fix, diagnostic: Json, *, preferred: bool) -> Action:
    action = _action(page, fix.title if fix.safe else f"{fix.title} (may change the picture)", QUICK_FIX, fix.edits)
    action["diagnostics"] = [diagnostic]
    if preferred:
        action["isPreferred"] = True
    return action


def _fix_all(page: Page) -> Iterator[Action]:
    edits = all_fixes(page)
    if edits:
        yield _action(page, "Fix everything that is safe to fix", FIX_ALL, edits)


def all_fixes(page: Page) -> tuple[Edit, ...]:
    """The edits of every fix that can be made together."""
    from promptlang.fixes import chosen
    from promptlang_lsp.features.diagnostics import findings

    found = [
        diagnostic.moved(start)
        for index, start, _ in page.snapshot.placed()
        for diagnostic in findings(page, index)
        if diagnostic.fixes
    ]
    return tuple(edit for fix in chosen(found, unsafe=page.configuration.unsafe_fixes) for edit in fix.edits)


# --- silence ----------------------------------------------------------------------------------------------------------


def _silencing(page: Page, diagnostic: Diagnostic, written: Json, read: ReadFile) -> Iterator[Action]:
    rule = diagnostic.rule.name
    snapshot = page.snapshot
    index = snapshot.index_at(diagnostic.label.span.start)
    piece, at = snapshot.pieces[index], diagnostic.label.span.start - snapshot.starts[index]
    line = max(start for start in piece.line_starts if start <= at)
    indent = piece.text[line:at][: len(piece.text[line:at]) - len(piece.text[line:at].lstrip(" \t"))]
    here = snapshot.starts[index] + line
    comment = f"{indent}# promptlang: ignore[{rule}]\n"
    actions = [
        _action(page, f"Ignore `{rule}` on this line", QUICK_FIX, (Edit(Span(here, here), comment),)),
        _action(
            page, f"Ignore `{rule}` in this file", QUICK_FIX, (_at_top(page, f"# promptlang: ignore-file[{rule}]\n"),)
        ),
    ]
    if page.project.file:
        text = read(page.project.file)
        if text is not None:
            edit = _in_project(page, page.project.file, text, rule)
            actions.append({"title": f"Ignore `{rule}` in this project", "kind": QUICK_FIX, "edit": edit})
    for action in actions:
        action["diagnostics"] = [written]
        yield action


def _at_top(page: Page, text: str) -> Edit:
    start = 1 if page.snapshot.pieces[0].text.startswith("\ufeff") else 0
    return Edit(Span(start, start), text)


def _in_project(page: Page, file: Path, text: str, rule: str) -> Json:
    """The edit that switches a rule off in the project file, under `[rules]`."""
    source = Source(text)
    line = f'"{rule}" = "off"\n'
    place = len(text)
    new = f"{'' if not text or text.endswith(chr(10)) else chr(10)}\n[rules]\n{line}"
    for number, start in enumerate(source.line_starts, 1):
        if source.line(number).split("#")[0].strip() == "[rules]":
            ends = number >= len(source.line_starts)
            place = len(text) if ends else source.line_starts[number]
            new = f"\n{line}" if ends else line
            break
        del start
    (at,) = boundary.positions(text, source.line_starts, (place,), page.snapshot.encoding)
    return {"changes": {boundary.uri_of(file): [{"range": boundary.wire_range(at, at), "newText": new}]}}
