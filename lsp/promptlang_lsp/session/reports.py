"""When diagnostics are worked out and sent: as soon as nobody waits for an answer, and only for the newest text."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import closing
from math import inf
from pathlib import Path
from typing import TYPE_CHECKING

from promptlang_lsp.features.display.diagnostics import Known, Look, Wire, diagnostics, report_items
from promptlang_lsp.protocol import boundary, wire
from promptlang_lsp.protocol.words import Json, Params, RequestError, Steps, Work
from promptlang_lsp.session.progress import Meter, Pace
from promptlang_lsp.session.workspace import Workspace
from promptlang_lsp.texts.page import Page

if TYPE_CHECKING:
    from promptlang_lsp.protocol.endpoint import Endpoint

SERVER_CANCELLED = -32802
PARTIAL = 50  # files in one part of a workspace report
FIRST_PART = 0.05  # seconds until what is known of a long text is shown; each further part takes twice the time
MANY = 1000  # statements that make a text a long one
PATIENCE = 0.25  # seconds after which a client that can be called back gets what is known


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
        self._looks: dict[str, Look] = {}
        self._unfinished: dict[str, Look] = {}  # the last look at each text, until it has ended
        self._count = 0
        self._changes = 0
        self._settled = -1  # the number of changes before the last whole report on the workspace
        self._stopped = False

    # --- push ---------------------------------------------------------------------------------------------------------

    def due(self, uri: str) -> None:
        """The text has changed."""
        self._changes += 1
        if not self._workspace.client.pulls:
            self._due[uri] = None

    def all_due(self) -> None:
        """Everything may have changed."""
        self._changes += 1
        self._files.clear()
        self._known.clear()
        self._looks.clear()
        self._unfinished.clear()
        for uri in self._workspace.open:
            self.due(uri)
        if self._workspace.client.pulls:
            self._refresh()

    def files_changed(self) -> None:
        """Prompt files that are not open may have changed; their time stamps will tell which."""
        self._changes += 1

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
            if uri in self._workspace.open:
                continue  # it is looked at as it stands there
            items = report_items(uri, report, self._workspace.client.encoding)
            if items != self._sent.get(uri, []):
                self._sent[uri] = items
                self._endpoint.notify("textDocument/publishDiagnostics", {"uri": uri, "diagnostics": items})

    def _push(self, uri: str) -> Work:
        """Work out and send the diagnostics of a text."""
        page = self._workspace.page(uri)
        if page is not None:
            look = Look(page)
            yield from self._carried_on(look, self._looked(look))
        return None

    def _looked(self, look: Look) -> Steps[Known]:
        """The diagnostics of an open text, from those of its last version where they are known."""
        page, uri = look.page, look.page.snapshot.uri
        cut_short = self._unfinished.get(uri)
        self._unfinished[uri] = look
        known = yield from diagnostics(page, cut_short.so_far() if cut_short else self._known.get(uri), look)
        if self._is_newest(page):
            self._known[uri] = known
            self._unfinished.pop(uri, None)
        if look.size > MANY:
            from promptlang.checks.checking import forget

            forget()
            gc.freeze()  # the statements stay, and hold no cycles to look for
        for failure in known.failures:
            self._endpoint.crashed(failure, "a check")
        return known

    def _carried_on(self, look: Look, steps: Steps[Known]) -> Work:
        """Finish a look, unless the text changes meanwhile; what is known of a long text is shown in growing parts."""
        pace = Pace(FIRST_PART)
        meter = Meter(self._endpoint, self._workspace.client.progress, f"Checking {_title(look.page)}")
        with closing(meter):
            while True:
                try:
                    next(steps)
                except StopIteration as stop:
                    known: Known = stop.value
                    break
                if pace.is_due():
                    meter.show(look.done, look.size)
                    self._show(look.page, look.items())
                elif _answers_typing(look):
                    self._show(look.page, look.items(), is_answer=True)
                yield
                if not self._is_newest(look.page):
                    return None  # a newer version is due already
        self._looks.pop(look.page.snapshot.uri, None)
        self._show(look.page, known.items, is_answer=True)
        return None

    def _show(self, page: Page, items: list[Wire], *, is_answer: bool = False) -> None:
        """Send diagnostics, or have the client ask for them; an answer to what was typed even where nothing changed."""
        uri, version = page.snapshot.uri, page.snapshot.version
        if self._workspace.client.pulls:
            if uri not in self._results or self._results[uri][1] != items:
                self._refresh()
        elif self._sent.get(uri) != items or (is_answer and version):
            self._sent[uri] = items
            message = {"uri": uri, "version": version, "diagnostics": items}
            self._endpoint.notify("textDocument/publishDiagnostics", message)

    def _refresh(self) -> None:
        """Have a client that pulls ask again."""
        if "diagnostics" in self._workspace.client.refreshes:
            self._endpoint.ask("workspace/diagnostic/refresh", None)

    def _is_newest(self, page: Page) -> bool:
        return self._workspace.page(page.snapshot.uri) is page

    def closed(self, uri: str) -> None:
        """The text is shown no more, so its diagnostics go."""
        self._changes += 1
        self._due.pop(uri, None)
        self._results.pop(uri, None)
        self._known.pop(uri, None)
        self._looks.pop(uri, None)
        self._unfinished.pop(uri, None)
        if self._sent.pop(uri, None) and not self._workspace.client.pulls:
            self._endpoint.notify("textDocument/publishDiagnostics", {"uri": uri, "diagnostics": []})

    def stop(self) -> None:
        """Send nothing more."""
        self._stopped = True
        self._due.clear()

    # --- pull ---------------------------------------------------------------------------------------------------------

    def pulled(self, page: Page | None, params: Params) -> Work:
        """The diagnostics of one text, or that they are unchanged.

        Of a long text the answer is what is known after a moment; the client is asked to ask again when there is more.
        """
        if page is None:
            return {"kind": "full", "items": []}
        uri, previous = page.snapshot.uri, wire.part(params, "previousResultId")
        look = self._looks.get(uri)
        if look is None or look.page is not page:
            look = Look(page)
            items = yield from self._known_soon(look)
        else:
            items = look.items()
        if not self._is_newest(page):
            raise RequestError(SERVER_CANCELLED, "the text has changed", {"retriggerRequest": True})
        return self._report(uri, items, previous)

    def _known_soon(self, look: Look) -> Steps[list[Wire]]:
        """The diagnostics of an open text, or what is known of them when the client has waited long enough."""
        steps = self._looked(look)
        must_wait = "diagnostics" not in self._workspace.client.refreshes
        patience = Pace(inf if must_wait else PATIENCE)
        while True:
            try:
                next(steps)
            except StopIteration as stop:
                known: Known = stop.value
                return known.items
            if patience.is_due() or (not must_wait and _answers_typing(look)):
                break
            yield
        self._looks[look.page.snapshot.uri] = look
        self._endpoint.start(self._carried_on(look, steps), "diagnostics")
        return look.items()

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
        changes = self._changes
        if changes == self._settled and self._workspace.client.watches and self._knows_all(previous):
            return {"items": []}  # editors ask every other second, and nobody has changed anything
        token = params.get("partialResultToken")
        items: list[Json] = []
        seen: set[str] = set()
        pace = Pace(FIRST_PART)
        with closing(Meter(self._endpoint, self._workspace.client.progress, "Checking the workspace")) as meter:
            paths = list(self._workspace.prompt_files())
            for done, path in enumerate(paths):
                uri = boundary.uri_of(path)
                seen.add(uri)
                if uri not in self._workspace.open:
                    found = yield from self._of_file(path)
                    items += self._entries(uri, None, found, previous)
                yield
                if pace.is_due():
                    meter.show(done, len(paths))
                if token is not None and len(items) >= PARTIAL:
                    self._endpoint.notify("$/progress", {"token": token, "value": {"items": items}})
                    items = []
        for uri in list(self._workspace.open):
            page = self._workspace.page(uri)
            if page is not None:
                seen.add(uri)
                known = yield from self._looked(Look(page))
                items += self._entries(uri, page.snapshot.version, known.items, previous)
        for uri in previous.keys() - seen:
            items += self._entries(uri, None, [], previous)
        self._settled = changes
        return {"items": items}

    def _knows_all(self, previous: dict[str, str]) -> bool:
        """Whether a client has every result as it was last worked out."""
        return all(previous.get(uri) == number for uri, (number, _) in self._results.items())

    def _entries(self, uri: str, version: int | None, found: list[Wire], previous: dict[str, str]) -> Iterator[Json]:
        """The report of one file; a clean file that the client never saw otherwise is left out."""
        if found or uri in previous:
            yield {"uri": uri, "version": version, **self._report(uri, found, previous.get(uri))}

    def _of_file(self, path: Path) -> Steps[list[Wire]]:
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


def _answers_typing(look: Look) -> bool:
    """Whether it is worth while to show what is known of the statements typed in: with many others still to come."""
    return look.size > MANY and look.has_seen_touched


def _title(page: Page) -> str:
    return page.path.name if page.path else "the text"
