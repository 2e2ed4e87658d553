"""Wildcards by the names that prompts call them with, the file that each stands in, and what it holds."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from promptlang.variants.entries import Value, Wildcard
from promptlang.variants.wildcards import Stamp, read_file, stamps

MOST = 20_000


def wildcard_names(folders: tuple[Path, ...]) -> tuple[str, ...]:
    """Names such as `animals/cat`, in alphabetical order."""
    return tuple(wildcard_files(folders))


def wildcard_files(folders: tuple[Path, ...]) -> dict[str, Path]:
    """The file of each name; looked for again when a file changes."""
    return _files(stamps(folders))


def wildcard_called(folders: tuple[Path, ...], written: str) -> str:
    """The whole name that a prompt calls: as written, else the only one that ends so; empty where there is none."""
    files = wildcard_files(folders)
    if written in files:
        return written
    ending = f"/{written.strip('/')}"
    found = [name for name in files if name.endswith(ending)] if written else []
    return found[0] if len(found) == 1 else ""


def wildcard_folder(folders: tuple[Path, ...], path: Path) -> Path | None:
    """The wildcard folder that a file lies in; of several the innermost."""
    around = [folder for folder in folders if path.is_relative_to(folder)]
    return max(around, key=lambda folder: len(folder.parts), default=None)


def wildcard_values(folders: tuple[Path, ...], name: str) -> tuple[Value, ...]:
    """What a name stands for, in the order of its file; nothing where there is no such name."""
    path = wildcard_files(folders).get(name)
    stamp = next((each for each in stamps(folders) if each.path == path), None)
    return next((each.values for each in _held(stamp) if each.name == name), ()) if stamp else ()


@lru_cache(maxsize=4)
def _files(found: tuple[Stamp, ...]) -> dict[str, Path]:
    """Names by file: a text file has the name of its path, only the others need to be read."""
    names: dict[str, Path] = {}
    for stamp in found:
        if stamp.path.suffix == ".txt":
            names[stamp.path.relative_to(stamp.folder).with_suffix("").as_posix()] = stamp.path
        else:
            names |= dict.fromkeys((each.name for each in _held(stamp)), stamp.path)
    return dict(sorted(names.items())[:MOST])


@lru_cache(maxsize=512)
def _held(stamp: Stamp) -> tuple[Wildcard, ...]:
    return read_file(stamp.path, stamp.folder).wildcards  # of a file that cannot be read the check says why
