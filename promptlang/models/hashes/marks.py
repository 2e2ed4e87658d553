"""Which files a picture was drawn from: a mark that changes when other weights lie at the same path."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from functools import lru_cache
from hashlib import sha256

READ = 2**16  # bytes of each file: most headers, in which trainers leave dates and names
FILES = 1000  # of a folder


def mark(paths: Iterable[str | None]) -> str:
    """A short text that stands for size, time of change and first bytes of the files; empty where there are none."""
    whole = sha256()
    found = [file for path in paths if path for file in _files(path)]
    for file in found:
        try:
            status = os.stat(file)
            whole.update(_bytes_of(file, status.st_size, status.st_mtime_ns))
        except OSError:
            whole.update(b"missing ")
    return whole.hexdigest()[:16] if found else ""


@lru_cache(1024)
def _bytes_of(file: str, size: int, time: int) -> bytes:
    """What a file in this state adds to the mark; a run of many plans reads each of its files once."""
    with open(file, "rb") as opened:
        return sha256(f"{size} {time} ".encode() + opened.read(READ)).digest()


def _files(path: str) -> Iterator[str]:
    """The file, or those of a folder in the layout of diffusers: its own and those of its parts."""
    if not os.path.isdir(path):
        yield path
        return
    folders = (path, *sorted(each.path for each in os.scandir(path) if os.path.isdir(each.path)))
    files = sorted(each.path for folder in folders for each in os.scandir(folder) if os.path.isfile(each.path))
    yield from files[:FILES]
