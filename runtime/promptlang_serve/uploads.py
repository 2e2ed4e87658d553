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
def uploaded(
    image: bytes, mask: bytes | None = None, *, size: tuple[int, int] | None = None
) -> Generator[dict[str, str]]:
    """The paths of a picture to draw over, and of its mask, by the fields of a plan; raises Refused.

    Of a mask what is transparent is drawn anew, as OpenAI has it. With a `size` the picture is stretched to it.
    """
    with TemporaryDirectory(prefix="promptlang-serve-") as folder:
        found = {"image": _written(Path(folder) / "image.png", _stretched(_opened(image, "image"), size))}
        if mask is not None:
            found["mask"] = _written(Path(folder) / "mask.png", _clear(_opened(mask, "mask")))
        yield found


def _opened(data: bytes, what: str) -> Image.Image:
    from PIL import Image, ImageOps

    try:
        picture = Image.open(BytesIO(data), formats=("PNG", "JPEG", "WEBP"))
        if picture.width * picture.height > MOST_PIXELS:
            raise _none(what, f"it has more than {MOST_PIXELS:,} pixels")
        picture.load()
        return ImageOps.exif_transpose(picture)
    except Refused:
        raise
    except Exception:  # decoders raise whatever a damaged file makes them do
        raise _none(what, "it is no PNG, JPEG or WebP that can be read") from None


def _none(what: str, why: str) -> Refused:
    return Refused(HTTPStatus.UNPROCESSABLE_ENTITY, f"the {what} cannot be drawn over: {why}", code="bad_picture")


def _clear(mask: Image.Image) -> Image.Image:
    """White where the mask is transparent."""
    if not mask.has_transparency_data:
        raise _none("mask", "nothing of it is transparent, so nothing would be drawn")
    alpha = mask.convert("RGBA").getchannel("A")
    return alpha.point([255 - value for value in range(256)])


def _stretched(picture: Image.Image, size: tuple[int, int] | None) -> Image.Image:
    from PIL import Image

    return picture.resize(size, Image.Resampling.LANCZOS) if size and size != picture.size else picture


def _written(path: Path, picture: Image.Image) -> str:
    picture.save(path, "PNG", compress_level=1)
    return str(path)
