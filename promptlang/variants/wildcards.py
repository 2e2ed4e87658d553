"""Wildcard files: the values that `__name__` stands for, from `.txt`, `.json` and simple `.yaml` files in folders.

Nothing in a file is executed, links that lead out of a folder are not followed, files are read when first needed.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from difflib import get_close_matches
from fnmatch import fnmatchcase
from functools import cached_property, lru_cache
from pathlib import Path
from time import monotonic

from promptlang.variants.simple_yaml import Unreadable, Yaml, read_yaml

LARGEST = 32 * 1024 * 1024  # bytes of one wildcard file
MOST_FILES = 20_000
FRESH = 2  # seconds


@dataclass(frozen=True, slots=True)
class Value:
    """A line of a wildcard; it may hold variants of its own."""

    text: str
    weight: float = 1.0


@dataclass(frozen=True)
class Wildcards:
    """The wildcards of some folders; of two with the same name the later one counts."""

    folders: tuple[Path, ...] = ()
    _found: dict[str, tuple[Value, ...]] = field(
        default_factory=dict[str, tuple[Value, ...]], repr=False, compare=False
    )

    @cached_property
    def collections(self) -> dict[str, tuple[Value, ...]]:
        """Every wildcard by its name, such as `style/art`."""
        return {name: values for folder in self.folders for name, values in _folder(folder)[0]}

    @cached_property
    def unreadable(self) -> tuple[tuple[Path, str], ...]:
        """The files that were left out, and why."""
        return tuple(problem for folder in self.folders for problem in _folder(folder)[1])

    def values(self, name: str) -> tuple[Value, ...]:
        """The values whose wildcard fits the name, sorted, each once; `*` in a name also crosses folders."""
        if name not in self._found:
            self._found[name] = self._values(name)
        return self._found[name]

    def _values(self, name: str) -> tuple[Value, ...]:
        pattern = re.sub(r"[\\/]+", "/", name.removeprefix("__").removesuffix("__")).strip("/")
        if ".." in pattern:
            return ()
        values = self._fitting(pattern)
        if not values and not pattern.startswith("**"):
            values = self._fitting(f"**/{pattern}")
        return tuple(sorted(dict.fromkeys(values), key=lambda value: value.text))

    def _fitting(self, pattern: str) -> list[Value]:
        if not re.search(r"[*?\[]", pattern):
            return list(self.collections.get(pattern, ()))
        return [value for name, values in self.collections.items() if fnmatchcase(name, pattern) for value in values]

    def nearest(self, name: str) -> str | None:
        """The wildcard that is called almost like this."""
        return next(iter(get_close_matches(name, self.collections, 1)), None)


NO_WILDCARDS = Wildcards()


@dataclass(frozen=True, slots=True)
class Stamp:
    """A file of a wildcard folder as it was when it was last seen."""

    folder: Path
    path: Path
    changed: int
    size: int


def stamps(folders: tuple[Path, ...]) -> tuple[Stamp, ...]:
    """Every wildcard file of the folders; looked at again after `FRESH` seconds."""
    return _stamps(folders, _moment())


@lru_cache(maxsize=8)
def _stamps(folders: tuple[Path, ...], moment: int) -> tuple[Stamp, ...]:
    found: list[Stamp] = []
    for folder in folders:
        for path in files_below(folder):
            try:
                status = path.stat()
            except OSError:
                continue
            found.append(Stamp(folder, path, status.st_mtime_ns, status.st_size))
            if len(found) >= MOST_FILES:
                return tuple(found)
    return tuple(found)


def current(folders: tuple[Path, ...]) -> Wildcards:
    """The wildcards of folders, read again when a file changes: editors ask for as long as they run."""
    return _current(folders, _moment())


@lru_cache(maxsize=8)
def _current(folders: tuple[Path, ...], moment: int) -> Wildcards:
    """Once a moment: every statement asks, and comparing thousands of stamps takes longer than its check."""
    return _unchanged(folders, _stamps(folders, moment))


@lru_cache(maxsize=8)
def _unchanged(folders: tuple[Path, ...], found: tuple[Stamp, ...]) -> Wildcards:
    return Wildcards(folders)


def _moment() -> int:
    return int(monotonic() / FRESH)


def _folder(folder: Path) -> tuple[list[tuple[str, tuple[Value, ...]]], list[tuple[Path, str]]]:
    found: list[tuple[str, tuple[Value, ...]]] = []
    problems: list[tuple[Path, str]] = []
    for path in files_below(folder):
        try:
            found.extend(wildcards_in(path, folder))
        except (OSError, ValueError) as problem:
            problems.append((path, str(problem)))
    return found, problems


def files_below(folder: Path) -> Iterator[Path]:
    """The wildcard files below a folder; links are followed as long as they stay inside and lead nowhere twice."""
    root = folder.resolve()
    visited: set[Path] = set()
    for place, below, names in os.walk(folder, followlinks=True):
        real = Path(place).resolve()
        if real in visited or not real.is_relative_to(root):
            below.clear()
            continue
        visited.add(real)
        below[:] = sorted(name for name in below if not name.startswith("."))
        for name in sorted(names):
            path = Path(place, name)
            if path.suffix in {".txt", ".json", ".yaml"} and path.resolve().is_relative_to(root):
                yield path


def wildcards_in(path: Path, folder: Path) -> list[tuple[str, tuple[Value, ...]]]:
    """Name and values of every wildcard of one file below a folder.

    Raises `OSError`, and `ValueError` that says why a file cannot be read.
    """
    if path.stat().st_size > LARGEST:
        raise ValueError(f"larger than {LARGEST // 1024**2} MiB")
    name = path.relative_to(folder).with_suffix("").as_posix()
    text = path.read_text(encoding="utf-8", errors="ignore" if path.suffix == ".txt" else "strict")
    if path.suffix == ".txt":
        lines = (line.strip() for line in re.split(r"\r\n|\r|\n", text))
        return [(name, tuple(Value(line) for line in lines if line and not line.startswith("#")))]
    try:
        data: Yaml = json.loads(text) if path.suffix == ".json" else read_yaml(text)
    except (Unreadable, RecursionError) as problem:
        raise ValueError(str(problem)) from problem
    if isinstance(data, list):
        entries = tuple(Value(entry) for entry in data if isinstance(entry, str))
        return [(name, entries)] if entries else []
    prefix = path.parent.relative_to(folder).as_posix()
    return list(_named(data, () if prefix == "." else (prefix,))) if isinstance(data, dict) else []


def _named(data: dict[str, Yaml], prefix: tuple[str, ...]) -> Iterator[tuple[str, tuple[Value, ...]]]:
    """The lists of a structured file, named by the keys that lead to them."""
    for key, value in data.items():
        name = (*prefix, key)
        if isinstance(value, dict):
            yield from _named(value, name)
        elif isinstance(value, list):
            yield "/".join(name), tuple(entry for item in value for entry in _entry(item))
        elif isinstance(value, str) and value:
            yield "/".join(name), (*_entry(value),)


def _entry(item: Yaml) -> Iterator[Value]:
    """A text, `2::text`, or `{text: …, weight: 2}`."""
    if isinstance(item, str) and item:
        written, separator, text = item.rpartition("::")
        if item[0].isdigit() and separator:
            try:
                yield Value(text, float(written))
                return
            except ValueError:
                pass
        yield Value(item)
    elif isinstance(item, dict):
        text = item.get("text") or item.get("content")
        weight = item.get("weight", 1)
        if isinstance(text, str) and isinstance(weight, str | int | float):
            yield Value(text, float(weight))
