"""What a picture file says about its making: webui's `parameters` text for other tools, our own plan for ourselves.

PNG: the text chunks `parameters` and `promptlang`. JPEG and WebP: EXIF UserComment and, packed, MakerNote.
"""

from __future__ import annotations

import json
import os
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from PIL import ExifTags, Image, UnidentifiedImageError
from PIL.PngImagePlugin import PngInfo

from promptlang.exporters.infotext import infotext
from promptlang.importers.pictures.written import OWN, OWN_NAME, PAGE_NAME
from promptlang.models.hashes.marks import mark
from promptlang.plans.json import PlanError, from_data, picture_hash, to_data
from promptlang.plans.plan import PATHS, Plan
from promptlang.version import VERSION
from promptlang_runtime.output.elsewhere import Elsewhere
from promptlang_runtime.output.hashes import hashes_of

WEBUI_CHUNK = "parameters"
_UNICODE = b"UNICODE\0"  # the EXIF mark of a comment in UTF-16
_LONGEST = 16 * 2**20  # bytes of unpacked metadata: more is not ours
_LONGEST_EXIF = 65_000  # what one JPEG segment holds, less its own headers


@dataclass(frozen=True, slots=True, kw_only=True)
class Making:
    """What a picture says about itself: webui's text, the plan, the seed, and the hash that names plan and picture.

    A page of pictures says `page` alone.
    """

    parameters: str = ""
    plan: Plan | None = None
    seed: int | None = None
    picture: str = ""
    page: str = ""


def page_info(page: str) -> PngInfo:
    """The text chunk of a contact sheet or a grid: what names it."""
    info = PngInfo()
    info.add_text(PAGE_NAME, page)
    return info


def told(plan: Plan, seed: int, also: Mapping[str, str] | None = None) -> str:
    """What stable-diffusion-webui reads in a picture, with the hashes of its files, and `also` what no plan says."""
    return _encodable(_parameters(plan, seed, also))


def _parameters(plan: Plan, seed: int, also: Mapping[str, str] | None) -> str:
    beside = "".join(f", {name}: {value}" for name, value in (also or {}).items())
    return f"{infotext(plan, seed, hashes_of(plan))}{beside}"


def png_info(
    plan: Plan, seed: int, elsewhere: Elsewhere | None = None, also: Mapping[str, str] | None = None
) -> PngInfo:
    """The text chunks of a PNG."""
    info = PngInfo()
    info.add_text(WEBUI_CHUNK, told(plan, seed, also))
    info.add_itxt(OWN_NAME, record(plan, seed, elsewhere))
    return info


def exif(
    plan: Plan, seed: int, elsewhere: Elsewhere | None = None, also: Mapping[str, str] | None = None
) -> Image.Exif:
    """The EXIF block of a JPEG or WebP; a plan that does not fit is left out, webui's text cut."""
    comment = _UNICODE + _parameters(plan, seed, also).encode("utf-16-be", "replace")[: _LONGEST_EXIF // 2]
    packed = OWN + zlib.compress(record(plan, seed, elsewhere).encode())
    block = Image.Exif()
    tags = block.get_ifd(ExifTags.IFD.Exif)
    tags[ExifTags.Base.UserComment] = comment
    if len(packed) + len(comment) <= _LONGEST_EXIF:
        tags[ExifTags.Base.MakerNote] = packed
    return block


def picture_of(plan: Plan, elsewhere: Elsewhere | None = None) -> str:
    """The hash that names a picture apart from its seed, and the files it is drawn with.

    One that another program drew without being told all is not the one that is drawn here.
    """
    refiner = plan.refiner.files if plan.refiner else ()
    own = (getattr(plan, name) for name in PATHS)
    paths = (*plan.model.files, *refiner, plan.vae, *own, *(each.path for each in plan.networks))
    files = mark(path for path in paths if path and os.path.exists(path))
    name = f"{picture_hash(plan)}-{files}" if files else picture_hash(plan)
    return f"{name}{elsewhere.mark if elsewhere else ''}"


def record(plan: Plan, seed: int, elsewhere: Elsewhere | None = None) -> str:
    """Our own chunk: JSON with the statement's text, the plan, the seed of this picture, the version, and who drew."""
    data: dict[str, object] = {
        "version": VERSION,
        "picture": picture_of(plan, elsewhere),
        "seed": seed,
        "source": plan.source,
        "plan": {key: value for key, value in to_data(plan).items() if key != "source"},
    }
    if elsewhere:
        data |= {"by": elsewhere.by, "unsaid": elsewhere.unsaid}
    return json.dumps(data)


def read(file: Path | BinaryIO) -> Making:
    """What a picture file says about its making; empty where it says nothing. Raises OSError where it is unreadable."""
    try:
        with Image.open(file) as picture:
            return _from_chunks(picture) if picture.format == "PNG" else _from_exif(picture)
    except (UnidentifiedImageError, SyntaxError, ValueError, zlib.error, Image.DecompressionBombError):
        return Making()


def _from_chunks(picture: Image.Image) -> Making:
    picture.load()  # text chunks may follow the pixels
    texts: dict[str, str] = getattr(picture, "text", {})
    if PAGE_NAME in texts:
        return Making(page=str(texts[PAGE_NAME]))
    return _making(str(texts.get(WEBUI_CHUNK, "")), str(texts.get(OWN_NAME, "")))


def _from_exif(picture: Image.Image) -> Making:
    tags = picture.getexif().get_ifd(ExifTags.IFD.Exif)
    comment, packed = tags.get(ExifTags.Base.UserComment, b""), tags.get(ExifTags.Base.MakerNote, b"")
    parameters = comment[len(_UNICODE) :].decode("utf-16-be", "replace") if comment.startswith(_UNICODE) else ""
    own = ""
    if packed.startswith(OWN):
        own = zlib.decompressobj().decompress(packed[len(OWN) :], _LONGEST).decode("utf-8", "replace")
    return _making(parameters, own)


def _making(parameters: str, own: str) -> Making:
    try:
        data = json.loads(own)
        plan = from_data({**data["plan"], "source": data["source"]})
        return Making(parameters=parameters, plan=plan, seed=int(data["seed"]), picture=str(data["picture"]))
    except (ValueError, KeyError, TypeError, RecursionError, PlanError):
        return Making(parameters=parameters)


def _encodable(text: str) -> str:
    """The text without lone surrogates, which no file can hold."""
    return text.encode("utf-8", "replace").decode("utf-8")
