"""The CLIP vocabulary as package data, shared by the token counts and the bundled model.

Only the merges are stored: id 0-255 are the bytes, 256-511 the bytes at the end of a word, 512 and up the merges in
order, and the two marks come last.
"""

from __future__ import annotations

import os.path
import zlib
from functools import cache

START_TOKEN = "<|startoftext|>"
END_TOKEN = "<|endoftext|>"
START_ID = 49406
END_ID = 49407

WORD_END = "</w>"
FIRST_MERGE = 512
_GZIP = 31  # zlib's window size for data with a gzip header

# A byte is written as a visible character: itself where it is one, else one from U+0100 on.
_VISIBLE = (*range(0x21, 0x7F), *range(0xA1, 0xAD), *range(0xAE, 0x100))
_HIDDEN = tuple(sorted(set(range(256)) - set(_VISIBLE)))

BYTE_LETTERS: dict[int, str] = {
    **{byte: chr(byte) for byte in _VISIBLE},
    **{byte: chr(0x100 + place) for place, byte in enumerate(_HIDDEN)},
}
"""The character that stands for each byte, in the order of the ids."""


@cache
def merge_lines() -> tuple[bytes, ...]:
    """The 48,894 merges in order, each `left right` in UTF-8."""
    # A plain open: importlib.resources takes longer to import than the merges to unpack.
    with open(os.path.join(os.path.dirname(__file__), "merges.txt.gz"), "rb") as packed:
        return tuple(zlib.decompress(packed.read(), _GZIP).split(b"\n"))


def merges() -> list[tuple[str, str]]:
    """The merges as pairs, as `transformers.CLIPTokenizer(merges=…)` and `tokenizers.models.BPE` take them."""
    pairs: list[tuple[str, str]] = []
    for line in merge_lines():
        left, right = line.decode().split(" ")
        pairs.append((left, right))
    return pairs


def vocabulary() -> dict[str, int]:
    """All 49,408 tokens with their ids, as `transformers.CLIPTokenizer(vocab=…)` takes them."""
    letters = tuple(BYTE_LETTERS.values())
    words = (
        *letters,
        *(letter + WORD_END for letter in letters),
        *(line.decode().replace(" ", "") for line in merge_lines()),
        START_TOKEN,
        END_TOKEN,
    )
    return {word: place for place, word in enumerate(words)}
