"""Compel's chunks: cut after the last full stop, else after the last punctuation mark, else after the last word."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from functools import cache

from promptlang.plans.plan import Run
from promptlang.tokens.chunks import CHUNK_TOKENS, NO_WORDS, Chunk, Chunks, Token, Words, counted, pieces
from promptlang.tokens.ids import token_ids
from promptlang.tokens.vocabulary import FIRST_MERGE, WORD_END, merge_lines
from promptlang.values import dataclass

_SENTENCE_ENDS = frozenset({269})
_PHRASE_ENDS = frozenset({267, 269, 281, 282})  # , . : ;


@dataclass(frozen=True, slots=True)
class Absence:
    """A fragment that counts less than 1, and the places in every chunk that its absence hides."""

    weight: float
    hidden: tuple[frozenset[int], ...]


def compel_chunks(runs: Iterable[Run], words: Words = NO_WORDS) -> Chunks:
    """Chunks that end with a sentence where possible; fragments are read one by one and cut like any text."""
    tokens = [token for piece in pieces(runs, token_ids, words) for token in piece.tokens]
    chunks: list[list[Token]] = []
    while len(tokens) > CHUNK_TOKENS:
        cut = _cut([token for token, _, _ in tokens[:CHUNK_TOKENS]])
        chunks.append(tokens[:cut])
        tokens = tokens[cut:]
    return counted([*chunks, tokens])


def absences(chunks: Sequence[Chunk]) -> Iterator[Absence]:
    """The fragments of weight below 1, in order.

    A fragment hides everything from its first token to its last: where it runs on in the next chunk, the end mark and
    the padding between too. Only the first and the last place of a chunk are never hidden.
    """
    found: dict[int, list[tuple[int, int]]] = {}
    weights: dict[int, float] = {}
    for number, chunk in enumerate(chunks):
        for place, (piece, weight) in enumerate(zip(chunk.pieces, chunk.multipliers, strict=True)):
            if piece and weight < 1:
                found.setdefault(piece, []).append((number, place))
                weights[piece] = weight
    for piece, places in found.items():
        first, last = places[0], places[-1]
        yield Absence(
            weights[piece],
            tuple(
                frozenset(place for place in range(1, len(chunk.ids) - 1) if first <= (number, place) <= last)
                for number, chunk in enumerate(chunks)
            ),
        )


def _cut(ids: Sequence[int]) -> int:
    for ends in (_SENTENCE_ENDS, _PHRASE_ENDS, _word_ends()):
        for place in range(len(ids) - 1, -1, -1):
            if ids[place] in ends:
                return place + 1
    return len(ids)


@cache
def _word_ends() -> frozenset[int]:
    merged = (FIRST_MERGE + place for place, line in enumerate(merge_lines()) if line.endswith(WORD_END.encode()))
    return frozenset((*range(FIRST_MERGE // 2, FIRST_MERGE), *merged))
