"""The only place that knows positions in client units, ranges as editors write them, and URIs.

Inside the server a place is a code-point offset; outside it is a line and a column in utf-8, utf-16 or utf-32 units.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from os import name as system
from pathlib import Path
from typing import Literal

Encoding = Literal["utf-8", "utf-16", "utf-32"]
Position = tuple[int, int]  # line and column from 0, the column in client units

_CODECS: Mapping[Encoding, tuple[str, int]] = {
    "utf-8": ("utf-8", 1),
    "utf-16": ("utf-16-le", 2),
    "utf-32": ("utf-32-le", 4),
}


def chosen_encoding(offered: Iterable[object]) -> Encoding:
    """The first encoding of the client's list that is known here; utf-16 where it says nothing."""
    for each in offered:
        for known in _CODECS:
            if known == each:
                return known
    return "utf-16"


def units(text: str, encoding: Encoding) -> int:
    """How many client units a piece of text takes; a lone surrogate counts like any other code point."""
    if encoding == "utf-32" or text.isascii():
        return len(text)
    codec, width = _CODECS[encoding]
    return len(text.encode(codec, "surrogatepass")) // width


def code_points(text: str, column: int, encoding: Encoding) -> int:
    """The code-point index of a column in client units: cut off at the end, rounded down inside a character."""
    if encoding == "utf-32" or text.isascii():
        return min(max(column, 0), len(text))
    codec, width = _CODECS[encoding]
    whole = text.encode(codec, "surrogatepass")
    cut = max(column, 0) * width
    if encoding == "utf-8":
        while 0 < cut < len(whole) and whole[cut] & 0xC0 == 0x80:
            cut -= 1
    elif _is_high(whole, cut - 2) and _is_low(whole, cut):
        cut -= 2
    return len(whole[:cut].decode(codec, "surrogatepass"))


def _is_high(encoded: bytes, at: int) -> bool:
    return at >= 0 and 0xD8 <= int.from_bytes(encoded[at + 1 : at + 2]) <= 0xDB


def _is_low(encoded: bytes, at: int) -> bool:
    return 0xDC <= int.from_bytes(encoded[at + 1 : at + 2]) <= 0xDF


def positions(text: str, starts: Sequence[int], offsets: Iterable[int], encoding: Encoding) -> list[Position]:
    """Lines and columns of offsets in `text`, whose lines begin at `starts`; one pass where the offsets ascend."""
    plain = encoding == "utf-32" or text.isascii()
    found: list[Position] = []
    line, here, column = 0, 0, 0
    end = starts[1] if len(starts) > 1 else len(text) + 1
    for offset in offsets:
        if offset < here or offset >= end:
            line = bisect_right(starts, offset) - 1
            here, column = starts[line], 0
            end = starts[line + 1] if line + 1 < len(starts) else len(text) + 1
        column += offset - here if plain else units(text[here:offset], encoding)
        here = offset
        found.append((line, column))
    return found


def line_length(text: str, starts: Sequence[int], line: int) -> int:
    """The length of a line in code points, without its line end."""
    if line + 1 >= len(starts):
        return len(text) - starts[line]
    end = starts[line + 1] - 1
    if end > starts[line] and text[end] == "\n" and text[end - 1] == "\r":
        end -= 1
    return end - starts[line]


def offset(text: str, starts: Sequence[int], position: Position, encoding: Encoding) -> int:
    """The offset of a position; a line or column past the end means the end, as the protocol asks."""
    line, column = position
    if line >= len(starts):
        return len(text)
    if line < 0:
        return 0
    start = starts[line]
    length = line_length(text, starts, line)
    return start + code_points(text[start : start + length], column, encoding)


def wire_range(start: Position, end: Position) -> dict[str, dict[str, int]]:
    """A range as the protocol writes it."""
    return {
        "start": {"line": start[0], "character": start[1]},
        "end": {"line": end[0], "character": end[1]},
    }


def path_of(uri: str) -> Path | None:
    """The file a URI names; None for `untitled:` and every other scheme, and for what no file can be called."""
    from urllib.parse import unquote, urlsplit

    try:
        parts = urlsplit(uri)
        if parts.scheme != "file":
            return None
        path = unquote(parts.path, errors="surrogateescape")
    except ValueError:
        return None
    if "\0" in path or not path:
        return None
    if system == "nt":
        host = f"//{parts.netloc}" if parts.netloc else ""
        return Path(host + path) if host else Path(path.lstrip("/"))
    return Path(path)


def uri_of(path: Path) -> str:
    """The `file:` URI of an absolute path."""
    from urllib.parse import quote_from_bytes

    text = path.as_posix()
    quoted = quote_from_bytes(text.encode("utf-8", "surrogateescape"), safe="/~")
    return f"file://{quoted}" if quoted.startswith("/") else f"file:///{quoted}"
