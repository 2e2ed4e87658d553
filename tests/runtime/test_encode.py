"""Prompts of any length, encoded by the bundled model as the plan asks."""

from __future__ import annotations

import pytest
import torch

from promptlang.plans.plan import Run
from promptlang.tokens.ids import token_ids
from promptlang.tokens.layouts import LAYOUTS
from promptlang_runtime.conditioning.clip import core, vocabulary_size
from promptlang_runtime.conditioning.condition import Condition, Reader
from promptlang_runtime.conditioning.encode import prompt_encoder

WEIGHTINGS = ("a1111", "a1111-no-norm", "comfy", "compel")


def encoder_of(demo, weighting="a1111", clip_skip=1, **inversions):
    return prompt_encoder(demo.pipeline.text_encoder, weighting=weighting, clip_skip=clip_skip, **inversions)


@pytest.mark.parametrize("weighting", WEIGHTINGS)
@pytest.mark.parametrize(("words", "chunks"), [(0, 1), (1, 1), (75, 1), (76, 2), (400, 6)])
def test_any_length_is_encoded_in_chunks(demo, weighting, words, chunks):
    states = encoder_of(demo, weighting).embed((Run("cow " * words),))
    assert states.shape == (1, 77 * chunks, 64)
    assert states.dtype == torch.float32


@pytest.mark.parametrize("weighting", WEIGHTINGS)
def test_unweighted_text_is_what_the_encoder_says(demo, weighting):
    ids = torch.tensor([[49406, *token_ids("a red circle"), *[49407] * 73]])
    with torch.no_grad():
        expected = demo.pipeline.text_encoder(ids).last_hidden_state
    assert torch.equal(encoder_of(demo, weighting).embed((Run("a red circle"),)), expected)


@pytest.mark.parametrize("weighting", WEIGHTINGS)
@pytest.mark.parametrize("weight", [0.0, 0.5, 1.5, -1.0])
def test_weights_change_the_states(demo, weighting, weight):
    encoder = encoder_of(demo, weighting)
    plain = encoder.embed((Run("a "), Run("red circle")))
    weighted = encoder.embed((Run("a "), Run("red circle", weight)))
    assert torch.isfinite(weighted).all()
    assert not torch.equal(plain, weighted)


@pytest.mark.parametrize("weighting", ["a1111", "comfy"])
def test_break_starts_a_new_chunk(demo, weighting):
    encoder = encoder_of(demo, weighting)
    states = encoder.embed((Run("a cow", ends_chunk=True), Run("a field")))
    assert torch.equal(states, torch.cat([encoder.embed((Run("a cow"),)), encoder.embed((Run("a field"),))], dim=1))


def test_padding_adds_encoded_empty_chunks(demo):
    encoder = encoder_of(demo, clip_skip=2)
    empty, short = encoder.condition(()), encoder.condition((Run("a cow"),))
    long = encoder.reader.padded(short, 231)
    assert torch.equal(long.states, torch.cat([short.states, empty.states, empty.states], dim=1))
    assert encoder.reader.padded(short, 77) is short


@pytest.mark.parametrize("weighting", WEIGHTINGS)
def test_sides_of_several_lengths_are_made_even_as_the_owner_does(demo, weighting):
    encoder = encoder_of(demo, weighting)
    sides = [encoder.condition((Run("cow " * words),)) for words in (80, 160, 0)]
    first, second = (each.states for each in encoder.reader.even(sides[:2]))
    two, three, empty = (each.states for each in sides)
    if weighting == "comfy":
        assert torch.equal(first, torch.cat([two] * 3, dim=1))
        assert torch.equal(second, torch.cat([three] * 2, dim=1))
    else:
        assert torch.equal(first, torch.cat([two, empty], dim=1))
        assert second is three


def test_what_is_repeated_says_what_it_said_once(demo):
    encoder = encoder_of(demo, "comfy")
    sides = [encoder.condition((Run("cow " * words, 1.2),)) for words in (80, 160)]
    torch.manual_seed(0)
    latents, moment = torch.randn(1, 4, 8, 8), torch.tensor(500)
    for alone, beside in zip(sides, encoder.reader.even(sides), strict=True):
        assert beside.states.shape[1] == 77 * 6
        with torch.no_grad():
            once, again = (demo.pipeline.unet(latents, moment, each.states).sample for each in (alone, beside))
        assert torch.allclose(once, again, atol=1e-5)


def test_states_of_one_length_stay_as_they_are():
    sides = [Condition(torch.rand(1, 77, 4)), Condition(torch.rand(1, 77, 4))]
    for layout in (*LAYOUTS.values(), None):
        even = Reader(embed=list, layout=layout).even(sides)
        assert all(after is before for after, before in zip(even, sides, strict=True))


def test_clip_skip_changes_both_words_and_padding(demo):
    first, second = (encoder_of(demo, clip_skip=skip).embed((Run("a cow"),)) for skip in (1, 2))
    assert not torch.equal(first[0, 1], second[0, 1])
    assert not torch.equal(first[0, 76], second[0, 76])


def test_a_half_precision_encoder_is_weighted_in_single_precision(demo):
    half = type(demo.pipeline.text_encoder)(demo.pipeline.text_encoder.config).half().eval()
    states = prompt_encoder(half, weighting="a1111", clip_skip=1).embed((Run("a", 1.2),))
    assert states.dtype == torch.float16


def test_an_inversion_stands_where_its_word_stands(demo):
    text_encoder = demo.pipeline.text_encoder
    size = vocabulary_size(text_encoder)
    rows = core(text_encoder).embeddings.token_embedding.weight[list(token_ids("red circle"))].detach()
    inversions = {"words": {"<ink>": (size, size + 1)}, "vectors": rows}
    called = encoder_of(demo, **inversions).embed((Run("a <Ink> on white"),))
    assert torch.equal(called, encoder_of(demo).embed((Run("a red circle on white"),)))
    weighted = encoder_of(demo, **inversions).embed((Run("a "), Run("<ink>", 1.3), Run(" on white")))
    by_hand = encoder_of(demo).embed((Run("a "), Run("red circle", 1.3), Run(" on white")))
    assert torch.equal(weighted, by_hand)


def test_a_chunk_is_encoded_once(demo):
    encoder = encoder_of(demo)
    encoder.embed((Run("a cow"),))
    known = dict(encoder.encoded)
    encoder.embed((Run("a "), Run("cow", 1.4)))
    assert encoder.encoded == known


def test_only_so_many_chunks_are_kept(demo, monkeypatch):
    monkeypatch.setattr("promptlang_runtime.conditioning.encode.MOST_CHUNKS", 3)
    encoder = encoder_of(demo)
    for words in range(1, 9):
        encoder.embed((Run("cow " * words),))
        assert len(encoder.encoded) <= 3
