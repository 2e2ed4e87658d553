"""What the server knows between two messages: open texts, folders, projects and the words that completion offers."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from fnmatch import fnmatchcase
from pathlib import Path

from promptlang.files import read_bytes
from promptlang.meaning.project import Project
from promptlang.models.names import is_model
from promptlang.source import Source
from promptlang_lsp.protocol import boundary
from promptlang_lsp.protocol.client import Client
from promptlang_lsp.protocol.configuration import Configuration
from promptlang_lsp.texts import snapshot
from promptlang_lsp.texts.page import Page
from promptlang_lsp.texts.snapshot import Snapshot

TYPE_CHECKING = False
if TYPE_CHECKING:
    from promptlang.files import Report

LARGEST_FILE = 4 * snapshot.LARGEST  # bytes of a file that is not open
MOST_FILES = 50_000
STEP = 0.02  # seconds that what is asked meanwhile may have to wait for the reading of words
FEATURES = (
    "hover.hover",
    "completion.completion",
    "completion.word_items",
    "names.navigation",
    "display.code_lens",
    "display.inlay_hints",
    "changes.refactorings",
)
WARM = (
    "promptlang.statements.scan",
    "promptlang.statements.parsing",
    "promptlang.checks.checking",
    "promptlang.checks.rules",
    "promptlang.tokens.ids",
    *(f"promptlang_lsp.features.{name}" for name in FEATURES),
)


class Workspace:
    """Open texts by URI, and projects by their file; read when first asked for, dropped when watched files change."""

    def __init__(self, client: Client | None = None) -> None:
        self.client = client or Client()
        self.configuration = Configuration()
        self.folders: tuple[Path, ...] = self.client.folders
        self.open: dict[str, Snapshot] = {}
        self.used: dict[str, int] = {}
        self._projects: dict[Path | None, Project] = {}
        self.complaints: dict[Path, Report] = {}
        self._stamps: dict[Path, str | None] = {}  # of what projects name on disk, where the client watches none
        self._found: dict[Path, Path | None] = {}
        self._pages: dict[str, Page] = {}

    def page(self, uri: str) -> Page | None:
        """The open text of that URI with its project; the same object until one of them changes."""
        text = self.open.get(uri)
        if text is None:
            return None
        page = self._pages.get(uri)
        if page is None or page.snapshot is not text:
            page = replace(self.read(text), earlier=page.last_surroundings() if page else None)
            self._pages[uri] = page
        return page

    def read(self, text: Snapshot) -> Page:
        """A text with the project it belongs to."""
        project = self.project(boundary.path_of(text.uri))
        file = self.open.get(boundary.uri_of(project.file)) if project.file else None
        shown = file.text if file else None
        return Page(text, project, self.configuration, self.client, self._word_files(project), shown, self.used)

    def _word_files(self, project: Project) -> tuple[Path, ...]:
        """The word lists of a project, and those that the editor's settings name."""
        named = (Path(name).expanduser() for name in self.configuration.completion.tags)
        files = (path if path.is_absolute() or not project.root else project.root / path for path in named)
        return (*project.tags, *files)

    def project(self, path: Path | None) -> Project:
        """The project of a file: the nearest project file, else that of the first folder, else the defaults."""
        folder = path.parent if path else self.folders[0] if self.folders else None
        if folder not in self._found and folder is not None:
            from promptlang.config.find import find

            self._found[folder] = find(folder)
        file = self._found[folder] if folder is not None else None
        key = file or folder
        if key not in self._projects:
            self._projects[key] = self._loaded(file, folder)
        return self._projects[key].seen_from(path)

    def project_pages(self, path: Path) -> list[Page]:
        """The project file that holds for a path and all others that were asked for, each as a text."""
        files = dict.fromkeys((self.project(path).file, *(project.file for project in self.projects())))
        texts = (self.from_disk(file) for file in files if file)
        return [self.read(text) for text in texts if text is not None]

    def close(self, uri: str) -> None:
        """An editor shows the text no more."""
        self.open.pop(uri, None)
        self._pages.pop(uri, None)

    def files_changed(self, paths: Iterable[Path]) -> bool:
        """Whether files that changed concern more than themselves: project files, models, wildcards, word lists do."""
        listed = {path for project in self.projects() for path in (*project.wildcards, *project.tags)}
        return any(
            path.name == "promptlang.toml"
            or is_model(path)
            or not listed.isdisjoint((path, *path.parents))
            or self.shares(path)
            for path in paths
        )

    def shares(self, path: Path) -> bool:
        """Whether other files may call the recipes of a file."""
        patterns = {os.fspath(pattern) for project in self.projects() for pattern in project.recipe_patterns}
        return any(fnmatchcase(os.fspath(path), pattern.replace("**/", "*")) for pattern in patterns)

    def warm(self) -> Iterator[str]:
        """Load what the first answers need, step by step; each step says what it loads."""
        from importlib import import_module

        for module in WARM:
            yield "the compiler"
            import_module(module)
        for folder in self.folders or (None,):
            yield "the project"
            project = self.project(folder / "any.prompt" if folder else None)
            yield f"{len(project.concepts)} concepts"
            from promptlang_lsp.texts.wildcards import wildcard_names

            wildcard_names(project.wildcards)
        yield "the words"
        from promptlang_lsp.texts.word_lists import are_read

        for project in list(self._projects.values()):
            while not are_read(self._word_files(project), STEP):
                yield "the words"

    def _loaded(self, file: Path | None, folder: Path | None) -> Project:
        if file is None:
            return Project(root=folder)
        from promptlang.config.chain import load
        from promptlang.files import Report

        configuration = load(file)
        self.complaints[file] = Report(Source(""))
        self.complaints |= {Path(report.source.name).absolute(): report for report in configuration.reports}
        if not self.client.watches:
            from promptlang.many.stamps import stamp

            self._stamps[file] = stamp(configuration.project)
        return configuration.project

    def has_changed_on_disk(self) -> bool:
        """Whether what was read from projects is another now; for clients that watch no files."""
        from promptlang.config.chain import load
        from promptlang.config.find import find
        from promptlang.many.stamps import stamp

        return any(find(folder) != file for folder, file in self._found.items()) or any(
            stamp(load(file).project) != known for file, known in self._stamps.items()
        )

    def forget(self) -> None:
        """Read projects and folders again when they are next asked for."""
        from promptlang.variants.wildcards import forget

        forget()
        self._projects.clear()
        self._stamps.clear()
        self._found.clear()
        self._pages.clear()

    def projects(self) -> tuple[Project, ...]:
        """The projects that were asked for."""
        return tuple(self._projects.values())

    def pages(self, fits: Callable[[str], bool]) -> Iterator[Page | None]:
        """Every open text, then every prompt file that is not open; None for each whose text does not fit.

        Reading a file costs a twentieth of cutting it into statements, so the text is asked first.
        """
        for uri in list(self.open):
            page = self.page(uri)
            yield page if page and fits(page.snapshot.text) else None
        for path in self.prompt_files():
            if boundary.uri_of(path) in self.open:
                continue
            text = self.text_of(path)
            yield self.read(self._closed(path, text)) if text is not None and fits(text) else None

    def text_of(self, path: Path) -> str | None:
        """The text of a file as it stands in the editor, else on disk."""
        text = self.open.get(boundary.uri_of(path))
        if text is not None:
            return text.text
        try:
            return read_bytes(path, LARGEST_FILE).decode("utf-8-sig")
        except (OSError, UnicodeDecodeError):
            return None

    def prompt_files(self) -> Iterator[Path]:
        """The prompt files of all folders, without hidden folders, links to folders, and beyond a fixed number."""
        from os import scandir

        count = 0
        waiting = list(reversed(self.folders))
        while waiting:
            try:
                entries = sorted(scandir(waiting.pop()), key=lambda entry: entry.name)
            except OSError:
                continue
            for entry in entries:
                if entry.name.startswith(".") or entry.name in ("node_modules", "__pycache__"):
                    continue
                if entry.is_dir(follow_symlinks=False):
                    waiting.append(Path(entry.path))
                elif entry.name.endswith(".prompt") and os.path.isfile(entry.path):
                    yield Path(entry.path)
                    count += 1
                    if count >= MOST_FILES:
                        return

    def from_disk(self, path: Path) -> Snapshot | None:
        """A file that is not open; None where it is gone, too large or no text."""
        text = self.text_of(path)
        return None if text is None else self._closed(path, text)

    def _closed(self, path: Path, text: str) -> Snapshot:
        return snapshot.opened(boundary.uri_of(path), 0, text, self.client.encoding)
