"""Wildcard files by the names that prompts call them with."""

from __future__ import annotations

import os
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path

MOST = 20_000


def wildcard_names(folders: tuple[Path, ...]) -> tuple[str, ...]:
    """Names such as `animals/cat`, in alphabetical order."""
    return tuple(wildcard_files(folders))


def wildcard_files(folders: tuple[Path, ...]) -> dict[str, Path]:
    """The file of each name; read again when a folder changes."""
    return _files(tuple((folder, _changed(folder)) for folder in folders))


def _changed(folder: Path) -> int:
    try:
        return folder.stat().st_mtime_ns
    except OSError:
        return 0


@lru_cache(maxsize=8)
def _files(folders: tuple[tuple[Path, int], ...]) -> dict[str, Path]:
    found: dict[str, Path] = {}
    for folder, _ in folders:
        for path in _below(folder):
            found.setdefault(path.relative_to(folder).with_suffix("").as_posix(), path)
            if len(found) >= MOST:
                break
    return dict(sorted(found.items()))


def _below(folder: Path) -> Iterator[Path]:
    """Text files below a folder; links to folders are not followed."""
    for place, folders, files in os.walk(folder, followlinks=False):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in sorted(files):
            if name.endswith(".txt"):
                yield Path(place, name)
