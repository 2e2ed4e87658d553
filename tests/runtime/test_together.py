"""Pictures of several plans in one batch: each is the picture that its plan draws alone, to a level in 255."""

from __future__ import annotations

from dataclasses import replace
from importlib.util import find_spec

import numpy as np
import pytest
import torch

from promptlang.plans.plan import Conditioned, Conditioning, Model, Run, Segment
from promptlang.tables.arithmetics import DEFAULT, samplers
from promptlang_runtime.drawing.wanted import Wanted
from promptlang_runtime.executors import here
from promptlang_runtime.executors.here import drawn, render
from promptlang_runtime.executors.limits import MEMORY, Settings
from promptlang_runtime.models import decoding
from promptlang_runtime.models.decoding import decoded, divide
from tests.runtime import tiny


def together(plans, on_call=lambda done, total: None):
    """The pictures of plans that are one batch, each from its seed."""
    return drawn([Wanted(each, each.seed) for each in plans], Settings(device="cpu"), on_call)


def far(plans):
    """How far the pictures are from those that the plans draw alone."""
    batch = together(plans)
    assert [each.info["seed"] for each in batch] == [each.seed for each in plans]
    pairs = zip(batch, (render(each, device="cpu")[0] for each in plans), strict=True)
    return [int(np.abs(np.asarray(a, dtype=np.int16) - np.asarray(b, dtype=np.int16)).max()) for a, b in pairs]


def alternating(*texts):
    return Conditioning(branches=(Conditioned(tuple(Segment(n, (Run(text),)) for n, text in enumerate(texts))),))


@pytest.fixture
def mixed(make_plan, conditioning):
    """Plans that differ in everything that rows may differ in."""
    plan, long = make_plan(steps=3), "a red circle beside a blue square and a green star " * 8
    return [
        plan,
        replace(plan, clip_skip=6, seed=8),
        replace(plan, clip_skip=13, guidance=2.5),
        replace(plan, guidance=1.0, positive=conditioning("a blue square")),
        replace(plan, guidance=0.0),
        replace(plan, guidance=0.5),
        replace(plan, positive=conditioning("a red circle", ("a blue square", 0.6), ("a star", -0.2)), seed=11),
        replace(plan, positive=conditioning(long), negative=conditioning("blurry")),
        replace(plan, positive=alternating("a cow", long, "a star"), negative=conditioning(long)),
        replace(plan, weighting="comfy", positive=Conditioning(branches=(weighted(),))),
    ]


def weighted():
    return Conditioned((Segment(99, (Run("a "), Run("red circle", 1.5))),))


@pytest.mark.parametrize("row", samplers(DEFAULT), ids=lambda row: row.name)
def test_every_sampler_draws_each_picture_as_alone(make_plan, conditioning, row):
    if row.package and not find_spec(row.package):
        pytest.skip(f"{row.name} needs {row.package}")
    plan = make_plan(sampler=row.name, steps=3)
    plans = [
        replace(plan, clip_skip=1),
        replace(plan, clip_skip=4, guidance=1.0),
        replace(plan, clip_skip=13, guidance=7.5, seed=9, positive=conditioning("a blue square")),
    ]
    assert max(far(plans)) <= 1


def test_rows_differ_in_words_layer_guidance_and_directions(mixed):
    assert max(far(mixed)) <= 1


def test_rescaled_guidance_is_rescaled_for_each(mixed):
    assert max(far([replace(each, rescale=0.7) for each in mixed])) <= 1


@pytest.mark.parametrize("build", [tiny.tiny_sd2, tiny.tiny_sdxl])
def test_other_families_with_a_unet_do_the_same(build, make_plan, conditioning, tmp_path):
    build().save_pretrained(tmp_path)
    model = Model(name="tiny", family=build.__name__.removeprefix("tiny_"), path=str(tmp_path))
    plan = make_plan(model=model, sampler="k_euler", clip_skip=None, steps=3)
    plans = [
        plan,
        replace(plan, guidance=7.5, negative=conditioning(""), seed=9),
        replace(plan, guidance=1.0, clip_skip=2),
        replace(plan, positive=conditioning("a red circle", ("a star", 0.5))),
    ]
    assert max(far(plans)) <= 1


def test_a_model_that_takes_guidance_as_an_input_draws_one_plan_after_the_other(make_plan, tmp_path):
    pipeline = tiny.tiny_pipeline()
    pipeline.unet = type(pipeline.unet).from_config(pipeline.unet.config, time_cond_proj_dim=16).eval()
    pipeline.save_pretrained(tmp_path)
    plan = make_plan(model=Model(name="tiny", family="sd1", path=str(tmp_path)), steps=2)
    plans = [plan, replace(plan, guidance=7.0)]
    assert far(plans) == [0, 0]
    calls = []
    first, second = together(plans, on_call=lambda *each: calls.append(each))
    assert calls == [(0, 1), (1, 2), (2, 2)] * 2
    assert first.tobytes() != second.tobytes()


