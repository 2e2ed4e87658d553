"""ComfyUI's chunks: short pieces are moved over a chunk border rather than cut, and the hole is padded."""

from __future__ import annotations

import re
from dataclasses import dataclass
from unicodedata import category, normalize

from promptlang.dialects.dialect import WeightedText
from promptlang.tokens.ids import token_ids

START, END = 49406, 49407
LENGTH = 77  # ids of a chunk, marks included
CUT = 8  # pieces of this many ids or more are cut at the border

# ComfyUI ships the slow CLIPTokenizer without ftfy, which falls back on BERT's splitting: it drops control and format
# characters and takes each Han character as a word.
_HAN = re.compile(
    "([\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0002a6df\U0002a700-\U0002ceaf\U0002f800-\U0002fa1f])"
)
_BEFORE_EMBEDDING = re.compile(r"(?<=\s)(?=embedding:)")


@dataclass(frozen=True, slots=True)
class ComfyChunk:
    """77 ids with their weights; `words` numbers the pieces from 1, marks and padding are 0."""

    ids: tuple[int, ...]
    weights: tuple[float, ...]
    words: tuple[int, ...]


def chunks_of(weighted: WeightedText) -> tuple[ComfyChunk, ...]:
    """Lay weighted texts out as ComfyUI does for SD1: a piece for each text and each `embedding:` in it."""
    chunks: list[list[tuple[int, float, int]]] = [[(START, 1.0, 0)]]
    words = [(word, weight) for text, weight in weighted for word in _BEFORE_EMBEDDING.split(text) if word]
    for number, (word, weight) in enumerate(words, 1):
        _place([(token, weight, number) for token in slow_token_ids(word)], chunks)
    _close(chunks[-1])
    return tuple(
        ComfyChunk(tuple(id for id, _, _ in chunk), tuple(at for _, at, _ in chunk), tuple(of for _, _, of in chunk))
        for chunk in chunks
    )


def slow_token_ids(text: str) -> tuple[int, ...]:
    """The ids that the slow CLIPTokenizer gives where ftfy is not installed."""
    if text.isascii() and text.isprintable():
        return token_ids(text)
    kept = "".join(map(_cleaned, text))
    return token_ids(normalize("NFC", _HAN.sub(r" \1 ", kept)).lower())


def _cleaned(letter: str) -> str:
    kind = category(letter)
    if letter in "\t\n\r" or kind == "Zs":
        return " "
    return "" if kind[0] == "C" or letter == "\ufffd" else letter


def _place(piece: list[tuple[int, float, int]], chunks: list[list[tuple[int, float, int]]]) -> None:
    is_cut = len(piece) >= CUT
    while piece:
        room = LENGTH - 1 - len(chunks[-1])
        if len(piece) <= room:
            chunks[-1].extend(piece)
            return
        if is_cut:
            chunks[-1].extend(piece[:room])
            piece = piece[room:]
        _close(chunks[-1])
        chunks.append([(START, 1.0, 0)])


def _close(chunk: list[tuple[int, float, int]]) -> None:
    """End mark and padding, which is the end mark again."""
    chunk.extend([(END, 1.0, 0)] * (LENGTH - len(chunk)))
