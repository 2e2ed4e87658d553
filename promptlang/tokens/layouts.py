"""How ComfyUI and Compel lay tokens out in chunks of 77; webui's own way is `promptlang.tokens.chunks`."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import cache

from promptlang.plans.plan import Run
from promptlang.tokens.chunks import CHUNK_TOKENS, Chunk
from promptlang.tokens.vocabulary import END_ID, FIRST_MERGE, START_ID, WORD_END, merge_lines

IdsOf = Callable[[str], tuple[int, ...]]
Token = tuple[int, float]
Fragment = tuple[float, tuple[frozenset[int], ...]]

SHORT_GROUP = 8
"""ComfyUI moves a group of fewer tokens to the next chunk as a whole."""

# Compel cuts after the last full stop of a chunk, else after its last punctuation mark, else after its last word.
_SENTENCE_ENDS = frozenset({269})
_PHRASE_ENDS = frozenset({267, 269, 281, 282})  # , . : ;


def comfy_chunks(runs: Iterable[Run], ids_of: IdsOf) -> tuple[Chunk, ...]:
    """Chunks in which a short run of words stays together, the hole before it padded."""
    chunks: list[list[Token]] = [[]]
    for run in runs:
        group = [(token, run.weight) for token in ids_of(run.text)]
        splits = len(group) >= SHORT_GROUP
        while group:
            room = CHUNK_TOKENS - len(chunks[-1])
            if len(group) <= room:
                chunks[-1] += group
                break
            if splits:
                chunks[-1] += group[:room]
                group = group[room:]
            chunks.append([])
    return tuple(map(_padded, chunks))


def compel_chunks(runs: Iterable[Run], ids_of: IdsOf) -> tuple[tuple[Chunk, ...], tuple[Fragment, ...]]:
    """Chunks that end with a sentence where possible, and every run's weight with the places of its tokens."""
    tokens: list[tuple[Token, int]] = []
    weights: list[float] = []
    for number, run in enumerate(runs):
        weights.append(run.weight)
        tokens += [((token, run.weight), number) for token in ids_of(run.text)]
    chunks: list[Sequence[tuple[Token, int]]] = []
    while len(tokens) > CHUNK_TOKENS:
        cut = _compel_cut([token for (token, _), _ in tokens[:CHUNK_TOKENS]])
        chunks.append(tokens[:cut])
        tokens = tokens[cut:]
    chunks.append(tokens)
    fragments = tuple((weight, _places(chunks, number)) for number, weight in enumerate(weights))
    return tuple(_padded([token for token, _ in chunk]) for chunk in chunks), fragments


def _places(chunks: Sequence[Sequence[tuple[Token, int]]], run: int) -> tuple[frozenset[int], ...]:
    """Where the tokens of a run stand in each chunk; place 0 is the start mark."""
    return tuple(frozenset(place for place, (_, owner) in enumerate(chunk, 1) if owner == run) for chunk in chunks)


def _compel_cut(ids: Sequence[int]) -> int:
    for ends in (_SENTENCE_ENDS, _PHRASE_ENDS, _word_ends()):
        for place in range(len(ids) - 1, -1, -1):
            if ids[place] in ends:
                return place + 1
    return len(ids)


@cache
def _word_ends() -> frozenset[int]:
    merged = (FIRST_MERGE + place for place, line in enumerate(merge_lines()) if line.endswith(WORD_END.encode()))
    return frozenset((*range(FIRST_MERGE // 2, FIRST_MERGE), *merged))


def _padded(content: Sequence[Token]) -> Chunk:
    padding = CHUNK_TOKENS - len(content)
    return Chunk(
        (START_ID, *(token for token, _ in content), *(END_ID,) * padding, END_ID),
        (1.0, *(weight for _, weight in content), *(1.0,) * padding, 1.0),
    )
