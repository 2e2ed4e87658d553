"""Chunks of 75 tokens: padding, commas, breaks."""

from __future__ import annotations

from itertools import chain

from hypothesis import given
from hypothesis import strategies as st

from promptlang.plans.plan import Run
from promptlang.tokens.chunks import CHUNK_TOKENS, Chunk, chunks_of
from promptlang.tokens.vocabulary import END_ID, START_ID

CAT, COMMA = 2368, 267


def words(chunk: Chunk) -> int:
    """How many tokens stand before the padding."""
    return chunk.ids[1:].index(END_ID)


def test_an_empty_prompt_is_one_empty_chunk() -> None:
    """Nothing to draw is still 77 ids."""
    laid_out = chunks_of([])
    assert laid_out.token_count == 0
    assert laid_out.chunks == (Chunk((START_ID, *(END_ID,) * 76), (1.0,) * 77),)


def test_weights_stand_beside_their_tokens() -> None:
    """Marks and padding count 1."""
    chunk = chunks_of([("cat", 1.2), ("cat cat", 0.5)]).chunks[0]
    assert chunk.ids[:5] == (START_ID, CAT, CAT, CAT, END_ID)
    assert chunk.multipliers[:6] == (1.0, 1.2, 0.5, 0.5, 1.0, 1.0)


def test_a_break_closes_a_chunk() -> None:
    """The closed chunk counts 75, whatever is in it; a break at the end opens no other."""
    laid_out = chunks_of([Run("cat"), Run("", ends_chunk=True), Run("cat cat")])
    assert [words(chunk) for chunk in laid_out.chunks] == [1, 2]
    assert laid_out.token_count == 77
    assert len(chunks_of([Run("cat", ends_chunk=True)]).chunks) == 1
    assert len(chunks_of([Run("", ends_chunk=True)] * 2).chunks) == 2


def test_what_follows_the_last_comma_moves_over() -> None:
    """The chunk ends after the comma, if that is near enough."""
    text = "cat " * 70 + ", " + "cat " * 10
    assert [words(chunk) for chunk in chunks_of([(text, 1.0)]).chunks] == [71, 10]
    assert [words(chunk) for chunk in chunks_of([(text, 1.0)], backtrack=0).chunks] == [75, 6]
    far = "cat " * 50 + ", " + "cat " * 30
    assert [words(chunk) for chunk in chunks_of([(far, 1.0)]).chunks] == [75, 6]


def test_a_comma_starts_the_next_chunk() -> None:
    """A comma as 76th token moves nothing."""
    laid_out = chunks_of([("cat, " + "cat " * 73 + ", cat", 1.0)])
    assert [words(chunk) for chunk in laid_out.chunks] == [75, 2]
    assert laid_out.chunks[1].ids[1] == COMMA


@given(
    runs=st.lists(st.tuples(st.sampled_from(["cat", ", ", "a cat,", "cat " * 40]), st.sampled_from([1.0, 1.2]))),
    backtrack=st.integers(0, 80),
)
def test_no_token_is_lost(runs: list[tuple[str, float]], backtrack: int) -> None:
    """The chunks hold the tokens in order, 75 at most in each."""
    laid_out = chunks_of(runs, backtrack=backtrack)
    whole = chunks_of(runs, backtrack=0)
    held = [[*zip(chunk.ids, chunk.multipliers, strict=True)][1 : 1 + words(chunk)] for chunk in laid_out.chunks]
    straight = [[*zip(chunk.ids, chunk.multipliers, strict=True)][1 : 1 + words(chunk)] for chunk in whole.chunks]
    assert [*chain(*held)] == [*chain(*straight)]
    assert all(len(chunk.ids) == len(chunk.multipliers) == CHUNK_TOKENS + 2 for chunk in laid_out.chunks)
