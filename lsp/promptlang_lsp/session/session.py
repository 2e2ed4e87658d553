"""One session with one client: it begins, follows the texts and files that change, and ends.

What answers need is loaded when it is first used: an editor waits for the answer to `initialize`.
"""

from __future__ import annotations

import gc
import os
from collections.abc import Iterator
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from threading import Event, Thread
from typing import TYPE_CHECKING

from promptlang_lsp.protocol import boundary, wire
from promptlang_lsp.protocol.client import Client, client
from promptlang_lsp.protocol.trust import PARENT, Trust
from promptlang_lsp.protocol.words import CONTENT_MODIFIED, Json, Params, RequestError, Result, Steps, Work

if TYPE_CHECKING:
    from promptlang_lsp.protocol.endpoint import Endpoint
    from promptlang_lsp.session.own_use import OwnUse
    from promptlang_lsp.session.renders import Renders
    from promptlang_lsp.session.reports import Reports
    from promptlang_lsp.session.sent_semantic_tokens import SemanticTokens
    from promptlang_lsp.session.workspace import Workspace
    from promptlang_lsp.texts.page import Page
    from promptlang_lsp.texts.snapshot import Change, Snapshot

WATCHED = ("**/promptlang.toml", "**/*.prompt", "**/*.{txt,yaml,json,csv}", "**/*.{safetensors,ckpt,pt,bin,gguf}")

KEPT_EDITS = 500  # edits after which the compiler lets go of what it keeps by text: statements hold what is theirs
_LOOK = 2.0  # seconds between two looks at whether the editor lives


