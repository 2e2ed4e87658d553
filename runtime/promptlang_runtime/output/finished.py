"""What earlier runs finished in a folder."""

from __future__ import annotations

import os
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from stat import S_ISREG

from promptlang.files import Unfit
from promptlang_runtime.output.files import FORMATS
from promptlang_runtime.output.journal import Journal, Note
from promptlang_runtime.output.metadata import read
from promptlang_runtime.output.names import listed


@dataclass(frozen=True, slots=True)
class Lying:
    """A picture that an earlier run finished."""

    file: Path
    seed: int


@dataclass(frozen=True, slots=True)
class Finished:
    """What earlier runs finished in a folder: pictures, by what names them apart from their seeds, and pages."""

    pictures: Mapping[str, list[Lying]]
    pages: Mapping[str, Path]


def finished(folder: Path, journal: Journal) -> Finished:
    """What lies finished in a folder; the journal is made anew where it does not say just that."""
    notes: list[Note] = []
    for name in listed(folder):
        if name.startswith(".") or name.rpartition(".")[2] not in FORMATS:
            continue
        try:
            notes.append(_noted(folder / name, journal.notes.get(name)))
        except OSError:
            continue  # a picture that cannot be read is not finished
    if journal.fault or notes != list(journal.notes.values()):
        journal.make_anew(notes)
    pictures: defaultdict[str, list[Lying]] = defaultdict(list)
    for each in notes:
        if each.seed is not None:
            pictures[each.picture].append(Lying(folder / each.file, each.seed))
    return Finished(pictures, {each.page: folder / each.file for each in notes if each.page})


def _noted(path: Path, known: Note | None) -> Note:
    """What is noted of a file, where that is still true, else what it says itself; raises OSError where it is none."""
    status = os.stat(path)
    if not S_ISREG(status.st_mode):  # a pipe, from which nothing may ever come, or a device
        raise Unfit("it is no regular file", path)
    if known and known.is_of(status):
        return known
    making = read(path)
    return Note(path.name, status.st_size, status.st_mtime_ns, making.picture, making.seed, making.page)
