"""Pictures on disk: written whole or not at all, and never over another file."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from PIL import Image

from promptlang.plans.plan import Plan
from promptlang.writing import beside, named
from promptlang_runtime.output.metadata import exif, png_info, read
from promptlang_runtime.output.names import listed, refused

FORMATS: Mapping[str, tuple[str, Mapping[str, object]]] = {
    "png": ("PNG", {"compress_level": 3}),  # level 6 takes twice as long for a tenth less
    "jpg": ("JPEG", {"quality": 92, "subsampling": 0}),
    "webp": ("WEBP", {"quality": 92}),
}
"""Pillow's name and settings of every file format."""


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
        raise refused(error, target) from error
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
    for name in listed(folder):
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
