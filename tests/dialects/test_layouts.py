"""Chunks of 75 tokens as each owner lays them out: padding, commas, breaks, sentences, pieces that move whole."""

from __future__ import annotations

from itertools import chain

import pytest
from hypothesis import given
from hypothesis import strategies as st

from promptlang.dialects.dialect import dialect
from promptlang.plans.plan import Run, Weighting
from promptlang.source import Passage
from promptlang.tokens.chunks import CHUNK_TOKENS, NO_WORDS, Chunk, Words, words_for
from promptlang.tokens.comfyui import comfyui_chunks
from promptlang.tokens.compel import absences, compel_chunks
from promptlang.tokens.layouts import LAYOUTS
from promptlang.tokens.vocabulary import END_ID, START_ID
from promptlang.tokens.webui import webui_chunks

CAT, COMMA = 2368, 267


def words(chunk: Chunk) -> int:
    """How many tokens stand before the padding."""
    return chunk.ids[1:].index(END_ID)


def test_an_empty_prompt_is_one_empty_chunk() -> None:
    """Nothing to draw is still 77 ids."""
    laid_out = webui_chunks([])
    assert laid_out.token_count == 0
    assert laid_out.chunks == (Chunk((START_ID, *(END_ID,) * 76), (1.0,) * 77, (0,) * 77),)


def test_weights_stand_beside_their_tokens() -> None:
    """Marks and padding count 1."""
    chunk = webui_chunks([Run("cat", 1.2), Run("cat cat", 0.5)]).chunks[0]
    assert chunk.ids[:5] == (START_ID, CAT, CAT, CAT, END_ID)
    assert chunk.multipliers[:6] == (1.0, 1.2, 0.5, 0.5, 1.0, 1.0)


def test_a_break_closes_a_chunk() -> None:
    """The closed chunk counts 75, whatever is in it; a break at the end opens no other."""
    laid_out = webui_chunks([Run("cat"), Run("", ends_chunk=True), Run("cat cat")])
    assert [words(chunk) for chunk in laid_out.chunks] == [1, 2]
    assert laid_out.token_count == 77
    assert len(webui_chunks([Run("cat", ends_chunk=True)]).chunks) == 1
    assert len(webui_chunks([Run("", ends_chunk=True)] * 2).chunks) == 2


def test_what_follows_the_last_comma_moves_over() -> None:
    """The chunk ends after the comma, if that is near enough."""
    text = "cat " * 70 + ", " + "cat " * 10
    assert [words(chunk) for chunk in webui_chunks([Run(text)]).chunks] == [71, 10]
    assert [words(chunk) for chunk in webui_chunks([Run(text)], backtrack=0).chunks] == [75, 6]
    far = "cat " * 50 + ", " + "cat " * 30
    assert [words(chunk) for chunk in webui_chunks([Run(far)]).chunks] == [75, 6]


def test_a_comma_starts_the_next_chunk() -> None:
    """A comma as 76th token moves nothing."""
    laid_out = webui_chunks([Run("cat, " + "cat " * 73 + ", cat")])
    assert [words(chunk) for chunk in laid_out.chunks] == [75, 2]
    assert laid_out.chunks[1].ids[1] == COMMA


@given(
    runs=st.lists(st.builds(Run, st.sampled_from(["cat", ", ", "a cat,", "cat " * 40]), st.sampled_from([1.0, 1.2]))),
    backtrack=st.integers(0, 80),
)
def test_no_token_is_lost(runs: list[Run], backtrack: int) -> None:
    """The chunks hold the tokens in order, 75 at most in each."""
    laid_out = webui_chunks(runs, backtrack=backtrack)
    whole = webui_chunks(runs, backtrack=0)
    held = [[*zip(chunk.ids, chunk.multipliers, strict=True)][1 : 1 + words(chunk)] for chunk in laid_out.chunks]
    straight = [[*zip(chunk.ids, chunk.multipliers, strict=True)][1 : 1 + words(chunk)] for chunk in whole.chunks]
    assert [*chain(*held)] == [*chain(*straight)]
    assert all(len(chunk.ids) == len(chunk.multipliers) == CHUNK_TOKENS + 2 for chunk in laid_out.chunks)


# --- ComfyUI ----------------------------------------------------------------------------------------------------------


def comfy_fills(*runs: Run, words: Words = NO_WORDS) -> list[int]:
    """How many tokens ComfyUI puts in each chunk."""
    return [len(chunk.words) for chunk in comfyui_chunks(runs, words).chunks]


@pytest.mark.parametrize(
    ("text", "filled"),
    [
        ("red " * 3, [75]),
        ("red " * 4, [72, 4]),
        ("red " * 7, [72, 7]),
        ("red " * 8, [75, 5]),
        ("red " * 80, [75, 75, 2]),
    ],
)
def test_comfyui_moves_a_short_piece_and_cuts_a_long_one(text: str, filled: list[int]) -> None:
    """Eight tokens are long; the hole before a piece that moves is padding and does not count."""
    assert comfy_fills(Run("cat " * 72), Run(text, 1.2)) == filled
    assert comfyui_chunks((Run("cat " * 72), Run(text, 1.2))).token_count == sum(filled)


