"""When diagnostics are worked out and sent: as soon as nobody waits for an answer, and only for the newest text."""

from __future__ import annotations

from collections.abc import Generator, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from promptlang_lsp import boundary, wire
from promptlang_lsp.features.diagnostics import Known, Wire, diagnostics, report_items
from promptlang_lsp.page import Page
from promptlang_lsp.protocol import Json, Params, RequestError, Work
from promptlang_lsp.workspace import Workspace

if TYPE_CHECKING:
    from promptlang_lsp.endpoint import Endpoint

SERVER_CANCELLED = -32802
PARTIAL = 50  # files in one part of a workspace report


class Reports:
    """What was sent for each text, so that an answer can be "unchanged"."""

    def __init__(self, endpoint: Endpoint, workspace: Workspace) -> None:
        self._endpoint = endpoint
        self._workspace = workspace
        self._due: dict[str, None] = {}
        self._sent: dict[str, list[Wire]] = {}
        self._results: dict[str, tuple[str, list[Wire]]] = {}
        self._files: dict[Path, tuple[object, list[Wire]]] = {}
        self._known: dict[str, Known] = {}
        self._count = 0
        self._stopped = False

    # --- push ---------------------------------------------------------------------------------------------------------

    def due(self, uri: str) -> None:
        """The text has changed."""
        if not self._workspace.client.pulls:
            self._due[uri] = None

    def all_due(self) -> None:
        """Everything may have changed."""
        self._files.clear()
        self._known.clear()
        for uri in self._workspace.open:
            self.due(uri)
        if self._workspace.client.pulls and "diagnostics" in self._workspace.client.refreshes:
            self._endpoint.ask("workspace/diagnostic/refresh", None)

    def files_changed(self) -> None:
        """Prompt files that are not open may have changed; their time stamps will tell."""

    def start(self) -> None:
        """Begin to work out what is due."""
        while self._due and not self._stopped:
            uri = next(iter(self._due))
            del self._due[uri]
            self._endpoint.start(self._push(uri), "diagnostics")
        self.project_files()

    def project_files(self) -> None:
        """Send what is wrong with project files, which no editor asks about."""
        for path, report in self._workspace.complaints.items():
            uri = boundary.uri_of(path)
            items = report_items(uri, report, self._workspace.client.encoding)
            if items != self._sent.get(uri, []):
                self._sent[uri] = items
                self._endpoint.notify("textDocument/publishDiagnostics", {"uri": uri, "diagnostics": items})

    def _push(self, uri: str) -> Work:
        """Work out and send the diagnostics of a text, unless it changes meanwhile."""
        page = self._workspace.page(uri)
        if page is None:
            return None
        steps = diagnostics(page, self._known.get(uri))
        while True:
            try:
                next(steps)
            except StopIteration as stop:
                known: Known = stop.value
                break
            yield
            if self._workspace.page(uri) is not page:
                return None  # a newer version is due already
        self._known[uri] = known
        for failure in known.failures:
            self._endpoint.crashed(failure, "a check")
        items = known.items
        if self._sent.get(uri) != items or page.snapshot.version:
            self._sent[uri] = items
            self._publish(uri, items, page.snapshot.version)
        return None

    def _publish(self, uri: str, items: list[Wire], version: int) -> None:
        message = {"uri": uri, "version": version, "diagnostics": items}
        self._endpoint.notify("textDocument/publishDiagnostics", message)

    def closed(self, uri: str) -> None:
        """The text is shown no more, so its diagnostics go."""
        self._due.pop(uri, None)
        self._results.pop(uri, None)
        self._known.pop(uri, None)
        if self._sent.pop(uri, None) and not self._workspace.client.pulls:
            self._endpoint.notify("textDocument/publishDiagnostics", {"uri": uri, "diagnostics": []})

    def stop(self) -> None:
        """Send nothing more."""
        self._stopped = True
        self._due.clear()

    # --- pull ---------------------------------------------------------------------------------------------------------

    def pulled(self, page: Page | None, params: Params) -> Work:
        """The diagnostics of one text, or that they are unchanged."""
        if page is None:
            return {"kind": "full", "items": []}
        items = yield from self._of_page(page)
        if self._workspace.page(page.snapshot.uri) is not page:
            raise RequestError(SERVER_CANCELLED, "the text has changed", {"retriggerRequest": True})
        return self._report(page.snapshot.uri, items, wire.part(params, "previousResultId"))

    def _of_page(self, page: Page) -> Generator[None, None, list[Wire]]:
        """The diagnostics of an open text, from those of its last version where they are known."""
        uri = page.snapshot.uri
        known = yield from diagnostics(page, self._known.get(uri))
        if self._workspace.page(uri) is page:
            self._known[uri] = known
        return known.items

    def _report(self, uri: str, items: list[Wire], previous: Json) -> dict[str, Json]:
        known = self._results.get(uri)
        if known is None or known[1] != items:
            self._count += 1
            known = self._results[uri] = str(self._count), items
        if previous == known[0]:
            return {"kind": "unchanged", "resultId": known[0]}
        return {"kind": "full", "resultId": known[0], "items": items}

    def workspace_pulled(self, params: Params) -> Work:
        """The diagnostics of all prompt files; what the client has already is reported as unchanged."""
        if not self._workspace.configuration.diagnostics.workspace:
            return {"items": []}
        previous = {
            wire.text(each, "uri"): wire.text(each, "value") for each in wire.array(params, "previousResultIds")
        }
        token = params.get("partialResultToken")
        items: list[Json] = []
        seen: set[str] = set()
        for path in self._workspace.prompt_files():
            uri = boundary.uri_of(path)
            seen.add(uri)
            if uri not in self._workspace.open:
                found = yield from self._of_file(path)
                items += self._entries(uri, None, found, previous)
            yield
            if token is not None and len(items) >= PARTIAL:
                self._endpoint.notify("$/progress", {"token": token, "value": {"items": items}})
                items = []
        for uri in self._workspace.open:
            page = self._workspace.page(uri)
            if page is not None:
                seen.add(uri)
                found = yield from self._of_page(page)
                items += self._entries(uri, page.snapshot.version, found, previous)
        for uri in previous.keys() - seen:
            items += self._entries(uri, None, [], previous)
        return {"items": items}

    def _entries(self, uri: str, version: int | None, found: list[Wire], previous: dict[str, str]) -> Iterator[Json]:
        """The report of one file; a clean file that the client never saw otherwise is left out."""
        if found or uri in previous:
            yield {"uri": uri, "version": version, **self._report(uri, found, previous.get(uri))}

    def _of_file(self, path: Path) -> Work:
        """The diagnostics of a file on disk, worked out again when it changes."""
        try:
            stat = path.stat()
        except OSError:
            return []
        project = self._workspace.project(path)
        stamp = stat.st_mtime_ns, stat.st_size, project
        known = self._files.get(path)
        if known is None or known[0] != stamp:
            text = self._workspace.from_disk(path)
            found = (yield from diagnostics(self._workspace.read(text))).items if text else []
            known = self._files[path] = stamp, found
        return known[1]
