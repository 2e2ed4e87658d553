"""Pictures on disk: written whole or not at all, and never over another file."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterator, Mapping
from io import BytesIO
from pathlib import Path

from PIL import Image

from promptlang.plans.plan import Plan
from promptlang.writing import beside, named
from promptlang_runtime.output.elsewhere import Elsewhere
from promptlang_runtime.output.metadata import exif, png_info
from promptlang_runtime.output.names import refused

FORMATS: Mapping[str, tuple[str, Mapping[str, object]]] = {
    "png": ("PNG", {"compress_level": 3}),  # level 6 takes twice as long for a tenth less
    "jpg": ("JPEG", {"quality": 92, "subsampling": 0}),
    "webp": ("WEBP", {"quality": 92}),
}
"""Pillow's name and settings of every file format."""


def save(
    picture: Image.Image, names: Iterator[Path], plan: Plan, seed: int, elsewhere: Elsewhere | None = None
) -> Path:
    """Write a picture with its making under the next free name; raises WriteError where the disk refuses."""
    kind, settings = _settings(plan, seed, elsewhere)
    return write(_for_file(picture, kind), names, kind, settings)


def packed(picture: Image.Image, plan: Plan, seed: int, also: Mapping[str, str] | None = None) -> bytes:
    """The file of a picture with its making, for who wants none on this disk; `also` is said for webui alone."""
    kind, settings = _settings(plan, seed, also=also)
    data = BytesIO()
    _for_file(picture, kind).save(data, kind, **settings)
    return data.getvalue()


def _settings(
    plan: Plan, seed: int, elsewhere: Elsewhere | None = None, also: Mapping[str, str] | None = None
) -> tuple[str, Mapping[str, object]]:
    """Pillow's name of the plan's format, and how a file of it is written with its making."""
    kind, settings = FORMATS[plan.file_format]
    if kind == "PNG":
        return kind, {**settings, "pnginfo": png_info(plan, seed, elsewhere, also)}
    return kind, {**settings, "exif": exif(plan, seed, elsewhere, also)}


def _for_file(picture: Image.Image, kind: str) -> Image.Image:
    return picture if kind != "JPEG" else picture.convert("RGB")


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
