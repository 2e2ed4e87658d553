"""Pictures that a request brings: they lie in a folder of their own while it is drawn, and nothing of it stays."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager
from http import HTTPStatus
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from promptlang_serve.answers import Refused

if TYPE_CHECKING:
    from PIL import Image

MOST_PIXELS = 32_000_000  # of a picture that is sent: what is drawn from it is far smaller


@contextmanager
def uploaded(**pictures: Image.Image | None) -> Generator[dict[str, str]]:
    """The paths of an `image` to draw over, and of its `mask` if there is one, by the fields of a plan."""
    with TemporaryDirectory(prefix="promptlang-serve-") as folder:
        yield {
            name: _written(Path(folder) / f"{name}.png", each) for name, each in pictures.items() if each is not None
        }


def opened(data: bytes, what: str) -> Image.Image:
    """A picture that was sent, upright; raises Refused."""
    from PIL import Image, ImageOps

    try:
        picture = Image.open(BytesIO(data), formats=("PNG", "JPEG", "WEBP"))
        if picture.width * picture.height > MOST_PIXELS:
            raise Image.DecompressionBombError
        picture.load()
        picture = ImageOps.exif_transpose(picture)
        return picture.convert("RGB") if picture.mode == "CMYK" else picture  # which no PNG holds
    except Image.DecompressionBombError:
        raise _none(what, f"it has more than {MOST_PIXELS:,} pixels") from None
    except Exception:  # decoders raise whatever a damaged file makes them do
        raise _none(what, "it is no PNG, JPEG or WebP that can be read") from None


def _none(what: str, why: str) -> Refused:
    return Refused(HTTPStatus.UNPROCESSABLE_ENTITY, f"the {what} cannot be drawn over: {why}", code="bad_picture")


def cleared(mask: Image.Image) -> Image.Image:
    """White where a mask is transparent, as OpenAI has it; raises Refused where it is nowhere."""
    if not mask.has_transparency_data:
        raise _none("mask", "nothing of it is transparent, so nothing would be drawn")
    alpha = mask.convert("RGBA").getchannel("A")
    return alpha.point([255 - value for value in range(256)])


def _written(path: Path, picture: Image.Image) -> str:
    picture.save(path, "PNG", compress_level=1)
    return str(path)
