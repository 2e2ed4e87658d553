"""Reading one project file: its values, where they stand, and complaints about those that do not fit."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Mapping
from datetime import date, datetime, time
from pathlib import Path
from typing import Literal, Union

from promptlang.config.keys import KeyPath
from promptlang.config.places import Place
from promptlang.config.rules import BAD_VALUE, MISSING_PATH
from promptlang.diagnostics import Diagnostic, Rule, Severity, finding, replacement
from promptlang.meaning.project import DefaultOption, FileIgnores
from promptlang.source import Source, Span
from promptlang.suggest import nearest
from promptlang.tables.models.known import KnownConcept
from promptlang.tables.options.kinds import FilePath
from promptlang.tables.options.reading import read
from promptlang.values import dataclass, field


@dataclass(frozen=True, slots=True)
class FilesOf:
    """The files below a folder whose path from there matches a pattern."""

    folder: Path
    pattern: str


Toml = Union[str, int, float, bool, datetime, date, time, "list[Toml]", "dict[str, Toml]"]
Value = (
    str
    | bool
    | int
    | Severity
    | None
    | DefaultOption
    | FileIgnores
    | KnownConcept
    | tuple[str, ...]
    | tuple[Path, ...]
    | tuple[FilesOf, ...]
)

_UNUSED = re.compile("[\0\ud800-\udfff]")  # no system takes a zero or half of a pair in a name

FEW = 6  # names that a message still lists


@dataclass(frozen=True, slots=True)
class Setting:
    """A value that counts, and where it stands."""

    value: Value
    span: Span


@dataclass(slots=True)
class Reader:
    """One project file while it is read."""

    source: Source
    folder: Path
    places: Mapping[tuple[str | int, ...], Place]
    diagnostics: list[Diagnostic] = field(default_factory=list[Diagnostic])

    def span(self, path: tuple[str | int, ...], *, of_key: bool = False) -> Span:
        """Where a value stands, or its key."""
        place = self.places.get(path)
        if place is None:
            return Span(0, 0)
        return place.key if of_key else place.value

    def complain(
        self, rule: Rule, message: str, span: Span, label: str = "", *, help: str = "", write: str = ""
    ) -> None:
        """Note a diagnostic; `write` is a text that would be right in its place."""
        fixes = (replacement(f"Replace by `{write}`", span, write, safe=False),) if write else ()
        self.diagnostics.append(finding(rule, message, span, label, help=help, fixes=fixes))

    def wrong(
        self, path: KeyPath, wanted: str, value: Toml, span: Span | None = None, *, write: str = "", help: str = ""
    ) -> None:
        """Complain that a value is not what its key wants."""
        help = help or (f"write `{write}`" if write else "")
        message = f"{path[-1]} must be {wanted}, found {_named(value)}"
        self.complain(BAD_VALUE, message, span or self.span(path), help=help, write=write)


def one_of(path: KeyPath, value: Toml, names: Iterable[str], reader: Reader) -> str | None:
    """A text that is one of several names; where they are many, the help lists them instead of the message."""
    names = tuple(names)
    if isinstance(value, str) and value in names:
        return value
    close = nearest(value.lower(), names) if isinstance(value, str) else None
    write = f'"{close}"' if close else ""
    if len(names) <= FEW:
        return reader.wrong(path, f"one of {_listed(names)}", value, write=write)
    others = _listed(name for name in names if name != close)
    help = f"write `{write}`, or another of {others}" if write else f"write one of {others}"
    return reader.wrong(path, "a known name", value, write=write, help=help)


def text(path: KeyPath, value: Toml, reader: Reader) -> str | None:
    """A text that is not empty."""
    if isinstance(value, str) and value and not _UNUSED.search(value):
        return value
    return reader.wrong(path, "a text that is not empty", value)


def texts(path: KeyPath, value: Toml, reader: Reader) -> tuple[tuple[str, Span], ...]:
    """The texts of a list, or a single one, with their places."""
    if isinstance(value, str):
        value = [value]
        spans = [reader.span(path)]
    elif isinstance(value, list):
        spans = [reader.span((*path, at)) for at in range(len(value))]
    else:
        reader.wrong(path, "a list of texts", value)
        return ()
    found: list[tuple[str, Span]] = []
    for item, span in zip(value, spans, strict=True):
        if isinstance(item, str) and item and not _UNUSED.search(item):
            found.append((item, span))
        else:
            reader.wrong(path, "a list of texts", item, span)
    return tuple(found)


def path_of(written: str, span: Span, reader: Reader, *, holds: Literal["", "folders", "files"] = "") -> Path:
    """A path relative to the project file; one from which nothing can be read is a warning."""
    target = Path(os.path.normpath(reader.folder / written))
    if problem := _unread(target, holds):
        message, help = problem
        reader.complain(MISSING_PATH, message.format(written=written), span, help=help)
    return target


def _unread(target: Path, holds: str) -> tuple[str, str] | None:
    """Why nothing is read from a path, and what to do."""
    if not target.exists():
        return "there is no `{written}`", "write a path relative to this file"
    if not (target.is_file() or target.is_dir()):
        return (
            "`{written}` is neither a regular file nor a folder, and nothing is read from it",
            "name a file or a folder",
        )
    if holds == "files" and target.is_dir():
        return "`{written}` is a folder, and nothing is read from it", "name the files in it"
    if holds == "folders" and target.is_file():
        return "`{written}` is a file, and nothing is read from it", "name the folder that it lies in"
    if not os.access(target, os.R_OK):
        return "`{written}` may not be read by you", "change its permissions"
    return None


def inside(path: KeyPath, value: Toml, reader: Reader) -> str | None:
    """A path that stays inside the project."""
    written = text(path, value, reader)
    if written is None:
        return None
    reading = read(FilePath(), path[-1], written, path[-1])
    for problem in reading.problems:
        reader.complain(BAD_VALUE, problem.message, reader.span(path), help="write a path inside this folder")
    return written if reading.value is not None else None


def _listed(names: Iterable[str]) -> str:
    return ", ".join(f"`{name}`" for name in names)


def _named(value: Toml) -> str:
    """A value as a message calls it."""
    match value:
        case bool():
            return "`true`" if value else "`false`"
        case int() | float():
            return f"`{value}`" if len(f"{value}") <= 40 else "a long number"
        case str():
            return f'`"{value}"`' if len(value) <= 40 else "a long text"
        case list():
            return "a list"
        case dict():
            return "a table"
        case _:
            return "a date or time"
