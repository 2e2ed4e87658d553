"""The planner: jobs to batches, in the order that opens least, without torch."""

from __future__ import annotations

import time
from dataclasses import replace
from pathlib import Path

import pytest

from promptlang import compile
from promptlang.plans.plan import Model, Network
from promptlang_runtime.planning.batches import batches
from promptlang_runtime.planning.jobs import Job
from promptlang_runtime.planning.outlook import outlook

(PLAIN,) = compile("/render /parser:new /seed:5 /steps:4 /size:64x64 /sampler:k_euler a cow <demo>").plans
INK = Network(name="ink", kind="lora", weight=1.0, path="ink.safetensors")
OIL = replace(INK, name="oil", path="oil.safetensors")


def jobs(*plans):
    return [
        Job(plan=plan, file=Path("cow.prompt"), folder=Path("out"), place=place) for place, plan in enumerate(plans)
    ]


def planned(*plans, device="cpu", **settings):
    """The places of the jobs in every batch, each with its seeds."""
    found = batches(jobs(*plans), device=device, **settings)
    return [[(share.job.place, share.seeds) for share in batch] for batch in found]


def of_model(name, **changes):
    return replace(PLAIN, model=Model(name=name, family="sd1", path=f"{name}.safetensors"), **changes)


def test_what_a_row_has_for_itself_makes_no_batch():
    (other,) = compile("/render /seed:9 /parser:new /steps:4 /size:64x64 /sampler:k_euler (two:1.5) [bad] <demo>").plans
    alike = [PLAIN, replace(PLAIN, clip_skip=5, seed=7), replace(PLAIN, guidance=3.0), other]
    assert planned(*alike) == [[(0, (5,)), (1, (7,)), (2, (5,)), (3, (9,))]]


@pytest.mark.parametrize(
    "changes",
    [
        {"size": (64, 72)},
        {"steps": 5},
        {"sampler": "heun"},
        {"schedule": "karras"},
        {"rescale": 0.5},
        {"vae": "other.safetensors"},
        {"freeu": (0.9, 0.2, 1.4, 1.6)},
        {"networks": (INK,)},
        {"model": Model(name="other", family="sd1")},
    ],
)
def test_what_the_denoiser_does_once_for_all_makes_a_batch(changes):
    other = replace(PLAIN, **changes)
    assert planned(PLAIN, other, PLAIN) == [[(0, (5,)), (2, (5,))], [(1, (5,))]]


def test_pipelines_take_one_text_a_call():
    flow = replace(PLAIN, model=Model(name="z", family="z-image"))
    remix = replace(PLAIN, image="start.png", strength=0.5)
    finished = of_model("big", refiner=Model(name="fine", family="sdxl-refiner"))
    for plan in (flow, remix, finished):
        assert planned(plan, replace(plan, seed=6), replace(plan, guidance=3.0)) == [
            [(0, (5,)), (1, (6,))],
            [(2, (5,))],
        ]


def test_models_and_networks_are_opened_one_after_the_other():
    plans = [of_model(name, networks=networks) for name in "abab" for networks in ((INK,), (), (OIL,), (INK, OIL))]
    found = [batch[0][0] for batch in planned(*plans)]
    assert found == [0, 1, 2, 3, 4, 5, 6, 7]
    assert outlook(batches(jobs(*plans), device="cpu")).models == 2


def test_strengths_of_the_same_files_stand_side_by_side():
    weak = replace(INK, weight=0.5)
    assert planned(*(replace(PLAIN, networks=(each,)) for each in (INK, OIL, weak))) == [
        [(0, (5,))],
        [(2, (5,))],
        [(1, (5,))],
    ]


def test_a_batch_is_as_large_as_the_device_takes(monkeypatch):
    monkeypatch.setattr("promptlang_runtime.executors.limits.BATCH_PIXELS", {"cpu": 3 * 64 * 64, "cuda": 5 * 64 * 64})
    four = replace(PLAIN, images=4)
    assert planned(four, PLAIN) == [[(0, (5, 6, 7))], [(0, (8,)), (1, (5,))]]
    assert planned(four, PLAIN, device="cuda") == [[(0, (5, 6, 7, 8)), (1, (5,))]]
    assert planned(four, exact=True) == [[(0, (seed,))] for seed in (5, 6, 7, 8)]


def test_the_outlook_counts_each_text_once():
    words = [replace(PLAIN, seed=seed, clip_skip=layer) for seed in (1, 2) for layer in (1, 2)]
    found = outlook(batches(jobs(*words, of_model("a", images=3, sampler="heun")), device="cpu"))
    assert (found.pictures, found.batches, found.models, found.texts) == (7, 2, 2, 6)
    assert found.calls == 4 + 7


def test_the_outlook_counts_refiners_among_the_models():
    fine = Model(name="fine", family="sdxl-refiner", path="fine.safetensors")
    plans = [of_model("a", refiner=fine), of_model("a", refiner=fine, steps=9), of_model("b", refiner=fine)]
    assert outlook(batches(jobs(*plans), device="cpu")).models == 4
    assert outlook(batches(jobs(*plans[:2], of_model("a")), device="cpu")).models == 2


def test_the_outlook_leaves_out_the_steps_that_an_image_spares():
    remix = replace(PLAIN, image="start.png", steps=10, strength=0.5)
    for plan, count in ((remix, 5), (replace(remix, sampler="heun"), 9), (replace(remix, dialect="a1111"), 6)):
        assert outlook(batches(jobs(plan), device="cpu")).calls == count


def test_a_hundred_thousand_plans_are_a_matter_of_seconds():
    """Beside what it takes to make as many plans: no plan is compared with another."""
    began = time.process_time()
    plans = [replace(of_model("abc"[number % 3]), seed=number, steps=number % 7 + 1) for number in range(20_000)]
    making = time.process_time() - began
    found = jobs(*plans)
    began = time.process_time()
    assert sum(len(share.seeds) for batch in batches(found, device="cpu") for share in batch) == 20_000
    assert time.process_time() - began < 2 * making
