"""A truncated encoder gives the hidden state of its layer bit for bit, and computes nothing beyond it."""

from __future__ import annotations

import pytest
import torch

from promptlang.plans.plan import Run
from promptlang.tokens.webui import webui_chunks
from promptlang_runtime.conditioning.clip import core, layers, truncated, with_vectors
from promptlang_runtime.errors import RenderError

IDS = torch.tensor([webui_chunks((Run("a (cow) in a field, masterpiece"),)).chunks[0].ids])


def wanted(encoder, clip_skip):
    """The final norm of hidden state number `clip_skip` from the end, the way the reference computes it."""
    with torch.no_grad():
        states = encoder(IDS, output_hidden_states=True).hidden_states
        return core(encoder).final_layer_norm(states[-clip_skip])


@pytest.mark.parametrize("clip_skip", range(1, 14))
def test_every_layer_of_the_bundled_model(demo, clip_skip):
    encoder = demo.pipeline.text_encoder
    with torch.no_grad():
        found = truncated(encoder, clip_skip)(input_ids=IDS).last_hidden_state
    assert torch.equal(found, wanted(encoder, clip_skip))


@pytest.mark.parametrize("count", [12, 23])
def test_every_layer_of_random_encoders(random_clip, count):
    encoder = random_clip(count)
    assert layers(encoder) == count
    for clip_skip in range(1, count + 2):
        with torch.no_grad():
            found = truncated(encoder, clip_skip)(input_ids=IDS).last_hidden_state
        assert torch.equal(found, wanted(encoder, clip_skip)), clip_skip


def test_the_last_legal_value_is_the_embeddings(random_clip):
    encoder = random_clip(12)
    with torch.no_grad():
        found = truncated(encoder, 13)(input_ids=IDS).last_hidden_state
        assert torch.equal(found, core(encoder).final_layer_norm(core(encoder).embeddings(IDS)))


@pytest.mark.parametrize("clip_skip", [0, -1, 14])
def test_beyond_the_layers_is_an_error_that_names_the_bound(random_clip, clip_skip):
    with pytest.raises(RenderError, match=f"must be 1 to 13 for a text encoder of 12 layers, found {clip_skip}"):
        truncated(random_clip(12), clip_skip)


def test_skipped_layers_are_not_computed_and_the_encoder_stays_whole(random_clip):
    encoder = random_clip(12)
    before = {name: value.clone() for name, value in encoder.state_dict().items()}
    calls: list[int] = []
    for place, layer in enumerate(core(encoder).encoder.layers):
        layer.register_forward_hook(lambda *_, place=place: calls.append(place))
    with torch.no_grad():
        truncated(encoder, 4)(input_ids=IDS)
    assert calls == list(range(9))
    assert layers(encoder) == 12
    assert len(core(encoder).encoder.layers) == 12
    assert all(torch.equal(value, before[name]) for name, value in encoder.state_dict().items())


def test_views_share_their_weights_and_are_made_once(random_clip):
    encoder = random_clip(12)
    view = truncated(encoder, 2)
    assert truncated(encoder, 2) is view
    assert view.embeddings.token_embedding.weight is core(encoder).embeddings.token_embedding.weight


def test_further_vectors_stand_behind_the_vocabulary(random_clip):
    encoder = random_clip(12)
    table = core(encoder).embeddings.token_embedding
    copied = table.weight[[320, 1125]].detach()
    view = with_vectors(truncated(encoder, 1), copied)
    extra, plain = IDS.clone(), IDS.clone()
    extra[0, 1:3] = torch.tensor([49408, 49409])
    plain[0, 1:3] = torch.tensor([320, 1125])
    with torch.no_grad():
        assert torch.equal(view(input_ids=extra).last_hidden_state, encoder(plain).last_hidden_state)
    assert core(encoder).embeddings.token_embedding is table
    assert table.num_embeddings == 49408
