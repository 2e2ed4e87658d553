"""The table of messages. A handler reads its parameters, fetches the page and hands over to a feature."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import partial
from importlib import import_module
from types import ModuleType
from typing import TYPE_CHECKING

from promptlang_lsp.protocol import boundary, wire
from promptlang_lsp.protocol.words import Handler, Json, Params, Work
from promptlang_lsp.session.progress import FIXING

if TYPE_CHECKING:
    from promptlang_lsp.session.session import Session
    from promptlang_lsp.texts.page import Page

AUTOMATIC = 2  # the kind of trigger when the cursor has moved and an editor looks for code actions
INVOKED = 1  # the kind of trigger when somebody asks for completion or a signature
Feature = Callable[..., Json]
Each = Callable[["Page", int], Iterable[Json]]  # of one statement


def requests(session: Session) -> Mapping[str, Handler]:
    """Every request that is answered."""
    at = _AtOffset(session)
    broken: set[str] = set()  # what has failed before: it is logged once
    return {
        "initialize": session.initialize,
        "shutdown": session.shutdown,
        "textDocument/completion": lambda params: _completion(session, params),
        "completionItem/resolve": lambda params: _resolved(session, params),
        "textDocument/hover": at("hover.hover", "hover", names=True),
        "textDocument/signatureHelp": lambda params: _signature(session, params),
        "textDocument/definition": at("names.navigation", "definition", names=True),
        "textDocument/declaration": at("names.declaration", "declaration"),
        "textDocument/documentHighlight": at("names.navigation", "highlights", names=True),
        "textDocument/references": lambda params: _references(session, params),
        "textDocument/prepareRename": at("names.navigation", "prepare_rename", names=True),
        "textDocument/rename": lambda params: _rename(session, params),
        "textDocument/inlineCompletion": at("completion.inline", "inline_completion"),
        "textDocument/prepareCallHierarchy": at("names.calls", "prepare"),
        "callHierarchy/incomingCalls": lambda params: _calls(session, params, "incoming"),
        "callHierarchy/outgoingCalls": lambda params: _calls(session, params, "outgoing"),
        "textDocument/linkedEditingRange": at("names.navigation", "linked_ranges"),
        "textDocument/documentLink": _each(session, "names.navigation", "document_links"),
        "textDocument/documentSymbol": _each(session, "names.structure", "symbols"),
        "workspace/symbol": lambda params: _workspace_symbols(session, params),
        "textDocument/foldingRange": _each(session, "names.structure", "folds"),
        "textDocument/selectionRange": lambda params: _selections(session, params),
        "textDocument/inlayHint": _each(session, "display.inlay_hints", "inlay_hints", ranged=True),
        "inlayHint/resolve": lambda params: _feature("display.inlay_hints", "resolved")(params),
        "textDocument/codeLens": _each(session, "display.code_lens", "code_lenses", setting="render"),
        "textDocument/semanticTokens/full": lambda params: _semantic_tokens_full(session, params),
        "textDocument/semanticTokens/full/delta": lambda params: _semantic_tokens_delta(session, params),
        "textDocument/semanticTokens/range": lambda params: _semantic_tokens_range(session, params),
        "textDocument/codeAction": lambda params: _code_actions(session, params, broken),
        "codeAction/resolve": lambda params: _resolved_action(session, params),
        "textDocument/formatting": lambda params: _formatting(session, params),
        "textDocument/rangeFormatting": lambda params: _formatting(session, params),
        "textDocument/rangesFormatting": lambda params: _formatting(session, params),
        "textDocument/onTypeFormatting": lambda params: _on_type(session, params),
        "textDocument/diagnostic": lambda params: session.reports.pulled(
            session.workspace.page(wire.uri(params)), params
        ),
        "workspace/diagnostic": lambda params: session.reports.workspace_pulled(params),
        "workspace/willRenameFiles": lambda params: _moved(session, params),
        "workspace/executeCommand": lambda params: _execute(session, params),
    }


def notifications(session: Session) -> Mapping[str, Handler]:
    """Every notification that means something here."""
    return {
        "initialized": session.initialized,
        "textDocument/didOpen": session.opened,
        "textDocument/didChange": session.changed,
        "textDocument/didClose": session.closed,
        "textDocument/didSave": session.saved,
        "workspace/didChangeConfiguration": session.changed_settings,
        "workspace/didChangeWatchedFiles": session.files_changed,
        "workspace/didChangeWorkspaceFolders": session.folders_changed,
        "window/workDoneProgress/cancel": lambda params: _cancelled(params),
    }


def _feature(module: str, name: str) -> Feature:
    """A function of a feature, loaded when it is first needed: start-up is measured."""
    return getattr(_module(module), name)


def _module(name: str) -> ModuleType:
    return import_module(f"promptlang_lsp.features.{name}")


class _AtOffset:
    """Makes handlers of features that take a page and an offset."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def __call__(self, module: str, name: str, *, names: bool = False) -> Handler:
        fetch = self._session.naming_page if names else self._session.page

        def handler(params: Params) -> Json:
            page = fetch(wire.uri(params))
            position = wire.position(params, "position")
            return _feature(module, name)(page, page.snapshot.offset(position)) if page else None

        return handler


