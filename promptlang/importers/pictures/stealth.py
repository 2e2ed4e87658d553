"""What NovelAI hides in the lowest bits of the alpha channel, and an extension of webui's in those of the colours."""

from __future__ import annotations

import gzip
import zlib
from io import BytesIO
from pathlib import Path

from promptlang.importers.pictures.written import LONGEST, Texts, decoded

_SIGNS = {
    b"stealth_pnginfo": ("A", False),
    b"stealth_pngcomp": ("A", True),
    b"stealth_rgbinfo": ("RGB", False),
    b"stealth_rgbcomp": ("RGB", True),
}
_SIGN_SIZE = 15
_BITS = bytes(48 + (value & 1) for value in range(256))  # of a byte its lowest bit, as a digit


def stealth_texts(path: Path) -> Texts:
    """What is hidden in the pixels of a PNG; nothing where nothing is. Raises ImportError without Pillow."""
    from PIL import Image, UnidentifiedImageError

    try:
        with Image.open(path) as picture:
            turned = picture.convert("RGBA").transpose(Image.Transpose.TRANSPOSE)  # it is written column by column
    except (UnidentifiedImageError, OSError, SyntaxError, ValueError, zlib.error, Image.DecompressionBombError):
        return Texts(remarks=("its pixels cannot be read, so it is not known whether they hide a text",))
    for channels in ("A", "RGB"):
        data = turned.getchannel("A").tobytes() if channels == "A" else turned.convert("RGB").tobytes()
        sign = _bytes(data[: _SIGN_SIZE * 8])
        if sign in _SIGNS and _SIGNS[sign][0] == channels:
            return _hidden(data, is_packed=_SIGNS[sign][1])
    return Texts()


def _bytes(data: bytes) -> bytes:
    digits = data.translate(_BITS)
    digits = digits[: len(digits) // 8 * 8]
    return int(digits, 2).to_bytes(len(digits) // 8) if digits else b""


def _hidden(data: bytes, *, is_packed: bool) -> Texts:
    start = (_SIGN_SIZE + 4) * 8
    bits = int.from_bytes(_bytes(data[_SIGN_SIZE * 8 : start]))
    if bits > len(data) - start:
        return Texts(remarks=("the text hidden in its pixels is cut off",))
    body = _bytes(data[start : start + bits])
    if not is_packed:
        return Texts((("stealth", decoded(body, "utf-8")),))
    try:
        with gzip.open(BytesIO(body)) as packed:
            text = packed.read(LONGEST + 1)
    except (OSError, EOFError, zlib.error):
        return Texts(remarks=("the text hidden in its pixels is damaged",))
    if len(text) > LONGEST:
        return Texts(
            remarks=(f"the text hidden in its pixels is larger than {LONGEST // 1024**2} MiB and is not read",)
        )
    return Texts((("stealth", decoded(text, "utf-8")),))
