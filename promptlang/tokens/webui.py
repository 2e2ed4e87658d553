"""Chunks as stable-diffusion-webui makes them: 75 tokens each, cut after a comma where one is near."""

from __future__ import annotations

from collections.abc import Iterable

from promptlang.plans.plan import Run
from promptlang.tokens.chunks import CHUNK_TOKENS, NO_WORDS, Chunks, Token, Words, filled, pieces
from promptlang.tokens.ids import token_ids

COMMA_BACKTRACK = 20
_COMMA_ID = 267


def webui_chunks(runs: Iterable[Run], words: Words = NO_WORDS, *, backtrack: int = COMMA_BACKTRACK) -> Chunks:
    """Lay weighted texts out in chunks; a run that `ends_chunk` closes the current one after its text, empty or not.

    `backtrack` is how many tokens may move to the next chunk so that a chunk ends after a comma; 0 cuts hard. A word
    that is called is not cut unless it fills more than a chunk. In the count every closed chunk has 75 tokens.
    """
    closed: list[list[Token]] = []
    current: list[Token] = []
    comma = -1  # place of the last comma in the current chunk
    for piece in pieces(runs, token_ids, words):
        if piece.ends_chunk:
            closed.append(current)
            current, comma = [], -1
        whole = min(len(piece.ids), CHUNK_TOKENS) if piece.called else 1
        for token in piece.tokens:
            is_comma = token[0] == _COMMA_ID
            if len(current) == CHUNK_TOKENS:
                near = not is_comma and backtrack and comma >= 0 and CHUNK_TOKENS - comma <= backtrack
                cut = comma + 1 if near else CHUNK_TOKENS
                closed.append(current[:cut])
                current, comma = current[cut:], -1
            if len(current) + whole > CHUNK_TOKENS:
                closed.append(current)
                current, comma = [], -1
            whole = 1
            if is_comma:
                comma = len(current)
            current.append(token)
    count = CHUNK_TOKENS * len(closed) + len(current)
    if current or not closed:
        closed.append(current)
    return Chunks(tuple(map(filled, closed)), count)
