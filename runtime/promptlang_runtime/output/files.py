"""Pictures on disk: written whole or not at all, and never over another file."""

from __future__ import annotations

import errno
import os
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from PIL import Image

from promptlang.plans.plan import Plan
from promptlang.writing import beside, named
from promptlang_runtime.errors import WriteError
from promptlang_runtime.output.metadata import exif, png_info, read

FORMATS: Mapping[str, tuple[str, Mapping[str, object]]] = {
    "png": ("PNG", {"compress_level": 3}),  # level 6 takes twice as long for a tenth less
    "jpg": ("JPEG", {"quality": 92, "subsampling": 0}),
    "webp": ("WEBP", {"quality": 92}),
}
"""Pillow's name and settings of every file format."""

_FILE_NAME_BREAKERS = re.compile(r'[\x00-\x1f<>:"/\\|?*]+')


def numbered(folder: Path, stem: str, suffix: str) -> Iterator[Path]:
    """`stem-001.png`, `stem-002.png`, …: from the first number after all that the folder holds of any format."""
    stem = _FILE_NAME_BREAKERS.sub("_", stem).strip(". ")[:120] or "picture"
    taken = re.compile(re.escape(stem) + r"-(\d{1,9})\.\w+")
    numbers = [int(match[1]) for name in _names(folder) if (match := taken.fullmatch(name))]
    number = max(numbers, default=0)
    while True:
        number += 1
        yield folder / f"{stem}-{number:03}.{suffix}"


def save(picture: Image.Image, names: Iterator[Path], plan: Plan, seed: int) -> Path:
    """Write a picture with its making under the next free name; raises WriteError where the disk refuses."""
    kind, settings = FORMATS[plan.file_format]
    extra = {"pnginfo": png_info(plan, seed)} if kind == "PNG" else {"exif": exif(plan, seed)}
    return write(picture if kind != "JPEG" else picture.convert("RGB"), names, kind, {**settings, **extra})


def write(picture: Image.Image, names: Iterator[Path], kind: str, settings: Mapping[str, object]) -> Path:
    """Write a picture under a temporary name, then give it the first of `names` that is free."""
    target = next(names)
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with beside(target, lambda file: picture.save(file, kind, **settings)) as temporary:
            while not named(temporary, target):
                target = next(names)
    except OSError as error:
        raise _refused(error, target) from error
    return target


@dataclass(frozen=True, slots=True)
class Lying:
    """A picture that an earlier run finished."""

    file: Path
    seed: int


@dataclass(frozen=True, slots=True)
class Finished:
    """What earlier runs finished in a folder: pictures, by what names them apart from their seeds, and pages."""

    pictures: Mapping[str, list[Lying]]
    pages: frozenset[str]


def finished(folder: Path) -> Finished:
    """What lies finished in a folder."""
    known: defaultdict[str, list[Lying]] = defaultdict(list)
    pages: set[str] = set()
    for name in _names(folder):
        if name.startswith(".") or name.rpartition(".")[2] not in FORMATS:
            continue
        try:
            making = read(folder / name)
        except OSError:
            continue  # a picture that cannot be read is not finished
        if making.seed is not None:
            known[making.picture].append(Lying(folder / name, making.seed))
        elif making.page:
            pages.add(making.page)
    return Finished(known, frozenset(pages))


def _names(folder: Path) -> list[str]:
    try:
        return sorted(os.listdir(folder))
    except FileNotFoundError:
        return []
    except OSError as error:
        raise _refused(error, folder) from error


def _refused(error: OSError, target: Path) -> WriteError:
    reason = (error.strerror or type(error).__name__).lower()
    full = error.errno in (errno.ENOSPC, errno.EDQUOT)
    help = "free some space, then add `--resume`" if full else "choose another folder with `--out`"
    return WriteError(f"cannot write `{target}`: {reason}", help)
