"""The names of pictures: what they begin with, and a number."""

from __future__ import annotations

import errno
import os
import re
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

from promptlang_runtime.errors import WriteError

_BREAKERS = re.compile(r'[\x00-\x1f<>:"/\\|?*]+')
_NAME = re.compile(r"(.+)-(\d{1,9})\.\w+", re.DOTALL)


def beginning(stem: str) -> str:
    """What names begin with that are made of a file's name: what no file system refuses."""
    return _BREAKERS.sub("_", stem).strip(". ")[:120] or "picture"


def named(folder: Path, stem: str, number: int, suffix: str) -> Path:
    """`stem-001.png`."""
    return folder / f"{stem}-{number:03}.{suffix}"


def number_in(name: str, stem: str) -> int | None:
    """The number of a picture whose name begins so; None where it is called otherwise."""
    found = _NAME.fullmatch(name)
    return int(found[2]) if found and found[1] == stem else None


def name_order(name: str) -> tuple[str, int]:
    """What names of pictures are sorted by: `cow-2.png` stands before `cow-10.png`, and both before `star-1.png`."""
    found = _NAME.fullmatch(name)
    return (found[1], int(found[2])) if found else (name, 0)


def taken(folder: Path) -> defaultdict[str, set[int]]:
    """The numbers that a folder holds of any format, by what the names begin with."""
    found: defaultdict[str, set[int]] = defaultdict(set)
    for name in listed(folder):
        if match := _NAME.fullmatch(name):
            found[match[1]].add(int(match[2]))
    return found


def numbered(folder: Path, stem: str, suffix: str) -> Iterator[Path]:
    """`stem-001.png`, `stem-002.png`, …: from the first number after all that the folder holds of any format."""
    stem = beginning(stem)
    number = max(taken(folder)[stem], default=0)
    while True:
        number += 1
        yield named(folder, stem, number, suffix)


def listed(folder: Path) -> list[str]:
    """The names in a folder, none where there is no such folder; raises WriteError where it cannot be read."""
    try:
        return sorted(os.listdir(folder))
    except FileNotFoundError:
        return []
    except OSError as error:
        raise refused(error, folder) from error


def refused(error: OSError, target: Path) -> WriteError:
    """What to do about a disk that refuses."""
    reason = (error.strerror or type(error).__name__).lower()
    full = error.errno in (errno.ENOSPC, errno.EDQUOT)
    help = "free some space, then add `--resume`" if full else "choose another folder with `--out`"
    return WriteError(f"cannot write `{target}`: {reason}", help)