class Session:
    """The server's state and the messages that change it.

    `trust` is what the way a client came in earns it: whether its settings may name a program, and the word that it
    has to know first.
    """

    def __init__(self, endpoint: Endpoint, trust: Trust = PARENT) -> None:
        self.endpoint = endpoint
        self._trust = trust
        self._client = Client()
        self._settings: Json = None  # as `initialize` brought them
        self._ended = Event()
        self._large: set[str] = set()
        self._edits = 0

    @cached_property
    def workspace(self) -> Workspace:
        """The open texts and the projects."""
        from promptlang_lsp.session.workspace import Workspace

        return Workspace(self._client)

    @cached_property
    def reports(self) -> Reports:
        """The diagnostics."""
        from promptlang_lsp.session.reports import Reports

        return Reports(self.endpoint, self.workspace)

    @cached_property
    def semantic_tokens(self) -> SemanticTokens:
        """The semantic tokens."""
        from promptlang_lsp.session.sent_semantic_tokens import SemanticTokens

        return SemanticTokens()

    @cached_property
    def renders(self) -> Renders:
        """The renders that run."""
        from promptlang_lsp.session.renders import Renders

        return Renders(self.endpoint, self.workspace)

    @cached_property
    def own_use(self) -> OwnUse:
        """What this person writes often; read when the first text of a session is shown."""
        from promptlang_lsp.session.own_use import OwnUse, place

        return OwnUse(place())

    # --- begin and end ------------------------------------------------------------------------------------------------

    def initialize(self, params: Params) -> Json:
        """Take the client's abilities and settings, and offer ours; everything slow waits for `initialized`."""
        from promptlang_lsp.protocol.capabilities import capabilities

        self._trust.admit(wire.part(params, "initializationOptions", "token"))
        self._client = client(params)
        self._watch_process(self._client.process)
        self._settings = params.get("initializationOptions")
        self.endpoint.begin()
        return {
            "capabilities": capabilities(self._client),
            "serverInfo": {"name": "promptlang", "version": _version()},
        }

    def initialized(self, params: Params) -> None:
        """Register what can only be registered now, ask for settings, and read the project in the background."""
        self._configure(self._settings)
        registrations: list[Json] = []
        if self.workspace.client.announces:
            options = {"section": "promptlang"}
            registrations.append(_registration("workspace/didChangeConfiguration", options))
        if self.workspace.client.watches:
            watchers = {"watchers": [{"globPattern": pattern} for pattern in WATCHED]}
            registrations.append(_registration("workspace/didChangeWatchedFiles", watchers))
        if registrations:
            self.endpoint.ask("client/registerCapability", {"registrations": registrations})
        self._fetch_settings()
        self.endpoint.start(self._index(), "indexing")

    def shutdown(self, params: Params) -> Json:
        """Promise to do nothing more."""
        self._ended.set()
        self.reports.stop()
        return None

    def close(self) -> None:
        """Let go of everything, however the session ended."""
        self._ended.set()
        if self.endpoint.messages.is_initialized:
            self.reports.stop()
            self.renders.stop()

    def _watch_process(self, process: int | None) -> None:
        """End with the editor, even where something else keeps the pipe open."""
        if process is None or os.name == "nt":
            return

        def watch() -> None:
            while not self._ended.wait(_LOOK):
                try:
                    os.kill(process, 0)
                except ProcessLookupError:
                    self.endpoint.leave()
                    return
                except OSError:
                    return  # it lives, but is not ours to ask about

        Thread(target=watch, name="client watch", daemon=True).start()

    def _index(self) -> Work:
        """Load the compiler and the word lists while nobody waits."""
        from promptlang.statements.parsing import SELDOM
        from promptlang_lsp.session.progress import Progress

        progress = Progress(self.endpoint, self.workspace.client.progress, "Reading the project")
        for words in self.workspace.warm():
            progress.report(words)
            yield
        progress.end()
        gc.collect()
        gc.freeze()  # tables and word lists stay; looking through them again only makes somebody wait
        gc.set_threshold(*SELDOM)
        return None

    # --- settings -----------------------------------------------------------------------------------------------------

    def _fetch_settings(self) -> None:
        if self.workspace.client.configures:
            asked = {"items": [{"section": "promptlang"}]}
            self.endpoint.ask("workspace/configuration", asked, self._fetched)

    def _fetched(self, result: Json) -> None:
        if isinstance(result, list) and result and result[0] is not None:
            self._configure(result[0])

    def changed_settings(self, params: Params) -> None:
        """Take the settings that come along, or fetch them."""
        settings = wire.part(params, "settings", "promptlang")
        if settings is not None:
            self._configure(settings)
        else:
            self._fetch_settings()

    def _configure(self, settings: Json) -> None:
        from promptlang_lsp.protocol.configuration import configured

        configuration, complaints = configured(settings)
        if configuration.render.command and not self._trust.names_programs:
            configuration = replace(configuration, render=replace(configuration.render, command=()))
            complaints = (*complaints, "`promptlang.render.command` is taken only from who started the server")
        if complaints:
            message = f"promptlang settings: {'; '.join(complaints)}; the defaults stand"
            self.endpoint.notify("window/showMessage", {"type": 2, "message": message})
        if configuration != self.workspace.configuration:
            self.workspace.configuration = configuration
            self.workspace.used = {}
            if self._remembers and "own_use" in vars(self):
                self.workspace.used = self.own_use.counts
            self._refresh()

    # --- texts --------------------------------------------------------------------------------------------------------

    def opened(self, params: Params) -> None:
        """An editor shows a text."""
        from promptlang_lsp.texts import snapshot

        document = wire.part(params, "textDocument")
        uri, language = wire.text(document, "uri"), wire.part(document, "languageId")
        text = snapshot.opened(
            uri,
            wire.version(document, "version"),
            wire.text(document, "text"),
            self.workspace.client.encoding,
            language if isinstance(language, str) else "promptlang",
        )
        self._look_at_disk()
        self._follow(uri, text)
        if self._remembers and text.is_read:
            self.own_use.opened(text)
            self.workspace.used = self.own_use.counts

    @property
    def _remembers(self) -> bool:
        """Whether what is written counts: of the person whose editor started the server, unless they do not want it."""
        return self._trust.names_programs and self.workspace.configuration.completion.remember

    def changed(self, params: Params) -> None:
        """An editor changed a text."""
        uri = wire.uri(params)
        before = self.workspace.open.get(uri)
        if before is None:
            raise RequestError(CONTENT_MODIFIED, f"{uri} is not open")
        changes = [_change(each) for each in wire.array(params, "contentChanges")]
        self._follow(uri, before.edited(changes, wire.version(params, "textDocument", "version")))
        self._edits += 1
        if not self._edits % KEPT_EDITS:
            from promptlang.checks.checking import forget

            forget()

    def _follow(self, uri: str, text: Snapshot) -> None:
        from promptlang_lsp.texts import snapshot

        self.workspace.open[uri] = text
        if len(text) > snapshot.LARGEST and uri not in self._large:
            self._large.add(uri)
            message = f"promptlang does not look at files above {snapshot.LARGEST // 1_000_000} MB"
            self.endpoint.notify("window/showMessage", {"type": 3, "message": message})
        self.reports.due(uri)

    def closed(self, params: Params) -> None:
        """An editor shows a text no more; what counts is on disk again."""
        uri = wire.uri(params)
        self.workspace.close(uri)
        self._large.discard(uri)
        self.reports.closed(uri)
        if self._remembers:
            self.own_use.closed(uri)
        self.semantic_tokens.forget(uri)

    def _still(self, page: Page) -> None:
        """Go on only while the text is the newest: between two steps a message may have changed it."""
        if self.workspace.open.get(page.snapshot.uri) is not page.snapshot:
            raise RequestError(CONTENT_MODIFIED, "the text has changed")

    def for_now(self, page: Page, steps: Steps[Result], title: str = "") -> Steps[Result]:
        """Work on a text that an edit gives up; with a title it has a progress bar where it takes a while."""
        from promptlang_lsp.session.progress import shown, while_still

        work = while_still(steps, page, self._still)
        return shown(work, self.endpoint, self.workspace.client.progress, title) if title else work

    def all_pages(self, page: Page, offset: int) -> Steps[list[Page]]:
        """The pages that a name of a page may stand in: only its own for a recipe that is not shared."""
        from promptlang_lsp.features.names.names import home, is_shared, name_at

        use = name_at(page, offset)
        if use is None or (use.kind == "recipe" and not is_shared(page, use.name.lower())):
            return [page]
        pages: list[Page] = []
        last = use.name.lower().rpartition("/")[2]  # of a wildcard only its end may be written
        for other in self.workspace.pages(lambda text: last in text.lower()):
            if other is not None:
                pages.append(page if other.snapshot.uri == page.snapshot.uri else other)
            yield
        file = home(page, use.name.lower()) if use.kind == "recipe" else None
        if file and all(other.path != file for other in (page, *pages)) and (text := self.workspace.from_disk(file)):
            pages.append(self.workspace.read(text))  # the file that makes the recipe may lie in no open folder
        return pages if page in pages else [page, *pages]

    def saved(self, params: Params) -> None:
        """Texts are checked as they are typed; recipes that other files call are read from disk."""
        uri = wire.uri(params)
        if self._remembers and (page := self.page(uri)):
            self.own_use.saved(page)
        path = boundary.path_of(uri)
        if path and self.workspace.shares(path):
            self._refresh()
        else:
            self._look_at_disk()

    def page(self, uri: str) -> Page | None:
        """The text with its project, where it is open and ours."""
        page = self.workspace.page(uri)
        return page if page and page.snapshot.is_read else None

    def naming_page(self, uri: str) -> Page | None:
        """The text, where it is one of prompts or a project file: both name concepts."""
        page = self.workspace.page(uri)
        return page if page and (page.snapshot.is_read or page.snapshot.is_project_file) else None

    # --- files and folders --------------------------------------------------------------------------------------------

    def files_changed(self, params: Params) -> None:
        """Watched files changed on disk."""
        paths = [_path(each) for each in wire.array(params, "changes")]
        if self.workspace.files_changed(path for path in paths if path is not None):
            self._refresh()
        else:
            self.reports.files_changed()

    def _look_at_disk(self) -> None:
        """Clients that watch no files say nothing of those that change: somebody begins or saves a text, so look."""
        if not self.workspace.client.watches and self.workspace.has_changed_on_disk():
            self._refresh()

    def folders_changed(self, params: Params) -> None:
        """Folders came or went."""
        event = wire.part(params, "event")
        gone = set(_folders(event, "removed"))
        kept = tuple(path for path in self.workspace.folders if path not in gone)
        self.workspace.folders = tuple(dict.fromkeys((*kept, *_folders(event, "added"))))
        self._refresh()

    def _refresh(self) -> None:
        """What was read from projects is stale: check again and have the client ask again."""
        self.workspace.forget()
        self.reports.all_due()
        for name in sorted(self.workspace.client.refreshes - {"diagnostics"}):
            self.endpoint.ask(f"workspace/{name}/refresh", None)

    def idle(self) -> None:
        """Nobody waits for an answer: check what has changed."""
        self.reports.start()


def _registration(method: str, options: Json) -> Json:
    return {"id": f"promptlang {method}", "method": method, "registerOptions": options}


def _change(change: Json) -> Change:
    place = wire.range_(change, "range") if wire.part(change, "range") is not None else None
    return place, wire.text(change, "text")


def _path(change: Json) -> Path | None:
    return boundary.path_of(wire.text(change, "uri"))


def _folders(event: Json, name: str) -> Iterator[Path]:
    for folder in wire.array(event, name):
        path = boundary.path_of(wire.text(folder, "uri"))
        if path is not None:
            yield path


def _version() -> str:
    from promptlang.version import VERSION

    return VERSION
