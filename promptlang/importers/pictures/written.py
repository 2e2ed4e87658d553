"""The texts that a picture file carries, by the names they have there, and what is wrong with them."""

from __future__ import annotations

from promptlang.values import dataclass

LONGEST = 64 * 1024**2  # bytes of one text, packed or not: the largest graphs of ComfyUI have about ten

OWN_NAME = "promptlang"
OWN = b"promptlang\0"
"""The name of our own text, and what stands before it where it is packed into a `MakerNote`."""
PAGE_NAME = "promptlang-page"
"""The name of the text in a sheet or grid, which is a picture of pictures."""


@dataclass(frozen=True, slots=True)
class Texts:
    """Pairs of a name and a text in the order of the file, and remarks in one clause each.

    `has_alpha` says that the pixels may hide more.
    """

    found: tuple[tuple[str, str], ...] = ()
    remarks: tuple[str, ...] = ()
    has_alpha: bool = False


def decoded(data: bytes, *encodings: str) -> str:
    """Bytes as text: by the first encoding that takes them, else with a mark for what is none."""
    for encoding in encodings:
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    return data.decode(encodings[0], "replace")
