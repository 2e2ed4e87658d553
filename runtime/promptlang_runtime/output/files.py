"""Pictures on disk: written whole or not at all, and never over another file."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterator, Mapping
from io import BytesIO
from pathlib import Path

from PIL import Image

from promptlang.plans.plan import Plan
from promptlang.writing import beside, named
from promptlang_runtime.output.metadata import exif, png_info
from promptlang_runtime.output.names import refused

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


def as_address(picture: Image.Image) -> str:
    """A picture as an address that holds it, for a page that has no other files."""
    packed = BytesIO()
    picture.convert("RGB").save(packed, "JPEG", quality=90, subsampling=0)
    return f"data:image/jpeg;base64,{b64encode(packed.getvalue()).decode()}"