@pytest.mark.parametrize(
    "error",
    [
        torch.OutOfMemoryError("too much"),
        MemoryError(),
        RuntimeError("DefaultCPUAllocator: not enough memory: you tried to allocate 9 bytes"),
    ],
    ids=lambda error: type(error).__name__,
)
def test_a_batch_that_memory_is_too_short_for_is_drawn_in_halves(make_plan, demo, monkeypatch, error):
    tried, draw = [], demo.family.draw

    def short(model, wanted, *, on_call):
        tried.append(len(wanted))
        if len(wanted) > 1:
            raise error
        return draw(model, wanted, on_call=on_call)

    plans = [make_plan(steps=1, seed=seed) for seed in (1, 2, 3)]
    family = replace(demo.family, draw=short)
    monkeypatch.setattr(here, "load", lambda *_, **__: replace(demo, family=family))
    shares = []
    batch = together(plans, on_call=lambda done, total: shares.append(done / total))
    assert [each.info["seed"] for each in batch] == [1, 2, 3]
    assert tried == [3, 1, 2, 1, 1]
    assert shares == [0.5, 0.75, 1.0]


def test_any_other_error_is_no_shortness_of_memory(make_plan, demo, monkeypatch):
    def broken(model, wanted, *, on_call):
        raise RuntimeError("shape mismatch")

    monkeypatch.setattr(here, "load", lambda *_, **__: replace(demo, family=replace(demo.family, draw=broken)))
    with pytest.raises(RuntimeError, match="shape mismatch"):
        together([make_plan(steps=1, seed=seed) for seed in (1, 2)])


@pytest.mark.parametrize("memory", [each.name for each in MEMORY])
def test_sparing_memory_draws_the_same_small_pictures(make_plan, demo, monkeypatch, memory):
    tried, draw = [], demo.family.draw

    def counted(model, wanted, *, on_call):
        tried.append(len(wanted))
        return draw(model, wanted, on_call=on_call)

    plan = make_plan(steps=2, images=3)
    wanted = [np.asarray(each, dtype=np.int16) for each in here.render(plan, device="cpu")]
    monkeypatch.setattr(here, "load", lambda *_, **__: replace(demo, family=replace(demo.family, draw=counted)))
    found = [np.asarray(each, dtype=np.int16) for each in here.render(plan, device="cpu", memory=memory)]
    assert max(np.abs(one - other).max() for one, other in zip(found, wanted, strict=True)) <= 1
    assert tried == ([1, 1, 1] if memory == "least" else [3])


def test_pictures_of_several_plans_are_decoded_by_as_many_as_are_quick(demo, monkeypatch):
    torch.manual_seed(1)
    vae, counts = demo.pipeline.vae, []
    latents, decode = torch.randn(5, 4, 8, 8), vae.decode
    whole = decoded(vae, latents)
    monkeypatch.setattr(vae, "decode", lambda each, **how: (counts.append(len(each)), decode(each, **how))[1])
    widest = 64
    monkeypatch.setattr(decoding, "QUICK", 2 * widest * 64 * 64)
    assert (decoded(vae, latents, apart=True) - whole).abs().max() < 1e-5
    assert counts == [2, 2, 1]


def test_a_large_picture_is_decoded_in_tiles_that_are_one_picture(demo):
    torch.manual_seed(1)
    vae = demo.pipeline.vae
    side = vae.tile_latent_min_size
    latents, small = torch.randn(1, 4, 2 * side, 2 * side), torch.randn(2, 4, side, side)
    whole, sizes, decoder = decoded(vae, latents), [], vae.decoder.forward
    few = decoded(vae, small)
    vae.decoder.forward = lambda sample, *more: (sizes.append(tuple(sample.shape)), decoder(sample, *more))[1]
    try:
        divide(vae, whether=True)
        tiled, parted = decoded(vae, latents), decoded(vae, small)
    finally:
        vae.decoder.forward = decoder
        divide(vae, whether=False)
    assert tiled.shape == whole.shape
    assert {height for _, _, height, _ in sizes} <= set(range(1, side + 1))
    assert {count for count, *_ in sizes} == {1}
    assert (tiled - whole).abs().mean() < 0.25 * (whole - whole.mean()).abs().mean()
    assert (parted - few).abs().max() < 1e-4
