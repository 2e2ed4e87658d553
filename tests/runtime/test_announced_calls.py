"""As often as a dry run says is the denoiser called: every sampler, from noise and over pictures, once and twice."""

from __future__ import annotations

from dataclasses import replace
from importlib.util import find_spec

import pytest
import torch
from PIL import Image

from promptlang.plans.plan import Model
from promptlang.refusals.limits import plan_refusal
from promptlang.tables.arithmetics import DEFAULT, ROWS, package_of, samplers, schedules
from promptlang_runtime.executors.here import render
from promptlang_runtime.planning.batches import batches
from promptlang_runtime.planning.outlook import outlook
from tests.runtime import tiny
from tests.runtime.pictures import opened
from tests.runtime.test_batches import jobs
from tests.runtime.test_controls import net_for
from tests.thorough import sampled

OVER = {"command": "remix", "image": "start.png"}
HELD = {"control": "map", "control_net": "net", "control_image": "start.png"}
KINDS = {
    "from noise": {},
    "over a picture": {**OVER, "strength": 0.6},
    "over all of a picture": {**OVER, "strength": 1.0},
    "by a mask": {**OVER, "mask": "mask.png", "strength": 0.6},
    "twice": {"hires": 1.5, "hires_strength": 0.5},
    "twice, the second time in few steps": {"hires": 1.5, "hires_steps": 2},
    "over a picture and twice": {**OVER, "strength": 0.6, "hires": 1.5},
    "held": HELD,
    "held over a picture": {**OVER, **HELD, "strength": 0.6},
    "in one step": {"steps": 1},
    "at whole distances": {"steps": 7, "schedule": "ddim_uniform"},
    "at whole distances over a picture": {**OVER, "steps": 7, "strength": 0.7, "schedule": "ddim_uniform"},
    "at whole distances, twice": {"steps": 7, "schedule": "ddim_uniform", "hires": 1.5},
    "in seven steps": {"steps": 7},
    "as webui counts": {**OVER, "strength": 0.6, "dialect": "a1111"},
}
CASES = [
    (kind, row, each.name)
    for kind in KINDS
    for each in ROWS
    for row in samplers(each.name)
    if not row.is_measured
    and KINDS[kind].get("schedule") in (None, *schedules(row, each.name))
    and not ((package := package_of(row, each.name)) and find_spec(package) is None)
]


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A tiny model with a ControlNet, a picture and a mask."""
    root = tmp_path_factory.mktemp("announced")
    pipeline = tiny.tiny_pipeline()
    pipeline.save_pretrained(root / "model")
    net_for("sd1", pipeline).save_pretrained(root / "net")
    Image.effect_mandelbrot((64, 64), (-2, -1, 1, 1), 40).convert("RGB").save(root / "start.png")
    Image.new("L", (64, 64), 255).save(root / "mask.png")
    return root


@pytest.fixture
def counted(make_plan, folder, monkeypatch):
    """From changes of a plan to how often the denoiser is called for it, and how often a dry run says."""
    plain = make_plan(model=Model(name="tiny", family="sd1", path=str(folder / "model")), steps=5)
    unet, called = opened(plain).pipeline.unet, []

    def call(sample, *given, **settings):
        called.append(len(sample))
        return (torch.zeros_like(sample),)

    monkeypatch.setattr(unet, "forward", call)

    def count(changes):
        paths = {name: str(folder / value) for name, value in changes.items() if name in PATHS}
        plan = replace(plain, **{**changes, **paths})
        if plan_refusal(plan):
            return None
        called.clear()
        render(plan, device="cpu")
        return len(called), outlook(batches(jobs(plan), device="cpu")).calls

    return count


PATHS = ("image", "mask", "control_net", "control_image")


@pytest.mark.slow
def test_a_dry_run_announces_the_calls_that_are_made(counted):
    wrong = []
    for kind, row, whose in sampled(CASES):
        found = counted({"sampler": row.name, "arithmetic": whose, **KINDS[kind]})
        if found and found[0] != found[1]:
            wrong.append(f"{kind}, {row.name} as {whose}: {found[0]} calls, {found[1]} announced")
    assert wrong == [], "\n".join(wrong)


def test_all_kinds_are_drawn_somehow(counted):
    assert all(counted({"sampler": "k_euler", "arithmetic": DEFAULT, **changes}) for changes in KINDS.values())
