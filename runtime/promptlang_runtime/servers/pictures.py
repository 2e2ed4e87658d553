"""Pictures on their way: what is sent as a file, and what comes back as one, of the size that was asked for."""

from __future__ import annotations

import warnings
from base64 import b64decode
from io import BytesIO

from PIL import Image

from promptlang_runtime.errors import RenderError
from promptlang_runtime.output.images import MOST_PIXELS


def png(picture: Image.Image) -> bytes:
    """The file of a picture."""
    data = BytesIO()
    picture.save(data, "PNG", compress_level=1)
    return data.getvalue()


def unpacked(text: object, who: str) -> bytes:
    """The file in a text of base64, in an address or alone; raises RenderError."""
    if not isinstance(text, str) or not text:
        raise RenderError(f"`{who}` answers without a picture")
    try:
        return b64decode(text.partition(",")[2] if text.startswith("data:") else text, validate=True)
    except ValueError:
        raise RenderError(f"the picture of `{who}` is no base64") from None


def decoded(data: bytes, size: tuple[int, int], who: str) -> Image.Image:
    """The colours of a file, and nothing else that it says; raises RenderError for one that is broken, too large or of
    another size.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)
            picture = Image.open(BytesIO(data), formats=("PNG", "JPEG", "WEBP"))
            found = picture.size
            if found[0] * found[1] <= MOST_PIXELS and found == size:
                picture = picture.convert("RGB")
    except Exception:  # decoders raise whatever a damaged file makes them do
        what = "no picture" if data else "nothing"
        raise RenderError(f"what `{who}` answers is {what} that can be read as PNG, JPEG or WebP") from None
    if found != size:
        wide, high = size
        raise RenderError(f"`{who}` drew {found[0]}x{found[1]}, and {wide}x{high} was asked for", "write `/size` so")
    picture.info = {}
    return picture
