"""ComfyUI's chunks: short pieces are moved over a chunk border rather than cut, and the hole is padded."""

from __future__ import annotations

import re
from collections.abc import Iterable
from unicodedata import category, normalize

from promptlang.plans.plan import Run
from promptlang.tokens.chunks import CHUNK_TOKENS, NO_WORDS, Chunks, Token, Words, counted, pieces
from promptlang.tokens.ids import token_ids

CUT = 8
"""Pieces of this many ids or more are cut at the border."""

_HAN = re.compile(
    "([\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0002a6df\U0002a700-\U0002ceaf\U0002f800-\U0002fa1f])"
)


def comfyui_chunks(runs: Iterable[Run], words: Words = NO_WORDS) -> Chunks:
    """Chunks in which every run, and every word that is called, is a piece; holes are not counted.

    What stands before and after a run that `ends_chunk` is read as two prompts, of one empty chunk at least: SwarmUI's
    `SwarmTextHandling.py` lays their states end to end.
    """
    chunks: list[list[Token]] = [[]]
    for piece in pieces(runs, slow_token_ids, words):
        if piece.ends_chunk:
            chunks.append([])
        tokens = piece.tokens
        is_cut = len(tokens) >= CUT
        while tokens:
            room = CHUNK_TOKENS - len(chunks[-1])
            if len(tokens) <= room:
                chunks[-1] += tokens
                break
            if is_cut:
                chunks[-1] += tokens[:room]
                tokens = tokens[room:]
            chunks.append([])
    return counted(chunks)


def slow_token_ids(text: str) -> tuple[int, ...]:
    """The ids that the slow CLIPTokenizer gives where ftfy is not installed, as beside ComfyUI.

    It falls back on BERT's splitting, which drops control and format characters and takes each Han character as a word.
    """
    if text.isascii() and text.isprintable():
        return token_ids(text)
    kept = "".join(map(_cleaned, text))
    return token_ids(normalize("NFC", _HAN.sub(r" \1 ", kept)).lower())


def _cleaned(letter: str) -> str:
    kind = category(letter)
    if letter in "\t\n\r" or kind == "Zs":
        return " "
    return "" if kind[0] == "C" or letter == "\ufffd" else letter
