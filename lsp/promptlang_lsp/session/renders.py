"""Renders that a person started from the editor, each in a process of its own, with progress and cancellation."""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from pathlib import Path
from subprocess import DEVNULL, PIPE, STDOUT, Popen
from threading import Thread
from typing import TYPE_CHECKING

from promptlang.files import reason
from promptlang.tables.endings import DRAWN
from promptlang_lsp.protocol import boundary
from promptlang_lsp.protocol.processes import RENDER, environment
from promptlang_lsp.protocol.words import REQUEST_FAILED, Json, RequestError
from promptlang_lsp.session.progress import Progress
from promptlang_lsp.session.workspace import Workspace
from promptlang_lsp.texts.page import Page

if TYPE_CHECKING:
    from promptlang_lsp.protocol.endpoint import Endpoint

MOST_AT_ONCE = 1
_DRAWN = "|".join(map(re.escape, DRAWN))
PICTURE = re.compile(rf"(?:sheet: )?(?P<path>\S.*?(?:{_DRAWN}))(?:\s{{2,}}.*)?$")  # a line of `promptlang render`


class Renders:
    """The processes that run, and the folder for what is only shown."""

    def __init__(self, endpoint: Endpoint, workspace: Workspace) -> None:
        self._endpoint = endpoint
        self._workspace = workspace
        self._running: set[Popen[str]] = set()
        self._folder: Path | None = None

    def start(self, page: Page, index: int) -> Json:
        """Render one statement; returns at once, the pictures are shown when they are there."""
        if len(self._running) >= MOST_AT_ONCE:
            raise RequestError(REQUEST_FAILED, "a render is running; cancel it or wait for it")
        name = page.path.stem if page.path else "untitled"
        file = self._scratch(f"{name}.prompt", page.snapshot.alone(index))
        root = page.project.root or (page.path.parent if page.path else file.parent)
        words = page.configuration.render.command or RENDER
        if fault := page.project.out_fault(root):
            raise RequestError(REQUEST_FAILED, fault)
        command = [*words, str(file), "--out", str(page.project.out_folder(root))]
        if page.project.file:
            command += ["--config", str(page.project.file)]
        try:
            process = Popen(
                command,
                stdin=DEVNULL,
                stdout=PIPE,
                stderr=STDOUT,
                cwd=root,
                env=environment(),
                text=True,
                errors="replace",
            )
        except OSError as error:
            raise RequestError(
                REQUEST_FAILED, f"cannot start the renderer: {reason(error)}: `{error.filename}`"
            ) from None
        self._running.add(process)
        shown = self._workspace.client.progress
        progress = Progress(self._endpoint, shown, "Rendering", process.terminate)
        progress.report(file.name)
        statement = page.snapshot.pieces[index].text
        watch = _Watch(self, process, progress, page.snapshot.uri, statement, Path(root))
        Thread(target=watch.follow, name="render", daemon=True).start()
        return True

    def finished(self, watch: _Watch) -> None:
        """Tell the person how a render went; runs in the answering thread."""
        self._running.discard(watch.process)
        code = watch.process.returncode
        watch.progress.end("" if not code else "failed")
        if code and code > 0:
            message = next((line for line in watch.lines if line.startswith("error")), "see the server's log")
            self._endpoint.log("\n".join(watch.lines[-50:]))
            self._endpoint.notify("window/showMessage", {"type": 1, "message": f"render: {message}"})
            return
        from promptlang_lsp.features.hover.pictures import remember

        for picture in watch.pictures:
            remember(watch.uri, watch.statement, picture)
        if watch.pictures:
            if self._workspace.configuration.render.open:
                self._show(watch.pictures[-1])
            uris = [boundary.uri_of(picture) for picture in watch.pictures]
            self._endpoint.notify("promptlang/rendered", {"uri": watch.uri, "pictures": uris})

    def post(self, work: Callable[[], None]) -> None:
        """Have something done in the answering thread."""
        self._endpoint.post(work)

    def _show(self, path: Path) -> None:
        if self._workspace.client.shows_documents:
            uri = boundary.uri_of(path)
            self._endpoint.ask("window/showDocument", {"uri": uri, "external": False, "takeFocus": False})

    def show_plan(self, words: str, data: str) -> None:
        """Show what a plan says in an editor of its own; where its data lies is the last line."""
        if self._workspace.client.shows_documents:
            behind = boundary.uri_of(self._scratch("plan.json", data))
            self._show(self._scratch("plan.txt", f"{words}\nAs JSON: {behind}\n"))

    def _scratch(self, name: str, text: str) -> Path:
        from tempfile import mkdtemp

        if self._folder is None:
            self._folder = Path(mkdtemp(prefix="promptlang-"))
        path = self._folder / name
        path.write_text(text, encoding="utf-8", newline="")
        return path

    def stop(self) -> None:
        """End every process and remove what was only shown."""
        from shutil import rmtree

        for process in self._running:
            process.terminate()
        if self._folder is not None:
            rmtree(self._folder, ignore_errors=True)


class _Watch:
    """One process: its lines, and the pictures it names."""

    def __init__(
        self, renders: Renders, process: Popen[str], progress: Progress, uri: str, statement: str, root: Path
    ) -> None:
        self.renders = renders
        self.process = process
        self.progress = progress
        self.uri = uri
        self.statement = statement
        self.root = root
        self.lines: list[str] = []
        self.pictures: list[Path] = []

    def follow(self) -> None:
        """Read what the process says until it ends."""
        assert self.process.stdout is not None
        for line in self.process.stdout:
            words = line.strip()
            if words:
                self.lines = [*self.lines[-200:], words]
                self._look(words)
        self.process.wait()
        self.renders.post(lambda: self.renders.finished(self))

    def _look(self, words: str) -> None:
        """A line that names a picture; the others are what `check` says as well."""
        found = PICTURE.match(words)
        if found:
            path = Path(os.path.join(self.root, found["path"]))
            if path.is_file():
                self.pictures.append(path)
                self.renders.post(lambda: self.progress.report(path.name))
