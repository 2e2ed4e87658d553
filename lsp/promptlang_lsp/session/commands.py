"""Commands of the server, which editors run from a lens, a key or a menu."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from promptlang_lsp.protocol import legend, wire
from promptlang_lsp.protocol.words import INVALID_PARAMS, REQUEST_FAILED, Json, Params, RequestError, Work
from promptlang_lsp.session.progress import FIXING

if TYPE_CHECKING:
    from promptlang_lsp.session.session import Session
    from promptlang_lsp.texts.page import Page

Run = Callable[["Session", list[Json]], "Json | Work"]


def execute(session: Session, params: Params) -> Json | Work:
    """Run the command that the client names."""
    name = wire.text(params, "command")
    run = RUNS.get(name)
    if run is None:
        raise RequestError(INVALID_PARAMS, f"`{name[:60]}` is not a command of this server")
    arguments = params.get("arguments")
    return run(session, arguments if isinstance(arguments, list) else [])


def _page(session: Session, arguments: list[Json]) -> Page:
    """The text that the first argument names."""
    if not arguments or not isinstance(arguments[0], str):
        raise RequestError(INVALID_PARAMS, "the first argument must be the URI of a text")
    page = session.page(arguments[0])
    if page is None:
        raise RequestError(REQUEST_FAILED, "the text is not open, or not a promptlang text")
    return page


def _statement(page: Page, arguments: list[Json]) -> int:
    """The number of the statement at the line that the second argument gives."""
    line = arguments[1] if len(arguments) > 1 else 0
    if isinstance(line, bool) or not isinstance(line, int):
        raise RequestError(INVALID_PARAMS, "the second argument must be a line number")
    return page.snapshot.index_at(page.snapshot.offset((line, 0)))


def _changing(label: str, module: str, name: str, *more: int) -> Run:
    """A command that changes the text at a range; the function of a feature says how."""

    def run(session: Session, arguments: list[Json]) -> Json:
        """Have the client apply the change, so that undo works as always."""
        from importlib import import_module

        from promptlang_lsp.features.changes.edits import workspace_edit

        page = _page(session, arguments)
        place = arguments[1] if len(arguments) > 1 else None
        change = getattr(import_module(f"promptlang_lsp.features.changes.{module}"), name)
        edits = change(page, page.snapshot.span(*wire.range_(place)), *more)
        if edits:
            session.endpoint.ask("workspace/applyEdit", {"label": label, "edit": workspace_edit(page, edits)})
        return bool(edits)

    return run


def _fix_all(session: Session, arguments: list[Json]) -> Work:
    """Make every fix that is safe to make."""
    from promptlang_lsp.features.changes.code_actions import all_fixes
    from promptlang_lsp.features.changes.edits import workspace_edit

    page = _page(session, arguments)
    edits = yield from session.for_now(page, all_fixes(page), FIXING)
    if edits:
        session.endpoint.ask(
            "workspace/applyEdit", {"label": "Fix everything that is safe", "edit": workspace_edit(page, edits)}
        )
    return len(edits)


def _tokens(session: Session, arguments: list[Json]) -> Json:
    """Token counts of the statement at a line, for a status item."""
    from promptlang.tokens.chunks import CHUNK_TOKENS
    from promptlang_lsp.features.display.chunks import counts

    page = _page(session, arguments)
    found = counts(page, _statement(page, arguments))
    return {
        "positive": found.positive,
        "negative": found.negative,
        "chunks": max(1, len(found.chunks)),
        "chunk": CHUNK_TOKENS,
    }


def _render(session: Session, arguments: list[Json]) -> Json:
    """Render the statement at a line in a process of its own."""
    page = _page(session, arguments)
    return session.renders.start(page, _statement(page, arguments))


def _show_plan(session: Session, arguments: list[Json]) -> Json:
    """The plans of the statement at a line as JSON; in words, where the client can show a document."""
    from promptlang_lsp.features.display.plans import explanation_text, plan_text

    page = _page(session, arguments)
    index = _statement(page, arguments)
    data = plan_text(page, index)
    if not data:
        raise RequestError(REQUEST_FAILED, "no plan: the statement draws nothing, or has an error")
    session.renders.show_plan(explanation_text(page, page.snapshot.alone(index)), data)
    return data


def _text(session: Session, arguments: list[Json]) -> Json:
    """The text as the server has it, to compare with the editor's."""
    uri = arguments[0] if arguments else None
    text = session.workspace.open.get(uri) if isinstance(uri, str) else None
    return text.text if text is not None else None


def _debug(session: Session, arguments: list[Json]) -> Json:
    """What a report about a mistake in the server should hold."""
    import platform
    import sys

    from promptlang.version import VERSION

    workspace = session.workspace
    return {
        "version": VERSION,
        "python": platform.python_version(),
        "executable": sys.executable,
        "encoding": workspace.client.encoding,
        "folders": [str(folder) for folder in workspace.folders],
        "open": {uri: [text.version, len(text), len(text.pieces)] for uri, text in workspace.open.items()},
        "projects": [str(project.file) for project in workspace.projects()],
        "configuration": repr(workspace.configuration),
        "client": repr(workspace.client),
    }


RUNS: Mapping[str, Run] = {
    legend.INCREASE_WEIGHT: _changing("Increase weight", "weights", "reweighted", 1),
    legend.DECREASE_WEIGHT: _changing("Decrease weight", "weights", "reweighted", -1),
    legend.MOVE_TAG_LEFT: _changing("Move the tag to the left", "tag_changes", "moved_tag", -1),
    legend.MOVE_TAG_RIGHT: _changing("Move the tag to the right", "tag_changes", "moved_tag", 1),
    legend.TOGGLE_TAG: _changing("Switch the tag off or on", "tag_changes", "toggled_tags"),
    legend.FIX_ALL_NOW: _fix_all,
    legend.RENDER: _render,
    legend.RENDER_GRID: _render,
    legend.SHOW_PLAN: _show_plan,
    legend.COUNT_TOKENS: _tokens,
    legend.SHOW_TEXT: _text,
    legend.DEBUG: _debug,
}
