"""What the commands that read pictures share: the files of folders, and what a picture says of its making."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from promptlang.cli.inputs import naming
from promptlang.files import visible
from promptlang.meaning.project import Project
from promptlang.values import dataclass

if TYPE_CHECKING:
    from promptlang.plans.plan import Plan

PICTURES = (".png", ".jpg", ".jpeg", ".webp")

_SHOWN_FROM = 100  # files: of fewer no progress is shown
_EVERY = 50
_Each = TypeVar("_Each")


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """A picture: the program that made it, the statement that draws it, and remarks.

    `plan` is the one it was drawn by where that is told (`is_told`), else that of its statement, which may have none.
    """

    name: str
    program: str
    text: str
    remarks: tuple[str, ...]
    plan: Plan | None
    is_told: bool
    is_page: bool


def seen(path: Path, project: Project | None) -> Seen:
    """What a picture says; raises OSError where the system refuses."""
    from promptlang.importers.reading import read_file
    from promptlang.importers.retold import told
    from promptlang.lowering.lower import compile

    reading = read_file(path)
    said = told(reading, named=naming(project))
    text = "\n\n".join(said.statements)
    plan = reading.plan or (next(iter(compile(text, project=project).plans), None) if text else None)
    return Seen(
        name=visible(str(path)),
        program=reading.program,
        text=text,
        remarks=said.remarks,
        plan=plan,
        is_told=reading.plan is not None,
        is_page=reading.is_page,
    )


def inside(folder: str, endings: tuple[str, ...]) -> Iterator[str]:
    """The files in a folder and those below it that end so, in order of name; what is hidden is left out."""
    for here, folders, files in os.walk(folder):
        folders[:] = sorted(each for each in folders if not each.startswith("."))
        yield from (os.path.join(here, each) for each in sorted(files) if each.lower().endswith(endings))


def counted(sources: Sequence[_Each]) -> Iterator[_Each]:
    """The same, with their number on a terminal while they are read."""
    shows = len(sources) >= _SHOWN_FROM and sys.stderr.isatty()
    for number, source in enumerate(sources, 1):
        if shows and number % _EVERY == 0:
            print(f"\r{number:,} of {len(sources):,}", end="", file=sys.stderr, flush=True)
        yield source
    if shows:
        print("\r" + " " * 40 + "\r", end="", file=sys.stderr, flush=True)
