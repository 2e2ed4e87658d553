"""Weights act on embeddings as in the tools they come from: the vectors were recorded from the owners' own code."""

from __future__ import annotations

import json
import math

import pytest
import torch

from promptlang.plans.plan import Run
from promptlang.tokens.chunks import EMPTY
from promptlang.tokens.comfyui import comfyui_chunks
from promptlang.tokens.compel import compel_chunks
from promptlang.tokens.webui import webui_chunks
from promptlang_runtime.conditioning.weighting import comfy, compel, interpolated, mean_restored, scaled, webui

TOLERANCE = 1e-5
WIDTH = 4


def stand_in(ids, mask):
    """The stand-in encoder of the recorded vectors, in double precision and then single."""
    numbers = ids[0].double()
    seen = torch.ones_like(numbers) if mask is None else mask[0].double()
    places = torch.arange(len(numbers), dtype=torch.float64)
    columns = []
    for d in range(1, WIDTH + 1):
        context = (seen * torch.cos(0.02 * numbers * d)).sum() / max(1.0, float(seen.sum()))
        columns.append(torch.sin(0.01 * numbers * d) + 0.3 * context + 0.05 * torch.cos(places) + 0.5)
    return torch.stack(columns, dim=-1).float().unsqueeze(0)


def rows(folder, peer):
    lines = (folder / "embedding_apply.jsonl").read_text(encoding="utf-8").splitlines()
    found = [row for row in map(json.loads, lines) if row["peer"] == peer]
    assert found
    return found


def runs_of(dialect_name, text):
    """The weighted text of a prompt, by the dialect's own reader."""
    from promptlang.dialects.dialect import dialect
    from promptlang.source import Passage

    owner = dialect(dialect_name)
    return [
        Run("", 1.0, ends_chunk=True) if (piece, weight) == ("BREAK", -1) else Run(piece, weight)
        for piece, weight in owner.weights(owner.parse(Passage(text)))
    ]


def assert_close(found, expected):
    assert found.shape == expected.shape
    assert (found - expected).abs().max() <= TOLERANCE


@pytest.mark.parametrize(("emphasis", "restore"), [("Original", True), ("No norm", False)])
def test_webui_prompts(shared_vectors, emphasis, restore):
    for row in rows(shared_vectors, "AUTOMATIC1111"):
        if row["args"]["emphasis"] != emphasis or not isinstance(row["input"], str):
            continue
        chunks = webui_chunks(runs_of("a1111", row["input"])).chunks[: row["args"]["max_chunks"]]
        found = webui(chunks, stand_in, EMPTY.ids, restore_mean=restore)
        assert_close(found[0], torch.tensor(row["expected"]).flatten(0, 1))


@pytest.mark.parametrize(("emphasis", "weigh"), [("Original", mean_restored), ("No norm", scaled)])
def test_webui_tensors(shared_vectors, emphasis, weigh):
    for row in rows(shared_vectors, "AUTOMATIC1111"):
        if row["args"]["emphasis"] != emphasis or isinstance(row["input"], str):
            continue
        states = torch.tensor(row["input"], dtype=torch.float32)
        found = weigh(states, torch.tensor(row["args"]["multipliers"], dtype=torch.float32))
        expected = json.loads(json.dumps(row["expected"]).replace('"NaN"', "NaN"))
        if math.isnan(torch.tensor(expected).sum()):
            assert torch.isfinite(found).all()  # a deliberate difference: webui divides by a mean of zero
        else:
            assert_close(found, torch.tensor(expected))


def test_comfy_prompts(shared_vectors):
    for row in rows(shared_vectors, "ComfyUI"):
        found = comfy(comfyui_chunks(runs_of("comfy", row["input"])).chunks, stand_in, EMPTY.ids)
        assert_close(found[0], torch.tensor(row["expected"]))


def test_compel_prompts(shared_vectors):
    compared = 0
    for row in rows(shared_vectors, "compel"):
        if row["args"]["downweight_mode"] != "MASK" or "blend" in row["input"]:
            continue
        chunks = compel_chunks(runs_of("compel", row["input"])).chunks
        assert_close(compel(chunks, stand_in, EMPTY.ids)[0], torch.tensor(row["expected"]))
        compared += 1
    assert compared >= 7


def test_weight_one_changes_no_bit():
    states = torch.randn(1, 77, 8)
    ones = torch.ones(1, 77)
    assert torch.equal(interpolated(states, ones, torch.randn(1, 77, 8)), states)
    chunks = webui_chunks((Run("a cow"),)).chunks
    assert torch.equal(
        webui(chunks, stand_in, EMPTY.ids, restore_mean=True), stand_in(torch.tensor([chunks[0].ids]), None)
    )


def test_the_mean_is_restored():
    states = torch.rand(1, 77, 8) + 0.5
    multipliers = torch.ones(1, 77)
    multipliers[0, 3:9] = 1.7
    assert mean_restored(states, multipliers).mean() == pytest.approx(states.mean().item(), rel=1e-5)


@pytest.mark.parametrize("weights", [[1.0, 1.1], [0.0, 0.0]])
def test_a_mean_of_zero_is_not_divided_by(weights):
    found = mean_restored(torch.tensor([[[0.5, -0.5], [1.0, -1.0]]]), torch.tensor([weights]))
    assert torch.isfinite(found).all()


def test_down_weights_cost_one_encoding_each_and_fade_the_words():
    counted = []

    def encode(ids, mask):
        counted.append(mask)
        return stand_in(ids, mask)

    runs = (Run("a "), Run("cow", 0.0), Run(" and a "), Run("dog", 0.5))
    compel(compel_chunks(runs).chunks, encode, EMPTY.ids)
    assert sum(mask is not None for mask in counted) == 2
