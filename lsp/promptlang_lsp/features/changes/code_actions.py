"""Code actions: every fix of the compiler, fix all, silence a rule, and rewrites of the text at the cursor."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from typing import TYPE_CHECKING

from promptlang.diagnostics import Diagnostic, Edit, Fix
from promptlang.source import Span
from promptlang_lsp.features.changes.edits import Action, action, workspace_edit
from promptlang_lsp.features.changes.helped import helped
from promptlang_lsp.features.changes.silencing import ReadFile, silencing
from promptlang_lsp.protocol.legend import EXTRACT, FIX_ALL, QUICK_FIX
from promptlang_lsp.protocol.words import Json, Params, Steps, Work
from promptlang_lsp.texts.page import Page

if TYPE_CHECKING:
    from promptlang_lsp.features.changes.refactorings import Refactoring

LONGEST = 20_000  # code points of a statement that is rewritten as a whole
LONGEST_MENU = 4  # refactorings where nobody asked for one kind of them
MOST_MENDED = 100  # findings whose fixes a menu shows: a selection may touch thousands

Failed = Callable[[Exception, str], None]
Provider = Callable[[], Iterable[Action | None]]  # None where others may be answered meanwhile


def code_actions(
    page: Page,
    span: Span,
    only: Sequence[str],
    read: ReadFile,
    failed: Failed | None = None,
    *,
    automatic: bool = False,
) -> Steps[list[Action]]:
    """The actions for a selection, in steps; `only` are the kinds asked for, all but "fix all" where it is empty.

    Of refactorings there are a few, those that fit the place best; who asks for a kind such as `refactor.rewrite` gets
    all of it.

    `automatic` says that nobody asked: the cursor has only moved, so what takes a while is left out.

    `read` gives the text of another file as it stands in the editor or on disk. `failed` is told which provider made a
    mistake, and the others' actions are given all the same; without it the mistake is raised.
    """
    from promptlang_lsp.features.changes.refactorings import REFACTORINGS

    length = len(page.snapshot.pieces[page.snapshot.index_at(span.start)].text)
    is_asked = not automatic and length <= LONGEST
    providers: list[tuple[str, str, Provider]] = [
        ("quick fixes", QUICK_FIX, lambda: _quick_fixes(page, span, read)),
        *(
            (each.name, each.kind, partial(_rewrites, page, span, each))
            for each in REFACTORINGS
            if (each.quick or is_asked) and (span.end > span.start or not each.selects)
        ),
    ]
    if is_asked and span.end > span.start and page.client.creates_files:
        providers.append(("extract to a wildcard", EXTRACT, lambda: _wildcard(page, span, read)))
    if only:
        providers.append(("fix all", FIX_ALL, lambda: _fix_all(page)))
    actions: list[Action] = []
    room = LONGEST_MENU if all(kind.count(".") == 0 for kind in only) else None
    for name, kind, provider in providers:
        is_refactoring = kind.startswith("refactor")
        if not _wanted(kind, only) or (is_refactoring and room == 0):
            continue
        found: list[Action] = []
        try:
            for each in provider():
                if each is None:
                    yield
                else:
                    found.append(each)
            actions += found
            if is_refactoring and room is not None:
                room = max(room - len(found), 0)
        except Exception as failure:
            if failed is None:
                raise
            failed(failure, name)
    return actions


def _rewrites(page: Page, span: Span, refactoring: Refactoring) -> Iterator[Action]:
    for title, kind, edits in refactoring.find(page, span):
        yield action(page, title, kind, edits)


def _wildcard(page: Page, span: Span, read: ReadFile) -> Iterable[Action]:
    from promptlang_lsp.features.changes.extractions import wildcard_extraction

    return wildcard_extraction(page, span, read)


def _wanted(kind: str, only: Sequence[str]) -> bool:
    return not only or any(kind == each or kind.startswith(f"{each}.") for each in only)


# --- fixes ------------------------------------------------------------------------------------------------------------


def _quick_fixes(page: Page, span: Span, read: ReadFile) -> Iterator[Action | None]:
    """The fixes of the diagnostics that the selection touches, the safe ones first, then the ways to silence them."""
    from promptlang_lsp.features.display.diagnostics import findings, placed

    silenced: dict[str, tuple[Diagnostic, Json]] = {}
    preferred = True
    touched = yield from findings(page, span)
    for found in touched[:MOST_MENDED]:
        yield
        written = placed(page, found)
        for fix in sorted(found.fixes, key=lambda fix: not fix.safe):
            yield _fixing(page, fix, written, preferred=preferred and fix.safe)
            preferred = preferred and not fix.safe
        yield from helped(page, found, written, read)
        silenced.setdefault(found.rule.name, (found, written))
    for diagnostic, written in silenced.values():
        yield from silencing(page, diagnostic, written, read)


def _fixing(page: Page, fix: Fix, diagnostic: Json, *, preferred: bool) -> Action:
    title = fix.title if fix.safe else f"{fix.title} (may change the picture)"
    fixing = {**action(page, title, QUICK_FIX, fix.edits), "diagnostics": [diagnostic]}
    return fixing | {"isPreferred": True} if preferred else fixing


def _fix_all(page: Page) -> Iterator[Action | None]:
    """Where the client asks for edits later: whether they go together takes a check of the whole text."""
    title = "Fix everything that is safe to fix"
    if page.client.resolves_edits and (yield from _chosen_edits(page)):
        yield {"title": title, "kind": FIX_ALL, "data": page.snapshot.uri}
    elif not page.client.resolves_edits and (edits := (yield from all_fixes(page))):
        yield action(page, title, FIX_ALL, edits)


def resolved(page: Page, chosen: Params) -> Work:
    """The action with its edit; without one where the text has no fixes any more, or none that go together."""
    edits = yield from all_fixes(page)
    return {**chosen, "edit": workspace_edit(page, edits)} if edits else chosen


def _chosen_edits(page: Page) -> Steps[tuple[Edit, ...]]:
    from promptlang.fixes import chosen

    found = yield from _everything(page)
    yield
    return tuple(edit for fix in chosen(found, unsafe=page.configuration.unsafe_fixes) for edit in fix.edits)


def _everything(page: Page) -> Steps[list[Diagnostic]]:
    from promptlang_lsp.features.display.diagnostics import findings

    return (yield from findings(page, Span(0, len(page.snapshot))))


def all_fixes(page: Page) -> Steps[tuple[Edit, ...]]:
    """The edits of every fix that can be made together; none where fixes keep calling for each other.

    Whether they do is seen in the text after them: of its statements those are looked at that the fixes change.
    """
    from promptlang.fixes import applied, fixing

    edits = yield from _chosen_edits(page)
    if not edits:
        return ()
    yield
    rest = fixing(applied(page.snapshot.text, edits), unsafe=page.configuration.unsafe_fixes)
    text = next(rest)
    while True:
        yield
        page = page.with_text(text)
        if not page.snapshot.is_read:
            return ()  # with the fixes it would be somebody else's text, or too long for anybody to wait
        found = yield from _everything(page)
        try:
            text = rest.send(tuple(found))
        except StopIteration as stop:
            return edits if stop.value.settled else ()
