"""Texts that are packed, unpacked as far as they are whole and no further than a limit."""

from __future__ import annotations

import zlib
from collections.abc import Callable

from promptlang.importers.pictures.written import LONGEST

_PIECE = 4096  # bytes


def inflated(packed: bytes, name: str) -> tuple[bytes, str]:
    """Unpacked bytes, never more than the limit, and what is wrong with them."""
    unpacking = zlib.decompressobj()
    try:
        text = unpacking.decompress(packed, LONGEST)
    except zlib.error:
        return _as_far_as_it_goes(packed), f"the packed text `{name}` is damaged"
    if unpacking.unconsumed_tail:
        return b"", f"the text `{name}` unpacks to more than {LONGEST // 1024**2} MiB and is not read"
    return text, "" if unpacking.eof else f"the packed text `{name}` is cut off"


def _as_far_as_it_goes(packed: bytes) -> bytes:
    """What stands before the damage: piece by piece, and byte by byte in the piece that it lies in."""
    unpacking = zlib.decompressobj()
    text = b""
    for at in range(0, len(packed), _PIECE):
        careful = unpacking.copy()
        piece = packed[at : at + _PIECE]
        try:
            text += unpacking.decompress(piece, LONGEST)
        except zlib.error:
            return text + _before_the_damage(lambda byte, known=careful: known.decompress(byte, LONGEST), piece)
        if len(text) > LONGEST:
            return b""
    return text


def _before_the_damage(unpack: Callable[[bytes], bytes], piece: bytes) -> bytes:
    text = b""
    for at in range(len(piece)):
        try:
            text += unpack(piece[at : at + 1])
        except zlib.error:
            break
    return text
