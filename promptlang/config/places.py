"""Where the keys and values of a TOML text stand; `tomllib` reads the values but forgets their places.

The text must have been accepted by `tomllib`: this reads on and never checks.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping

from promptlang.config.bounds import beyond
from promptlang.diagnostics import Edit
from promptlang.source import Source, Span
from promptlang.values import dataclass

Path = tuple[str | int, ...]

BLANK = re.compile(r"(?:[ \t\r\n]|#[^\n]*)*")
SPACE = re.compile(r"[ \t]*")
KEY = re.compile(r'"(?:[^"\\\n]|\\.)*"|\'[^\'\n]*\'|[A-Za-z0-9_-]+')
BARE = re.compile(r"[^,\]}#\r\n]*")
STRINGS = tuple(
    (opening, re.compile(pattern, re.DOTALL))
    for opening, pattern in (
        ('"""', r'"""(?:[^\\]|\\.)*?"""+'),
        ("'''", r"'''.*?'''+"),
        ('"', r'"(?:[^"\\\n]|\\.)*"'),
        ("'", r"'[^'\n]*'"),
    )
)


@dataclass(frozen=True, slots=True)
class Place:
    """Where a key stands, and its value."""

    key: Span
    value: Span


@dataclass(slots=True)
class Reader:
    """The text, how far it was read, and what was found."""

    text: str
    at: int
    places: dict[Path, Place]

    def skip(self, pattern: re.Pattern[str]) -> str:
        """Read on over a pattern and return what it matched."""
        match = pattern.match(self.text, self.at)
        if not match:
            return ""
        self.at = match.end()
        return match[0]


def places_if_read(text: str) -> Mapping[Path, Place]:
    """`places` of a text that may be half written: of one that cannot be read nothing is known."""
    try:
        if beyond(text) is not None:
            return {}
        tomllib.loads(text)
    except (ValueError, RecursionError):
        return {}
    return places(text)


def line_under(text: str, table: str, line: str) -> Edit:
    """The edit that puts a line right under the header of a table, which is added at the end where there is none."""
    source = Source(text)
    for number in range(1, len(source.line_starts) + 1):
        if source.line(number).split("#")[0].strip() == f"[{table}]":
            last = number == len(source.line_starts)
            at = len(text) if last else source.line_starts[number]
            return Edit(Span(at, at), f"\n{line}\n" if last else f"{line}\n")
    gap = "" if not text else "\n" if text.endswith("\n") else "\n\n"
    return Edit(Span(len(text), len(text)), f"{gap}[{table}]\n{line}\n")


def places(text: str) -> Mapping[Path, Place]:
    """Every key and array item by its path: `("rules", "clipskip/high")`, `("concepts", "folders", 0)`."""
    reader = Reader(text, 0, {})
    table: Path = ()
    counts: dict[Path, int] = {}
    reader.skip(BLANK)
    while reader.at < len(text):
        if text[reader.at] == "[":
            table = _header(reader, counts)
        else:
            _pair(reader, table)
        reader.skip(BLANK)
    return reader.places


def _header(reader: Reader, counts: dict[Path, int]) -> Path:
    """`[a.b]` or `[[a.b]]`; returns the path that the pairs below belong to."""
    is_array = reader.text.startswith("[[", reader.at)
    reader.at += 2 if is_array else 1
    reader.skip(SPACE)
    names, span = _key(reader)
    reader.at += 2 if is_array else 1
    path: Path = ()
    for name in names:
        path = (*path, name)
        if path in counts and (path != names or is_array):
            counts[path] += path == names
            path = (*path, counts[path])
    if is_array and path == names:
        counts[path] = 0
        path = (*path, 0)
    reader.places.setdefault(path, Place(span, span))
    return path


def _pair(reader: Reader, table: Path) -> None:
    """`key = value`, in a table or an inline table."""
    names, span = _key(reader)
    reader.skip(SPACE)
    reader.at += 1  # the equals sign
    reader.skip(SPACE)
    path = (*table, *names)
    value = _value(reader, path)
    for size in range(len(table) + 1, len(path)):
        reader.places.setdefault(path[:size], Place(span, value))
    reader.places[path] = Place(span, value)


def _key(reader: Reader) -> tuple[tuple[str, ...], Span]:
    """A key, dotted or not, and the span of all of it."""
    names: list[str] = []
    start = end = reader.at
    while raw := reader.skip(KEY):
        names.append(next(iter(tomllib.loads(f"{raw} = 0"))) if raw[0] in "\"'" else raw)
        end = reader.at
        reader.skip(SPACE)
        if not reader.text.startswith(".", reader.at):
            break
        reader.at += 1
        reader.skip(SPACE)
    return tuple(names), Span(start, end)


def _value(reader: Reader, path: Path) -> Span:
    """Read over a value, noting the places inside it."""
    start = reader.at
    match reader.text[start : start + 1]:
        case "[":
            _items(reader, path)
        case "{":
            _inline_table(reader, path)
        case '"' | "'":
            pattern = next(pattern for opening, pattern in STRINGS if reader.text.startswith(opening, start))
            reader.skip(pattern)
        case _:
            reader.at = start + len(reader.skip(BARE).rstrip())
    return Span(start, reader.at)


def _items(reader: Reader, path: Path) -> None:
    """The items of an array."""
    reader.at += 1
    reader.skip(BLANK)
    number = 0
    while reader.at < len(reader.text) and reader.text[reader.at] != "]":
        span = _value(reader, (*path, number))
        reader.places[*path, number] = Place(span, span)
        number += 1
        reader.skip(BLANK)
        reader.at += reader.text.startswith(",", reader.at)
        reader.skip(BLANK)
    reader.at += 1


def _inline_table(reader: Reader, path: Path) -> None:
    """The pairs of `{a = 1, b = 2}`."""
    reader.at += 1
    reader.skip(BLANK)
    while reader.at < len(reader.text) and reader.text[reader.at] != "}":
        _pair(reader, path)
        reader.skip(BLANK)
        reader.at += reader.text.startswith(",", reader.at)
        reader.skip(BLANK)
    reader.at += 1