def test_comfyui_numbers_the_pieces() -> None:
    """Pieces of equal weight stay apart."""
    first, second = comfyui_chunks((Run("cat " * 72), Run("a red dog in rain"))).chunks
    assert first.ids[72:] == (CAT, *(END_ID,) * 4)
    assert second.pieces[:7] == (0, 2, 2, 2, 2, 2, 0)


@pytest.mark.parametrize(
    ("vectors", "filled"), [(1, [75]), (2, [74, 2]), (7, [74, 7]), (8, [75, 7]), (100, [75, 75, 24])]
)
def test_comfyui_moves_an_inversion_of_few_vectors_whole(vectors: int, filled: list[int]) -> None:
    """A word that stands for fewer than eight ids is not cut, wherever in its run it stands."""
    words = words_for([("zorb", vectors)], END_ID + 1)
    assert comfy_fills(Run("cat " * 74), Run("<zorb>", 1.2), words=words) == filled
    assert comfy_fills(Run("cat " * 74 + "<ZORB>"), words=words) == filled


@pytest.mark.parametrize(
    ("text", "alike"), [("日本の城", "日 本 の城"), ("a\u200bcow", "acow"), ("a\tcow\n", "a cow"), ("é", "e\u0301")]
)
def test_comfyui_reads_with_the_slow_tokenizer(text: str, alike: str) -> None:
    """Han characters are words of their own, format characters are left out."""
    assert comfyui_chunks((Run(text),)) == comfyui_chunks((Run(alike),))


@pytest.mark.parametrize(
    ("text", "filled"),
    [
        ("a cow<break>fog", [2, 1]),
        ("<break>fog", [0, 1]),
        ("a cow<break>", [2, 0]),
        ("<break><break>", [0, 0, 0]),
        ("cat " * 75 + "<break>fog", [75, 1]),
    ],
)
def test_swarmui_reads_what_a_break_parts_as_two_prompts(text: str, filled: list[int]) -> None:
    """Each is a chunk of its own, and nothing is an empty one."""
    found = dialect("swarm").condition
    assert found
    assert comfy_fills(*found(Passage(text), 1).branches[0].segments[0].runs) == filled


# --- Compel -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "filled"),
    [
        ("red " * 60 + "barn. " + "blue " * 40, [62, 40]),
        ("red " * 60 + "barn, " + "blue " * 40, [62, 40]),
        ("red, " * 10 + "barn. " + "blue, " * 40, [22, 74, 6]),
        ("red " * 80, [75, 5]),
        ("", [0]),
    ],
)
def test_compel_cuts_after_a_sentence_a_phrase_or_a_word(text: str, filled: list[int]) -> None:
    """The last full stop of a chunk wins over a later comma."""
    chunks = compel_chunks((Run(text),))
    assert [len(chunk.words) for chunk in chunks.chunks] == filled
    assert chunks.token_count == sum(filled)


def test_a_compel_fragment_that_runs_on_hides_the_marks_between() -> None:
    """Everything from its first token to its last is hidden, but for the two ends of a chunk."""
    runs = (Run("a "), Run("cow " * 60 + ". " + "dog " * 40, 0.5), Run(" in rain", 1.2))
    (absence,) = absences(compel_chunks(runs).chunks)
    first, second = absence.hidden
    assert absence.weight == 0.5
    assert first == frozenset(range(2, 76)), "60 cows, the full stop, the end mark and the padding"
    assert second == frozenset(range(1, 41))


def test_a_compel_fragment_of_one_chunk_hides_its_tokens() -> None:
    """What counts 1 or more hides nothing, neighbours of equal weight hide one after the other."""
    chunks = compel_chunks((Run("a cow", 0.9), Run(" in", 1.0), Run(" rain", 0.9), Run(" at dawn", 0.9))).chunks
    assert [sorted(absence.hidden[0]) for absence in absences(chunks)] == [[1, 2], [4], [5, 6]]


# --- all --------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("vectors", "filled"), [(1, [75]), (2, [74, 2]), (20, [74, 20]), (75, [74, 75]), (80, [74, 75, 5])]
)
def test_webui_moves_an_inversion_whole(vectors: int, filled: list[int]) -> None:
    """Only what fills more than a chunk is cut."""
    words = words_for([("zorb", vectors)], END_ID + 1)
    chunks = webui_chunks((Run("cat " * 74 + "<zorb>"),), words)
    assert [len(chunk.words) for chunk in chunks.chunks] == filled


def test_names_get_ids_in_a_row() -> None:
    """A name that comes twice is one word."""
    assert words_for([("Zorb", 2), ("ink", 1), ("zorb", 2)], 100) == {"<zorb>": (100, 101), "<ink>": (102,)}


@pytest.mark.parametrize(
    ("weighting", "length"), [("a1111", 231), ("a1111-no-norm", 231), ("compel", 231), ("comfy", 462)]
)
def test_prompts_are_brought_to_one_length(weighting: Weighting, length: int) -> None:
    """ComfyUI repeats both sides to the least common multiple, the others fill the shorter one up."""
    assert LAYOUTS[weighting].common_length([154, 231]) == length
    assert LAYOUTS[weighting].common_length([77, 77]) == 77