def _each(session: Session, module: str, name: str, *, ranged: bool = False, setting: str = "") -> Handler:
    """A handler that asks a feature about one statement after the other, in steps."""

    def handler(params: Params) -> Json | Work:
        page = session.page(wire.uri(params))
        if page is None or (setting == "render" and not page.configuration.render.lens):
            return None
        span = page.snapshot.span(*wire.range_(params, "range")) if ranged else None
        first = page.snapshot.index_at(span.start) if span else 0
        last = page.snapshot.index_at(span.end) + 1 if span else len(page.snapshot.pieces)
        return session.for_now(page, _collected(page, getattr(_module(module), name), first, last))

    return handler


def _collected(page: Page, feature: Each, first: int, last: int) -> Work:
    found: list[Json] = []
    for index in range(first, last):
        found.extend(feature(page, index))
        yield
    return found


# --- names ------------------------------------------------------------------------------------------------------------


def _references(session: Session, params: Params) -> Work:
    page = session.naming_page(wire.uri(params))
    if page is None:
        return None
    offset = page.snapshot.offset(wire.position(params, "position"))
    declaration = wire.part(params, "context", "includeDeclaration") is not False
    pages = yield from session.all_pages(page, offset)
    return _feature("names.navigation", "references")(pages, page, offset, declaration=declaration)


def _rename(session: Session, params: Params) -> Work:
    page = session.naming_page(wire.uri(params))
    if page is None:
        return None
    offset = page.snapshot.offset(wire.position(params, "position"))
    name = wire.text(params, "newName")
    pages = yield from session.all_pages(page, offset)
    return _feature("names.navigation", "rename")(pages, page, offset, name)


def _calls(session: Session, params: Params, direction: str) -> Json:
    item = wire.part(params, "item")
    page = session.page(wire.text(item, "uri"))
    if page is None:
        return None
    start, _ = wire.range_(item, "selectionRange")
    return _feature("names.calls", direction)(page, page.snapshot.index_at(page.snapshot.offset(start)))


def _mentions(words: str, text: str) -> bool:
    return words in text.lower()


def _moved(session: Session, params: Params) -> Work:
    """The edits for files that are about to be renamed."""
    from promptlang_lsp.features.names.moved_files import moved

    changes: dict[str, list[Json]] = {}
    for each in wire.array(params, "files"):
        paths = boundary.path_of(wire.text(each, "oldUri")), boundary.path_of(wire.text(each, "newUri"))
        old, new = paths
        if old is None or new is None:
            continue
        pages: list[Page] = []
        last = old.stem.lower()
        for page in session.workspace.pages(partial(_mentions, last)):
            pages += [page] if page is not None else []
            yield
        pages += session.workspace.project_pages(old)
        for uri, edits in moved(pages, old, new).items():
            changes.setdefault(uri, []).extend(edits)
    return {"changes": changes} if changes else None


def _workspace_symbols(session: Session, params: Params) -> Work:
    from promptlang_lsp.features.names.structure import holds, workspace_symbols

    query = wire.text(params, "query")
    found: list[Json] = []
    letters = query.lower()
    for page in session.workspace.pages(lambda text: holds(text.lower(), letters)):
        if page is not None:
            found.extend(workspace_symbols([page], query))
        yield
        if len(found) >= 500:
            break
    return found[:500]


