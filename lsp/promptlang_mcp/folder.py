"""What a tool may be pointed at: a text, or a file in the folder that is served."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from promptlang.cli.arguments import UsageError
from promptlang.cli.inputs import STANDARD_INPUT, Projects, read
from promptlang.files import Report, TextFile
from promptlang.meaning.project import Project
from promptlang.source import Source

TEXT = "<text>"


@dataclass(frozen=True, slots=True)
class Page:
    """A text, where it lies, what it is read against, and what was found in the files of its project."""

    file: TextFile
    path: Path
    project: Project | None
    of_project: tuple[Report, ...] = ()

    @property
    def source(self) -> Source:
        """The text with its name."""
        return self.file.source

    @property
    def where(self) -> str:
        """How a command of ours is told of it: by its path, or by standard input."""
        return STANDARD_INPUT if self.source.name == TEXT else str(self.path)


def page(text: str | None, path: str | None) -> Page:
    """What was handed over, or the file of that name; raises UsageError where it is neither, both or not to be read."""
    if (text is None) == (path is None):
        raise UsageError("one of `text` and `path` is needed", "give the prompt as `text`, or name a file as `path`")
    if path is not None:
        file = read(inside(path).relative_to(Path.cwd()))
        return _page(file.file, file.path)
    return _page(TextFile(Source(text or "", TEXT)), Path("text.prompt"))


def inside(path: str) -> Path:
    """A path in the folder, links followed; raises UsageError for one that leads out of it."""
    here = Path.cwd().resolve()
    try:
        real = (here / path).resolve()
    except (OSError, ValueError) as error:  # a zero in it, or a circle of links
        raise UsageError(f"`{path}` is no path") from error
    if not real.is_relative_to(here):
        raise UsageError(f"`{path}` lies outside the folder that is served", "name a file in it, or hand the text over")
    return real


def _page(file: TextFile, path: Path) -> Page:
    """Project files are read anew each time: they may have changed since the last call."""
    known = Projects()
    project = known.of(path)
    return Page(file, path, project, tuple(known.reports))
