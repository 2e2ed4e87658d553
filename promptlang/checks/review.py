"""What a writer should see about one text: all the compiler finds, less what the project and comments silence."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from promptlang.checks.suppress import silent_in, unsuppressed
from promptlang.diagnostics import Diagnostic
from promptlang.meaning.project import Project


def review(text: str, *, project: Project | None = None, path: Path | None = None) -> tuple[Diagnostic, ...]:
    """Diagnostics in order of place; `path` is what the project's `[per-file-ignores]` match."""
    from promptlang.checks.checking import check

    found = unsuppressed(text, check(text, project=project), project=project)
    if project is None:
        return found
    silent = silent_in(project, path) if path else frozenset[str]()
    return tuple(diagnostic for diagnostic in judged(project, found) if diagnostic.rule.name not in silent)


def judged(project: Project, diagnostics: Iterable[Diagnostic]) -> tuple[Diagnostic, ...]:
    """The diagnostics with the severities that the project wants, without those it switches off."""
    from promptlang.checks.checking import with_severity

    return tuple(wanted for each in diagnostics if (wanted := with_severity(each, project)))
