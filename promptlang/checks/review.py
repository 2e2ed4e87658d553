"""What a writer should see about one text: all the compiler finds, less what the project and comments silence."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path

from promptlang.checks.suppress import silent_in, unsuppressed
from promptlang.diagnostics import Diagnostic
from promptlang.meaning.project import Project
from promptlang.tables.options.table import FILES

_NAMING = tuple(f"/{row.name}" for row in FILES)


def review(text: str, *, project: Project | None = None, path: Path | None = None) -> tuple[Diagnostic, ...]:
    """Diagnostics in order of place; `path` is what the project's `[per-file-ignores]` match.

    Where there is no project, the files that options name lie beside `path`.
    """
    from promptlang.checks.checking import check

    names_files = path is not None and any(map(text.lower().__contains__, _NAMING))
    around = project or (_beside(path.parent.absolute()) if path and names_files else None)
    found = unsuppressed(text, check(text, project=around), project=project)
    if project is None:
        return found
    silent = silent_in(project, path) if path else frozenset[str]()
    return tuple(diagnostic for diagnostic in judged(project, found) if diagnostic.rule.name not in silent)


@lru_cache(maxsize=16)
def _beside(folder: Path) -> Project:
    """What a text is read in that belongs to no project; one for each absolute folder, so that work is kept for it."""
    return Project(root=folder)


def judged(project: Project, diagnostics: Iterable[Diagnostic]) -> tuple[Diagnostic, ...]:
    """The diagnostics with the severities that the project wants, without those it switches off."""
    from promptlang.checks.checking import with_severity

    return tuple(wanted for each in diagnostics if (wanted := with_severity(each, project)))
