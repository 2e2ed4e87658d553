"""The setting `concept`: whether the model that draws where a prompt names none is one that can."""

from __future__ import annotations

from collections.abc import Iterator

from promptlang.config.rules import BAD_VALUE, UNKNOWN_CONCEPT
from promptlang.config.values import Setting
from promptlang.diagnostics import Diagnostic, finding, replacement
from promptlang.meaning.project import FEW, Project, longer_names, several_files
from promptlang.meaning.view import ADDED
from promptlang.sentences import listed
from promptlang.suggest import nearest
from promptlang.tables.models.known import unknown


def drawing_model(project: Project, setting: Setting | None) -> Iterator[Diagnostic]:
    """What is wrong with the project's model; nothing where no file of the project names one."""
    if setting is None:
        return
    known = project.known(project.concept)
    if known is None:
        close = nearest(project.concept.lower(), (*project.by_name, *project.files.by_name))
        yield finding(
            UNKNOWN_CONCEPT,
            unknown(project.concept),
            setting.span,
            help=f'write `"{close}"`' if close else "give its file a name under `[concepts.names]`",
            fixes=(replacement(f'Replace by `"{close}"`', setting.span, f'"{close}"', safe=False),) if close else (),
        )
    elif known.several:
        names = [f'"{each}"' for each in longer_names(known, project)[:FEW]]
        yield finding(
            BAD_VALUE,
            several_files(known, project),
            setting.span,
            help=f"write {listed((f'`{each}`' for each in names), 'or')}",
            fixes=tuple(replacement(f"Write `{each}`", setting.span, each, safe=False) for each in names),
        )
    elif known.kind in ADDED:
        message = f"concept must be a checkpoint, found `{known.name}`, which is none"
        yield finding(BAD_VALUE, message, setting.span, help="name a checkpoint, and call this one in prompts")