def _selections(session: Session, params: Params) -> Json:
    page = session.page(wire.uri(params))
    if page is None:
        return None
    selection = _feature("names.structure", "selection")
    offsets = [page.snapshot.offset(wire.position({"at": each}, "at")) for each in wire.array(params, "positions")]
    return [selection(page, offset) for offset in offsets]


# --- semantic tokens --------------------------------------------------------------------------------------------------


def _semantic_tokens_full(session: Session, params: Params) -> Json | Work:
    page = session.page(wire.uri(params))
    return session.for_now(page, session.semantic_tokens.full(page)) if page else None


def _semantic_tokens_delta(session: Session, params: Params) -> Json | Work:
    page = session.page(wire.uri(params))
    if page is None:
        return None
    previous = wire.text(params, "previousResultId")
    return session.for_now(page, session.semantic_tokens.delta(page, previous))


def _semantic_tokens_range(session: Session, params: Params) -> Work:
    page = session.page(wire.uri(params))
    if page is None:
        return None
    from promptlang_lsp.features.display.semantic_tokens import encoding

    span = page.snapshot.span(*wire.range_(params, "range"))
    first, last = page.snapshot.index_at(span.start), page.snapshot.index_at(span.end) + 1
    data = yield from session.for_now(page, encoding(page, first, last, alone=True))
    return {"data": data.tolist()}


# --- changes ----------------------------------------------------------------------------------------------------------


def _code_actions(session: Session, params: Params, broken: set[str]) -> Json | Work:
    from promptlang_lsp.features.changes.code_actions import code_actions

    page = session.page(wire.uri(params))
    if page is None:
        return None
    only = wire.part(params, "context", "only")
    kinds = [each for each in only if isinstance(each, str)] if isinstance(only, list) else []
    span = page.snapshot.span(*wire.range_(params, "range"))

    def failed(failure: Exception, name: str) -> None:
        if name not in broken:
            broken.add(name)
            session.endpoint.crashed(failure, f"the code action `{name}`")

    automatic = wire.part(params, "context", "triggerKind") == AUTOMATIC
    read = session.workspace.text_of
    work = code_actions(page, span, kinds, read, failed, automatic=automatic)
    return session.for_now(page, work, FIXING)


def _resolved_action(session: Session, params: Params) -> Json | Work:
    from promptlang_lsp.features.changes.code_actions import resolved

    uri = params.get("data")
    page = session.page(uri) if isinstance(uri, str) else None
    return session.for_now(page, resolved(page, params), FIXING) if page else params


def _formatting(session: Session, params: Params) -> Json | Work:
    from promptlang_lsp.features.changes.formatting import formatting

    page = session.page(wire.uri(params))
    if page is None:
        return None
    spans = None
    if "ranges" in params:
        spans = [page.snapshot.span(*wire.range_(each)) for each in wire.array(params, "ranges")]
    elif "range" in params:
        spans = [page.snapshot.span(*wire.range_(params, "range"))]
    return session.for_now(page, formatting(page, spans), "Formatting")


def _on_type(session: Session, params: Params) -> Json:
    page = session.page(wire.uri(params))
    if page is None:
        return None
    return _feature("changes.formatting", "on_type")(page, page.snapshot.offset(wire.position(params, "position")))


def _completion(session: Session, params: Params) -> Json:
    page = session.naming_page(wire.uri(params))
    if page is None:
        return None
    offset = page.snapshot.offset(wire.position(params, "position"))
    if page.snapshot.is_project_file:
        return _feature("completion.project_items", "project_completion")(page, offset)
    invoked = wire.part(params, "context", "triggerKind") in (None, INVOKED)
    return _feature("completion.completion", "completion")(page, offset, invoked=invoked)


def _signature(session: Session, params: Params) -> Json:
    page = session.page(wire.uri(params))
    if page is None:
        return None
    offset = page.snapshot.offset(wire.position(params, "position"))
    invoked = wire.part(params, "context", "triggerKind") in (None, INVOKED)
    return _feature("completion.signature", "signature_help")(page, offset, invoked=invoked)


def _resolved(session: Session, params: Params) -> Json:
    return _feature("completion.completion", "resolved")(params, session.workspace.project)


def _execute(session: Session, params: Params) -> Json | Work:
    from promptlang_lsp.session.commands import execute

    return execute(session, params)


def _cancelled(params: Params) -> None:
    from promptlang_lsp.session.progress import cancelled

    cancelled(params.get("token"))
