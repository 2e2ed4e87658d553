"""Stable Diffusion XL in webui's arithmetic against loops by hand: changing words, several prompts, a second pass."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from math import sqrt

import pytest
import torch

from promptlang.plans.plan import Conditioned, Conditioning, Model, Run, Segment
from promptlang_runtime.families.sdxl.encode import reader_of
from promptlang_runtime.sampling.levels import discrete
from tests.conformance.sampling import apart, drawn
from tests.runtime import tiny
from tests.runtime.pictures import opened

RED, BLUE = "a red circle", "a blue square"
NEAR = 5e-7  # another word at the last call is further off


@pytest.fixture(scope="module")
def model_folder(tmp_path_factory):
    """A tiny model."""
    folder = tmp_path_factory.mktemp("loops") / "sdxl"
    tiny.tiny_sdxl().save_pretrained(folder)
    return folder


@pytest.fixture
def plan(make_plan, model_folder):
    """A plan of it."""
    model = Model(name="tiny", family="sdxl", path=str(model_folder))
    settings = {"sampler": "k_euler", "schedule": "normal", "arithmetic": "webui", "steps": 4, "clip_skip": 2}
    return make_plan(model=model, **settings)


def branch(*segments, weight=1.0):
    return Conditioned(tuple(Segment(until, (Run(text),)) for until, text in segments), weight)


@torch.no_grad()
def by_hand(plan, at, sigmas, x):
    """Euler's method; `at` says which texts pull at a call, and how strongly."""
    model = opened(plan)
    embed = reader_of(model, plan).embed
    levels = discrete(model.scheduler_config, whole=False)
    high, wide = 8 * x.shape[2], 8 * x.shape[3]
    for call, (sigma, after) in enumerate(pairwise(sigmas)):
        pulling = at(call)
        texts = [embed(plan.negative.branches[0].segments[0].runs), *(embed((Run(text),)) for text, _ in pulling)]
        besides = {
            "text_embeds": torch.cat([each.pooled for each in texts]),
            "time_ids": torch.tensor([[high, wide, 0, 0, high, wide]]).float().repeat(len(texts), 1),
        }
        low, *others = model.pipeline.unet(
            x.repeat(len(texts), 1, 1, 1) / sqrt(sigma**2 + 1),
            levels.moment(torch.tensor([sigma]))[0],
            encoder_hidden_states=torch.cat([each.states for each in texts]),
            added_cond_kwargs=besides,
        ).sample.split(1)
        pulls = zip(others, pulling, strict=True)
        x = x + (after - sigma) * (low + plan.guidance * sum(weight * (each - low) for each, (_, weight) in pulls))
    return x


def noise(plan, *, larger=1):
    shape = 1, 4, larger * plan.size[1] // 8, larger * plan.size[0] // 8
    return torch.randn(shape, generator=torch.Generator().manual_seed(plan.seed))


def levels_of(plan, steps):
    found = discrete(opened(plan).scheduler_config, whole=False)
    return [*found.sigma(torch.linspace(999, 0, steps)).tolist(), 0.0]


CASES = {
    "editing": (branch((0, RED), (99, BLUE)), lambda call: [(BLUE if call else RED, 1)]),
    "alternation": (
        branch((0, RED), (1, BLUE), (2, RED), (99, BLUE)),
        lambda call: [(BLUE if call % 2 else RED, 1)],
    ),
    "several": ((branch((99, RED)), branch((99, BLUE), weight=0.6)), lambda call: [(RED, 1), (BLUE, 0.6)]),
}


@pytest.mark.parametrize("kind", CASES)
def test_words_that_change_and_add_up_are_drawn_as_by_hand(plan, kind):
    found, at = CASES[kind]
    asked = replace(plan, positive=Conditioning(branches=found if isinstance(found, tuple) else (found,)))
    sigmas = levels_of(plan, plan.steps)
    theirs = by_hand(asked, at, sigmas, noise(plan) * sigmas[0])
    assert apart(drawn(asked, opened(asked)), theirs) < NEAR


def test_a_second_pass_is_drawn_as_by_hand(plan):
    twice = replace(
        plan,
        positive=Conditioning(branches=(branch((99, RED)),)),
        hires=2.0,
        hires_strength=0.5,
        hires_steps=2,
        hires_upscaler="latent-nearest-exact",
    )
    first = levels_of(plan, plan.steps)
    small = by_hand(twice, lambda call: [(RED, 1)], first, noise(plan) * first[0])
    large = torch.nn.functional.interpolate(small, scale_factor=2, mode="nearest-exact")
    again = levels_of(plan, 4)[-3:]
    theirs = by_hand(twice, lambda call: [(RED, 1)], again, large + again[0] * noise(plan, larger=2))
    assert apart(drawn(twice, opened(twice)), theirs) < NEAR
