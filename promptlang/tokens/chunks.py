"""Text-encoder chunks as stable-diffusion-webui makes them: 75 tokens each, cut after a comma where one is near."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from promptlang.plans.plan import Run
from promptlang.tokens.ids import token_ids
from promptlang.tokens.vocabulary import END_ID, START_ID
from promptlang.values import dataclass

CHUNK_TOKENS = 75
COMMA_BACKTRACK = 20
_COMMA_ID = 267


@dataclass(frozen=True, slots=True)
class Chunk:
    """What the text encoder is given at once: 77 ids, marks and padding included, and a multiplier for each."""

    ids: tuple[int, ...]
    multipliers: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Chunks:
    """The chunks of a prompt and its token count, in which every closed chunk counts 75."""

    chunks: tuple[Chunk, ...]
    token_count: int


def chunks_of(
    runs: Iterable[Run | tuple[str, float]],
    *,
    backtrack: int = COMMA_BACKTRACK,
    ids_of: Callable[[str], tuple[int, ...]] = token_ids,
) -> Chunks:
    """Lay weighted texts out in chunks; a run that `ends_chunk` closes the current one after its text, empty or not.

    `backtrack` is how many tokens may move to the next chunk so that a chunk ends after a comma; 0 cuts hard.
    """
    closed: list[list[tuple[int, float]]] = []
    current: list[tuple[int, float]] = []
    comma = -1  # place of the last comma in the current chunk
    for run in runs:
        text, weight, ends_chunk = (run.text, run.weight, run.ends_chunk) if isinstance(run, Run) else (*run, False)
        for token in ids_of(text):
            is_comma = token == _COMMA_ID
            if len(current) == CHUNK_TOKENS:
                near = not is_comma and backtrack and comma >= 0 and CHUNK_TOKENS - comma <= backtrack
                cut = comma + 1 if near else CHUNK_TOKENS
                closed.append(current[:cut])
                current, comma = current[cut:], -1
            if is_comma:
                comma = len(current)
            current.append((token, weight))
        if ends_chunk:
            closed.append(current)
            current, comma = [], -1
    count = CHUNK_TOKENS * len(closed) + len(current)
    if current or not closed:
        closed.append(current)
    return Chunks(tuple(map(_padded, closed)), count)


def _padded(content: list[tuple[int, float]]) -> Chunk:
    padding = CHUNK_TOKENS - len(content)
    return Chunk(
        (START_ID, *(token for token, _ in content), *(END_ID,) * padding, END_ID),
        (1.0, *(weight for _, weight in content), *(1.0,) * padding, 1.0),
    )
