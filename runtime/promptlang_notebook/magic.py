"""The magic `%%prompt`: it says what is found in a cell, draws it, and keeps the pictures under a name.

Torch is loaded with the first picture, and a model stays loaded for the next cell.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Protocol
from warnings import catch_warnings, filterwarnings

from promptlang_notebook.findings import Findings

if TYPE_CHECKING:
    from PIL.Image import Image

    from promptlang.meaning.project import Project

CHECK = "--check"
USAGE = "usage: %%prompt [--check] [NAME]: draw the cell, or only check it; the list NAME keeps the pictures"
CELL = "cell.prompt"  # what a cell is called where a file would have a name


class Formatter(Protocol):
    """What IPython shows an object by: data by media type, and what belongs to it."""

    def format(self, obj: object) -> tuple[Mapping[str, object], Mapping[str, object]]: ...


class Publisher(Protocol):
    """What sends it to the page."""

    def publish(self, *, data: Mapping[str, object], metadata: Mapping[str, object]) -> None: ...


class Shell(Protocol):
    """What is used of IPython."""

    user_ns: dict[str, object]
    display_formatter: Formatter
    display_pub: Publisher

    def register_magic_function(
        self, func: Callable[[str, str], None], *, magic_kind: str, magic_name: str
    ) -> None: ...


def load_ipython_extension(shell: Shell) -> None:
    """Teach a notebook the magic."""

    def prompt(line: str, cell: str) -> None:
        run(shell, line.split(), cell)

    prompt.__doc__ = USAGE
    shell.register_magic_function(prompt, magic_kind="cell", magic_name="prompt")


def run(shell: Shell, words: list[str], cell: str) -> None:
    """Do what the line above the cell says."""
    names = [word for word in words if word != CHECK]
    if len(names) > 1 or not all(map(str.isidentifier, names)):
        print(USAGE, file=sys.stderr)
        return
    project = _project()
    if found := Findings.of(cell, project, CELL):
        _show(shell, found)
    if CHECK in words:
        return
    kept: list[Image] = []
    for picture in _drawn(cell, project):
        _show(shell, picture)
        kept.append(picture)
    for name in names:
        shell.user_ns[name] = kept


def _project() -> Project | None:
    """That of the folder the notebook runs in, read anew for each cell."""
    from promptlang.cli.inputs import Projects

    return Projects().of(CELL)


def _drawn(cell: str, project: Project | None) -> Iterator[Image]:
    """The pictures of the statements that have no error; what cannot be drawn is said, and leaves the others alone."""
    from promptlang import compile
    from promptlang.cli.terminal import complain
    from promptlang_runtime.planning.jobs import placed

    with catch_warnings():
        filterwarnings("ignore", "IProgress not found")  # tqdm would like widgets for bars that nothing here shows
        from promptlang_runtime import RenderError, pictures

    root = project.root if project and project.root else Path.cwd()
    for plan in compile(cell, project=project).plans:
        try:
            yield from pictures(placed(plan, root))
        except RenderError as error:
            complain(error.message, error.help)


def _show(shell: Shell, what: object) -> None:
    data, metadata = shell.display_formatter.format(what)
    shell.display_pub.publish(data=data, metadata=metadata)
