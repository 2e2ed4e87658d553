"""Compel's blends and concatenations with Stable Diffusion XL against a loop by hand, texts encoded by transformers."""

from __future__ import annotations

from dataclasses import replace

import pytest
import torch

from promptlang import compile
from promptlang.plans.plan import Model
from promptlang_runtime.models.schedulers import scheduler_of
from tests.conformance.sampling import apart, drawn
from tests.runtime import tiny
from tests.runtime.pictures import opened
from tests.runtime.test_sdxl import encoded_by_hand

COW, STAR = "a red cow", "a blue star"


@pytest.fixture(scope="module")
def model(tmp_path_factory):
    """A tiny model."""
    folder = tmp_path_factory.mktemp("mixed") / "sdxl"
    tiny.tiny_sdxl().save_pretrained(folder)
    return Model(name="tiny", family="sdxl", path=str(folder))


def blended(said, shares):
    """Sums of states, and of summaries."""
    return [sum(share * each for share, each in zip(shares, parts, strict=True)) for parts in zip(*said, strict=True)]


def joined(said, weights, nothing):
    """States end to end, each moved away from the empty prompt by its weight; the summary is that of the first text."""
    moved = [nothing + weight * (states - nothing) for (states, _), weight in zip(said, weights, strict=True)]
    return [torch.cat(moved, dim=1), said[0][1]]


@torch.no_grad()
def by_hand(plan, positive, negative):
    """Classifier-free guidance with the sampler of diffusers."""
    model = opened(plan)
    scheduler = scheduler_of(plan.sampler, schedule=plan.schedule, config=model.scheduler_config)
    scheduler.set_timesteps(plan.steps, device="cpu")
    width, height = plan.size
    noise = torch.randn((1, 4, height // 8, width // 8), generator=torch.Generator().manual_seed(plan.seed))
    x = noise * scheduler.init_noise_sigma
    besides = {
        "text_embeds": torch.cat([negative[1], positive[1]]),
        "time_ids": torch.tensor([[height, width, 0, 0, height, width]] * 2),
    }
    states = torch.cat([negative[0], positive[0]])
    for moment in scheduler.timesteps:
        shown = scheduler.scale_model_input(torch.cat([x] * 2), moment)
        low, high = model.pipeline.unet(
            shown, moment, encoder_hidden_states=states, added_cond_kwargs=besides, return_dict=False
        )[0].split(1)
        x = scheduler.step(low + plan.guidance * (high - low), moment, x, return_dict=False)[0]
    return x


@pytest.mark.parametrize(
    ("words", "mix"),
    [
        (f'("{COW}", "{STAR}").blend(0.7, 0.3)', lambda said, _: blended(said, [0.7, 0.3])),
        (f'("{COW}", "{STAR}").blend(3, 1)', lambda said, _: blended(said, [0.75, 0.25])),
        (f'("{COW}", "{STAR}").blend(1, -0.4, no_normalize)', lambda said, _: blended(said, [1, -0.4])),
        (f'("{COW}", "{STAR}").and()', lambda said, nothing: joined(said, [1, 1], nothing)),
        (f'("{COW}", "{STAR}").and(1, 0.5)', lambda said, nothing: joined(said, [1, 0.5], nothing)),
    ],
)
def test_texts_are_mixed_as_by_hand(model, words, mix):
    """What is pulled from is as long as what is pulled to: the empty prompt stands behind it."""
    text = f"/render /parser:compel /sampler:k_euler /guidance:4 /seed:7 /steps:3 /size:64x64 {words} /negative {STAR}"
    (found,) = compile(text).plans
    plan = replace(found, model=model, clip_skip=None)
    pipeline = opened(plan).pipeline
    nothing, _ = encoded_by_hand(pipeline, "")
    positive = mix([encoded_by_hand(pipeline, each) for each in (COW, STAR)], nothing)
    states, summary = encoded_by_hand(pipeline, STAR)
    below = torch.cat([states, nothing], dim=1)[:, : positive[0].shape[1]]
    assert apart(drawn(plan, opened(plan)), by_hand(plan, positive, (below, summary))) < 1e-5
