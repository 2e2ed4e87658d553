"""Several prompts of flow-matching models: their differences from the negative prompt add up."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from PIL import Image

from promptlang.plans.plan import Conditioned, Conditioning, Model, Run, Segment
from promptlang_runtime.executors.here import render
from tests.runtime import tiny_language as tiny
from tests.runtime.language import BAD, BLUE, RED, small
from tests.runtime.pictures import draw, opened
from tests.runtime.test_network_layouts import LAYOUTS

FAMILIES = {
    "sd3": ("", tiny.sd3),
    "chroma": ("", LAYOUTS["chroma"][0]),
    "flux2": ("klein 4B", tiny.klein),
    "qwen-image": ("", tiny.qwen_image),
    "qwen-image-2.1": ("", tiny.qwen_image_21),
    "z-image": ("base", tiny.z_image),
    "lumina2": ("", tiny.lumina2),
    "krea2": ("raw", tiny.krea2),
    "sana": ("", tiny.sana),
}
"""Those with classifier-free guidance: the variant, and a tiny model."""
OTHERWISE = {"lumina2", "sana"}
"""Those that read a prompt after an instruction, and a negative prompt without."""
SHIFTED = {"qwen-image-2.1"}
"""Those whose picture has its place behind the longest text of a batch, as in diffusers."""
SCALED = {"qwen-image", "qwen-image-2.1", "lumina2"}
"""Those that bring what guidance gives back to the length of the prompt's own prediction."""


def added(*prompts):
    """Prompts with their weights."""
    return Conditioning(
        branches=tuple(Conditioned((Segment(99, (Run(text),)),), weight) for text, weight in prompts), combine="and"
    )


@pytest.fixture(scope="module", params=FAMILIES)
def plan_of(request, tmp_path_factory):
    """A plan of two steps with those prompts."""
    variant, build = FAMILIES[request.param]
    folder = tmp_path_factory.mktemp(request.param)
    build().save_pretrained(folder)

    def make(make_plan, *prompts, **changes):
        model = Model(name="tiny", family=request.param, path=str(folder), variant=variant)
        return small(make_plan, model, **{"positive": added(*prompts), "guidance": 8.0, **changes})

    return make


def far(one, other):
    """Levels of 255 between two pictures."""
    return int(np.abs(one.astype(np.int16) - other).max())


def test_prompts_add_up(plan_of, make_plan):
    alone = draw(plan_of(make_plan, (RED, 1.0)))
    assert far(draw(plan_of(make_plan, (RED, 0.4), (RED, 0.6))), alone) <= 1
    none = plan_of(make_plan, (RED, 1.0), (BAD, 1.0))  # the second is no step from the negative prompt
    if (name := none.model.family) not in OTHERWISE:
        assert far(draw(none), alone) <= (8 if name in SHIFTED else 1)
    both = draw(plan_of(make_plan, (RED, 0.5), (BLUE, 0.5)))
    assert far(draw(plan_of(make_plan, (BLUE, 0.5), (RED, 0.5))), both) <= 1
    assert not np.array_equal(both, alone)
    twice = plan_of(make_plan, (RED, 1.0), (RED, 1.0))
    if name not in SCALED:
        assert far(draw(twice), draw(plan_of(make_plan, (RED, 1.0), guidance=16.0))) <= 1


@torch.no_grad()
def by_hand(plan, prompts):
    """The latents of SD 3 by Euler's steps: the negative prompt's prediction, and every other's difference from it."""
    pipeline, scheduler = tiny.sd3(), tiny.flow()
    texts = (BAD, *(text for text, _ in prompts))
    said = [pipeline.encode_prompt(text, text, text, do_classifier_free_guidance=False) for text in texts]
    wide, high = (side // pipeline.vae_scale_factor for side in plan.size)
    shape = 1, pipeline.transformer.config.in_channels, high, wide
    x = torch.randn(shape, generator=torch.Generator().manual_seed(plan.seed))
    scheduler.set_timesteps(plan.steps)
    for moment in scheduler.timesteps:
        low, *others = (
            pipeline.transformer(x, encoder_hidden_states=states, pooled_projections=pooled, timestep=moment[None])[0]
            for states, _, pooled, _ in said
        )
        pulled = sum(weight * (each - low) for each, (_, weight) in zip(others, prompts, strict=True))
        x = scheduler.step(low + plan.guidance * pulled, moment, x).prev_sample
    return x


@pytest.mark.parametrize("weights", [(1.0, 0.6), (1.0, -0.5)])
def test_a_loop_by_hand_draws_the_same(make_plan, tmp_path, monkeypatch, weights):
    tiny.sd3().save_pretrained(tmp_path)
    prompts = list(zip((RED, BLUE), weights, strict=True))
    plan = small(make_plan, Model(name="tiny", family="sd3", path=str(tmp_path)), positive=added(*prompts), steps=3)
    vae, seen = opened(plan).pipeline.vae, []
    decode = vae.decode
    monkeypatch.setattr(vae, "decode", lambda latents, **settings: seen.append(latents) or decode(latents, **settings))
    draw(plan)
    theirs = by_hand(plan, prompts)
    ours = (seen[0] - vae.config.shift_factor) * vae.config.scaling_factor
    assert ours.shape == theirs.shape
    assert float((ours - theirs).norm() / theirs.norm()) < 1e-5


def test_several_pictures_are_each_its_own(plan_of, make_plan):
    plan = plan_of(make_plan, (RED, 0.7), (BLUE, 0.5), images=2)
    pair = [np.asarray(each) for each in render(plan, device="cpu")]
    assert far(pair[0], draw(plan_of(make_plan, (RED, 0.7), (BLUE, 0.5)))) <= 1
    assert not np.array_equal(*pair)


@pytest.mark.parametrize("name", ["sd3", "z-image"])
def test_a_picture_is_drawn_over(make_plan, tmp_path, name):
    variant, build = FAMILIES[name]
    build().save_pretrained(tmp_path / "model")
    Image.effect_mandelbrot((64, 64), (-2, -1, 1, 1), 40).convert("RGB").save(tmp_path / "start.png")
    model = Model(name="tiny", family=name, path=str(tmp_path / "model"), variant=variant)
    over = {"image": str(tmp_path / "start.png"), "strength": 0.5, "steps": 4, "guidance": 8.0}
    alone, halves, both = (
        draw(small(make_plan, model, positive=added(*prompts), **over))
        for prompts in ([(RED, 1.0)], [(RED, 0.5), (RED, 0.5)], [(RED, 1.0), (BLUE, 1.0)])
    )
    assert far(alone, halves) <= 1
    assert not np.array_equal(alone, both)
