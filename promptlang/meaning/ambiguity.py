"""What to say of a name that several files have: which they are, and the longer names that call one of them."""

from __future__ import annotations

from pathlib import Path

from promptlang.files import visible
from promptlang.meaning.project import Project
from promptlang.tables.models.known import KnownConcept

FEW = 3  # files that one line names


def several_files(known: KnownConcept, project: Project) -> str:
    """The files of one name, in one clause."""
    files = [f"`{place(path, project.root)}`" for path in known.several[:FEW]]
    more = len(known.several) - len(files)
    if more:
        files.append(f"{more} more")
    return f"{len(known.several)} files are called `{known.name[:60]}`: {', '.join(files)}"


def longer_names(known: KnownConcept, project: Project) -> tuple[str, ...]:
    """The names that call each of the files alone."""
    return tuple(project.files.name(path) for path in known.several)


def place(path: Path, root: Path | None) -> str:
    """Where a file lies in the project, or the whole path of one that lies elsewhere."""
    inside = path.relative_to(root) if root and path.is_relative_to(root) else path
    return visible(inside.as_posix())
