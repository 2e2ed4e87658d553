"""Wildcard files: the values that `__name__` stands for, from `.txt`, `.json` and `.yaml` files in folders.

Nothing in a file is executed, links that lead out of a folder are not followed, files are read when first needed.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from fnmatch import fnmatchcase
from functools import cached_property
from itertools import islice
from pathlib import Path
from time import monotonic

from promptlang.files import TextFile, decoded, read_bytes, reason
from promptlang.source import LINE_END
from promptlang.values import dataclass, field, replace
from promptlang.variants.entries import LeftOut, Value, Wildcard

LARGEST = 32 * 1024 * 1024  # bytes of one text file
LARGEST_STRUCTURED = 8 * 1024 * 1024  # bytes of one YAML or JSON file
MOST_FILES = 20_000
MOST_FOLDERS = 5_000
_ENDINGS = frozenset({".txt", ".json", ".yaml"})
LONGEST_LOOK = 2  # seconds that a folder is looked through
FRESH = 2  # seconds
_IDLE = 10  # times as long as a look took it holds


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
        return {each.name: each.values for file in self._files for each in file.wildcards}

    @cached_property
    def unreadable(self) -> tuple[tuple[Path, str], ...]:
        """The files that were left out, and why."""
        return tuple((file.path, file.problem) for file in self._files if file.problem)

    @cached_property
    def left_out(self) -> dict[str, tuple[Path, tuple[LeftOut, ...]]]:
        """By the name of a wildcard, the file and the entries of it that are no values, and why."""
        return {
            each.name: (file.path, each.left_out) for file in self._files for each in file.wildcards if each.left_out
        }

    @cached_property
    def _files(self) -> tuple[WildcardFile, ...]:
        return tuple(read_file(path, folder) for folder in self.folders for path in files_below(folder))

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
        from difflib import get_close_matches

        return next(
            iter(get_close_matches(name, [each for each, values in self.collections.items() if values], 1)), None
        )


NO_WILDCARDS = Wildcards()


@dataclass(frozen=True, slots=True)
class Stamp:
    """A file of a wildcard folder as it was when it was last seen."""

    folder: Path
    path: Path
    changed: int
    size: int


@dataclass(frozen=True, slots=True)
class _Look:
    """What was seen in some folders, and until when that is taken to be so."""

    stamps: tuple[Stamp, ...]
    wildcards: Wildcards
    until: float


_looks: dict[tuple[Path, ...], _Look] = {}
_MOST_LOOKS = 8


def stamps(folders: tuple[Path, ...]) -> tuple[Stamp, ...]:
    """Every wildcard file of the folders; looked at again after `FRESH` seconds, and later where looking takes long."""
    return _look(folders).stamps


def current(folders: tuple[Path, ...]) -> Wildcards:
    """The wildcards of folders, read again when a file changes: editors ask for as long as they run."""
    return _look(folders).wildcards


def _look(folders: tuple[Path, ...]) -> _Look:
    """Once a while: every statement asks, and comparing thousands of stamps takes longer than its check."""
    before, start = _looks.get(folders), monotonic()
    if before and start < before.until:
        return before
    found = tuple(islice(_stamped(folders), MOST_FILES))
    end = monotonic()
    kept = before.wildcards if before and before.stamps == found else Wildcards(folders)
    if len(_looks) >= _MOST_LOOKS:
        _looks.clear()
    look = _looks[folders] = _Look(found, kept, end + max(FRESH, _IDLE * (end - start)))
    return look


def _stamped(folders: tuple[Path, ...]) -> Iterator[Stamp]:
    for folder in folders:
        for path in files_below(folder):
            try:
                status = path.stat()
            except OSError:
                continue
            yield Stamp(folder, path, status.st_mtime_ns, status.st_size)


def forget() -> None:
    """Look at the folders again at once: something in them is known to have changed."""
    for folders, look in _looks.items():
        _looks[folders] = replace(look, until=0.0)


def files_below(folder: Path) -> Iterator[Path]:
    """The wildcard files below a folder, each once, and the links that lead out of it, which are not followed; the
    folder itself comes last where it holds more than is looked through.
    """
    root, number, end = str(folder.resolve()), 0, monotonic() + LONGEST_LOOK
    real = {str(folder): root}  # by the places that lead there
    visited: set[str] = set()
    for place, below, names in os.walk(folder, followlinks=True):
        above, name = os.path.split(place)
        if place not in real:
            real[place] = os.path.realpath(place) if os.path.islink(place) else os.path.join(real[above], name)
        here = real[place]
        if here in visited or not (here == root or here.startswith(os.path.join(root, ""))):
            below.clear()
            if here not in visited:
                yield Path(place)
            continue
        visited.add(here)
        below[:] = sorted(name for name in below if not name.startswith("."))
        files = [Path(place, name) for name in sorted(names) if os.path.splitext(name)[1] in _ENDINGS]
        yield from files
        number += len(files)
        if number >= MOST_FILES or len(visited) >= MOST_FOLDERS or monotonic() > end:
            yield folder
            return


@dataclass(frozen=True, slots=True)
class WildcardFile:
    """A wildcard file read: its wildcards, or why it was left out, in one clause."""

    path: Path
    wildcards: tuple[Wildcard, ...] = ()
    problem: str = ""


def read_file(path: Path, folder: Path) -> WildcardFile:
    """The wildcards of one file below a folder; whatever stands in it, this does not raise."""
    if path == folder:
        return WildcardFile(path, problem="it holds too much to look through all of it")
    if path.is_symlink() and not path.resolve().is_relative_to(folder.resolve()):
        return WildcardFile(path, problem="it is a link that leads out of the wildcard folder")
    try:
        return WildcardFile(path, tuple(_read(path, folder)))
    except OSError as error:
        return WildcardFile(path, problem=reason(error))
    except ValueError as error:  # bytes that are not UTF-8, or data that cannot be read
        return WildcardFile(path, problem=str(error))


def _read(path: Path, folder: Path) -> Iterator[Wildcard]:
    largest = LARGEST if path.suffix == ".txt" else LARGEST_STRUCTURED
    name = path.relative_to(folder).with_suffix("").as_posix()
    file = decoded(data := read_bytes(path, largest), path.name)
    if b"\0" in data:
        raise ValueError("it is no text in UTF-8")  # UTF-16 has such bytes in every line
    if path.suffix == ".txt":
        yield _listed(name, file, data)
        return
    if file.problem:
        raise ValueError(f"it is {file.problem.message}")
    from promptlang.variants.structured import read_json, read_yaml, wildcards  # most folders hold plain text

    prefix = path.parent.relative_to(folder).as_posix()
    tree = (read_json if path.suffix == ".json" else read_yaml)(file.source.text)
    yield from wildcards(tree, name, () if prefix == "." else (prefix,))


def _listed(name: str, file: TextFile, data: bytes) -> Wildcard:
    """The lines of a text file; bytes that are no letters in UTF-8 are left out, as dynamicprompts does."""
    text, broken = file.source.text, ()
    if file.problem:
        line, _ = file.source.position(file.problem.label.span.start)
        broken = (LeftOut(line, "has bytes that are not UTF-8", "write its letters in UTF-8", what="they are"),)
        text = data.decode("utf-8-sig", "ignore")
    lines = (line.strip() for line in LINE_END.split(text))
    return Wildcard(name, tuple(Value(line) for line in lines if line and not line.startswith("#")), broken)
