"""Files of a project by patterns, and the recipes that they share."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from pathlib import Path, PurePath

from promptlang.config.rules import BAD_VALUE, MISSING_PATH
from promptlang.config.values import FilesOf, Reader
from promptlang.files import read_text
from promptlang.source import Span
from promptlang.statements.recipes import SharedRecipe, recipes_in


def files_of(written: str, span: Span, reader: Reader) -> FilesOf | None:
    """A pattern below the folder of the project file; one that no file matches is a warning."""
    pure = PurePath(written)
    if pure.is_absolute() or pure.drive or ".." in pure.parts:
        reader.complain(
            BAD_VALUE, f"`{written}` leads out of the project", span, help="write a path inside this folder"
        )
        return None
    found = FilesOf(reader.folder, written)
    try:
        is_there = any(_matching(found))
    except ValueError:
        help = "write `*` for any text in a name, and `**` alone between two `/` for any folders"
        reader.complain(BAD_VALUE, f"`{written}` is no pattern of files", span, help=help)
        return None
    if not is_there:
        reader.complain(MISSING_PATH, f"no file here is called `{written}`", span, help="name files in this folder")
    return found


def shared_recipes(patterns: Iterable[FilesOf]) -> tuple[SharedRecipe, ...]:
    """The recipes of the files that match; of a file that is no text its own check says so."""
    found: list[SharedRecipe] = []
    for path in dict.fromkeys(path for pattern in patterns for path in sorted(_matching(pattern))):
        try:
            file = read_text(path)
        except OSError:
            continue
        if not file.problem:
            found.extend(recipes_in(file.source.text, path))
    return tuple(found)


def _matching(wanted: FilesOf) -> Iterator[Path]:
    """The files of a pattern, none of a hidden folder, and none that a link leads to outside the folder."""
    root = os.path.realpath(wanted.folder)
    for path in wanted.folder.glob(wanted.pattern):
        is_hidden = any(part.startswith(".") for part in path.relative_to(wanted.folder).parts)
        if not is_hidden and path.is_file() and Path(os.path.realpath(path)).is_relative_to(root):
            yield path
