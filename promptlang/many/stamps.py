"""What findings depend on besides the text: this compiler, and what the project names on the disk.

A stamp says nothing but "the same as then". Where it cannot be sure there is none, and nothing is remembered.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from functools import cache
from hashlib import blake2b
from pathlib import Path

from promptlang.meaning.project import Project
from promptlang.tables.options.kinds import FilePath, Name
from promptlang.tables.options.table import ROWS
from promptlang.version import VERSION

MOST = 20_000  # entries of folders; to look at more takes longer than checking again
_PACKAGE = Path(__file__).parents[1]
_BESIDE = (_PACKAGE / "grammars", _PACKAGE.parent / "grammars")  # in an installation, and in the source tree

_NAMING = tuple(f"/{row.name}" for row in ROWS if isinstance(row.kind, FilePath | Name))

Seen = tuple[str, int, int, int]  # where, when it was changed, how large it is, and which it is


class TooMany(Exception):
    """More entries than anybody should wait for."""


def digest(*parts: object) -> str:
    """A name for values of plain data."""
    return blake2b(repr(parts).encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()


def names_files(text: str) -> bool:
    """Whether a text may name a file in an option: what is said of it depends on the file, which no stamp knows."""
    lowered = text.lower()
    return any(mark in lowered for mark in _NAMING)


def stamp(project: Project | None) -> str | None:
    """What the findings of every text of a project depend on; None where that is too much to look at."""
    try:
        outside = tuple(_outside(project)) if project else ()
    except TooMany:
        return None
    return digest(compiler(), repr(project), outside)


@cache
def compiler() -> str:
    """The version, and the files of the compiler as they lie there: they change while one works on it."""
    files = [entry for folder in (_PACKAGE, *_BESIDE) if folder.is_dir() for entry in _below(folder, MOST)]
    return digest(VERSION, sys.version, [each for each in files if not each[0].endswith((".pyc", "__pycache__"))])


def _outside(project: Project) -> Iterator[Seen]:
    """Everything in the folders of models and wildcards, and beside the model files that entries name."""
    named = [path for each in project.concepts for path in (each.path, *each.text_encoders, each.vae) if path]
    below = (*project.folders, *project.wildcards, *(path for path in named if path.is_dir()))
    for folder in dict.fromkeys(below):
        yield from _below(folder, MOST)
    for folder in dict.fromkeys(path.parent for path in named):
        yield from _entries(folder)


def _below(folder: Path, most: int) -> Iterator[Seen]:
    """Every entry below a folder, links followed; a folder that two names lead to is looked at once."""
    waiting, visited, count = [os.fspath(folder)], set[str](), 0
    while waiting:
        here = waiting.pop()
        real = os.path.realpath(here)
        if real in visited:
            continue
        visited.add(real)
        for entry in _entries(Path(here)):
            count += 1
            if count > most:
                raise TooMany
            yield entry
            if os.path.isdir(entry[0]):
                waiting.append(entry[0])


def _entries(folder: Path) -> Iterator[Seen]:
    """What lies in a folder, in order of name, and the folder itself: an entry that cannot be read counts as well."""
    try:
        entries = sorted(os.scandir(folder), key=lambda entry: entry.name)
    except OSError as error:
        yield os.fspath(folder), -1, -1, error.errno or 0
        return
    for entry in entries:
        try:
            status = entry.stat()
        except OSError as error:
            yield entry.path, -1, -1, error.errno or 0
        else:
            if entry.is_dir():  # what lies in it has stamps of its own
                yield entry.path, 0, 0, status.st_ino
            else:
                yield entry.path, status.st_mtime_ns, status.st_size, status.st_ino
