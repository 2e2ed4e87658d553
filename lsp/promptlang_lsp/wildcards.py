"""Wildcards by the names that prompts call them with, the file that each stands in, and what it holds."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from time import monotonic

from promptlang.wildcards import Value, files_below, wildcards_in

MOST = 20_000
FRESH = 2  # seconds that pass before the folders are looked at again


@dataclass(frozen=True, slots=True)
class Stamp:
    """A file of a wildcard folder as it was when it was last seen."""

    folder: Path
    path: Path
    changed: int
    size: int


def wildcard_names(folders: tuple[Path, ...]) -> tuple[str, ...]:
    """Names such as `animals/cat`, in alphabetical order."""
    return tuple(wildcard_files(folders))


def wildcard_files(folders: tuple[Path, ...]) -> dict[str, Path]:
    """The file of each name; looked for again when a file changes."""
    return _files(_stamps(folders, int(monotonic() / FRESH)))


def wildcard_values(folders: tuple[Path, ...], name: str) -> tuple[Value, ...]:
    """What a name stands for, in the order of its file; nothing where there is no such name."""
    path = wildcard_files(folders).get(name)
    stamp = next((each for each in _stamps(folders, int(monotonic() / FRESH)) if each.path == path), None)
    return dict(_held(stamp)).get(name, ()) if stamp else ()


@lru_cache(maxsize=4)
def _stamps(folders: tuple[Path, ...], moment: int) -> tuple[Stamp, ...]:
    found: list[Stamp] = []
    for folder in folders:
        for path in files_below(folder):
            try:
                status = path.stat()
            except OSError:
                continue
            found.append(Stamp(folder, path, status.st_mtime_ns, status.st_size))
            if len(found) >= MOST:
                return tuple(found)
    return tuple(found)


@lru_cache(maxsize=4)
def _files(stamps: tuple[Stamp, ...]) -> dict[str, Path]:
    """Names by file: a text file has the name of its path, only the others need to be read."""
    found: dict[str, Path] = {}
    for stamp in stamps:
        if stamp.path.suffix == ".txt":
            found[stamp.path.relative_to(stamp.folder).with_suffix("").as_posix()] = stamp.path
        else:
            found |= dict.fromkeys((name for name, _ in _held(stamp)), stamp.path)
    return dict(sorted(found.items())[:MOST])


@lru_cache(maxsize=512)
def _held(stamp: Stamp) -> tuple[tuple[str, tuple[Value, ...]], ...]:
    try:
        return tuple(wildcards_in(stamp.path, stamp.folder))
    except (OSError, ValueError):
        return ()  # the check says why
