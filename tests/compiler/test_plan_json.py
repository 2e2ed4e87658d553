"""A plan survives JSON unchanged, is described by its published schema, and is named by its hash."""

from __future__ import annotations

import json
import math
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as some

from promptlang.plans.json import (
    PlanError,
    content_hash,
    from_data,
    from_json,
    picture_hash,
    schema,
    to_data,
    to_json,
    verify,
)
from promptlang.plans.plan import Conditioned, Conditioning, Model, Network, Origin, Plan, Run, Segment

SCHEMA_FILE = Path(__file__).parents[2] / "docs" / "plan.schema.json"


def conditioning(text: str = "a cow", weight: float = 1.0) -> Conditioning:
    return Conditioning(branches=(Conditioned((Segment(1000, (Run(text, weight),)),)),))


PLAN = Plan(
    command="render",
    model=Model(name="demo", family="sd1"),
    positive=conditioning(),
    negative=conditioning(""),
    weighting="a1111",
    clip_skip=2,
    sampler="dpm2m",
    steps=20,
    guidance=4.0,
    size=(128, 192),
    images=2,
    seed=7,
)

numbers = some.floats(allow_nan=False)
texts = some.text()
runs = some.builds(Run, texts, numbers, some.booleans())
segments = some.builds(Segment, some.integers(), some.lists(runs, max_size=3).map(tuple))
branches = some.builds(Conditioned, some.lists(segments, max_size=3).map(tuple), numbers)
sides = some.builds(
    Conditioning,
    branches=some.lists(branches, max_size=3).map(tuple),
    combine=some.sampled_from(["and", "blend", "concatenate"]),
    normalized=some.booleans(),
)
networks = some.builds(
    Network,
    name=texts,
    kind=texts,
    weight=numbers,
    path=some.none() | texts,
    side=some.sampled_from(["positive", "negative"]),
    text_weight=some.none() | numbers,
)
plans = some.builds(
    Plan,
    command=texts,
    model=some.builds(
        Model,
        name=texts,
        family=texts,
        path=some.none() | texts,
        variant=texts,
        text_encoders=some.lists(texts, max_size=3).map(tuple),
        vae=some.none() | texts,
    ),
    positive=sides,
    negative=sides,
    weighting=some.sampled_from(["a1111", "a1111-no-norm", "comfy", "compel"]),
    clip_skip=some.none() | some.integers(),
    sampler=texts,
    schedule=some.none() | texts,
    steps=some.integers(),
    guidance=numbers,
    size=some.tuples(some.integers(), some.integers()),
    images=some.integers(),
    seed=some.none() | some.integers(),
    vae=some.none() | texts,
    freeu=some.none() | some.tuples(numbers, numbers, numbers, numbers),
    networks=some.lists(networks, max_size=2).map(tuple),
    strength=some.none() | numbers,
    origins=some.lists(some.builds(Origin, texts, texts, some.integers(), some.integers()), max_size=2).map(tuple),
    axes=some.lists(some.tuples(texts, texts), max_size=2).map(tuple),
)


@given(plans)
def test_json_and_back_is_the_same_plan(plan: Plan) -> None:
    text = to_json(plan)
    assert from_json(text) == plan
    assert to_json(from_json(text)) == text
    text.encode()


@given(plans)
def test_every_plan_follows_the_schema(plan: Plan) -> None:
    jsonschema.validate(json.loads(to_json(plan)), schema())


def test_numbers_without_a_json_form_survive() -> None:
    plan = replace(PLAN, positive=conditioning("a", math.inf), negative=conditioning("b", math.nan))
    again = from_json(to_json(plan))
    assert again.positive == plan.positive
    assert math.isnan(again.negative.branches[0].segments[0].runs[0].weight)
    jsonschema.validate(to_data(plan), schema())


def test_parts_with_a_default_may_be_left_out() -> None:
    data = {key: value for key, value in to_data(PLAN).items() if key not in ("networks", "format", "origins")}
    assert from_data(data) == PLAN


def test_the_published_schema_is_current() -> None:
    assert json.loads(SCHEMA_FILE.read_text(encoding="utf-8")) == schema(), "run `make docs`"


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"steps": "20"}, 'plan.steps: must be a whole number, found "20"'),
        ({"steps": True}, "plan.steps: must be a whole number, found true"),
        ({"guidance": "seven"}, 'plan.guidance: must be a number, found "seven"'),
        ({"size": [128]}, "plan.size: must have 2 items, found 1"),
        ({"weighting": "bold"}, 'plan.weighting: must be "a1111", "a1111-no-norm", "comfy" or "compel"'),
        ({"model": {"name": "demo"}}, "plan.model: `family` is missing"),
        ({"model": {"name": "demo", "family": "sd1", "weights": 1}}, "plan.model: `weights` is not a part of it"),
        ({"positive": {"branches": [{"segments": [{"until": 1, "runs": [{"text": 3}]}]}]}},
         "plan.positive.branches[0].segments[0].runs[0].text: must be text, found 3"),
    ],
)  # fmt: skip
def test_a_broken_plan_names_the_place(change: dict[str, object], message: str) -> None:
    with pytest.raises(PlanError) as caught:
        from_data({**to_data(PLAN), **change})
    assert str(caught.value).startswith(message)


@pytest.mark.parametrize("text", ["", "[]", "null", "{", '{"steps": 1e999}', "[" * 100_000])
def test_text_that_is_no_plan_is_refused(text: str) -> None:
    with pytest.raises(PlanError):
        from_json(text)


def test_a_number_too_large_for_a_float_is_refused() -> None:
    with pytest.raises(PlanError):
        from_json(to_json(PLAN).replace('"guidance": 4.0', f'"guidance": 1{"0" * 400}'))


def test_the_hash_names_the_picture() -> None:
    same = replace(PLAN, source="/render a cow", origins=(Origin("steps", "statement"),), axes=(("steps", "20"),))
    assert content_hash(same) == content_hash(PLAN)
    assert content_hash(replace(PLAN, guidance=4)) == content_hash(PLAN)
    for other in (replace(PLAN, steps=21), replace(PLAN, positive=conditioning("a cow", 1.1)), replace(PLAN, seed=8)):
        assert content_hash(other) != content_hash(PLAN)


def test_parts_of_a_model_are_written_where_there_are_any() -> None:
    assert to_data(PLAN)["model"] == {"name": "demo", "family": "sd1", "path": None, "variant": ""}
    whole = replace(PLAN, model=replace(PLAN.model, text_encoders=("qwen.safetensors",), vae="ae.safetensors"))
    assert from_json(to_json(whole)) == whole
    assert content_hash(whole) != content_hash(PLAN)
    assert whole.model.files == ("qwen.safetensors", "ae.safetensors")


def test_a_picture_of_a_batch_is_known_by_plan_and_seed() -> None:
    assert picture_hash(replace(PLAN, seed=None, images=9)) == picture_hash(PLAN)


def test_the_hash_is_the_same_in_every_process() -> None:
    code = "import sys; from promptlang.plans.json import *; print(content_hash(from_json(sys.stdin.read())))"
    for hash_seed in ("1", "2"):
        answer = subprocess.run(
            [sys.executable, "-c", code],
            input=to_json(PLAN),
            env={**os.environ, "PYTHONHASHSEED": hash_seed},
            capture_output=True,
            text=True,
            encoding="utf-8",
            check=True,
        )
        assert answer.stdout.strip() == content_hash(PLAN)


def test_a_valid_plan_breaks_no_rule() -> None:
    assert verify(PLAN) == ()


@pytest.mark.parametrize(
    ("plan", "problem"),
    [
        (replace(PLAN, format="promptlang.plan/9"), "format: must be promptlang.plan/1, found promptlang.plan/9"),
        (replace(PLAN, sampler="fastest"), "sampler: must be a name of the sampler table, found fastest"),
        (replace(PLAN, clip_skip=0), "clip_skip: must be at least 1, found 0"),
        (replace(PLAN, steps=0), "steps: must be at least 1, found 0"),
        (replace(PLAN, images=0), "images: must be at least 1, found 0"),
        (replace(PLAN, guidance=math.nan), "guidance: must be 0 or more, found nan"),
        (replace(PLAN, size=(100, 64)), "size: must be multiples of 8, found 100x64"),
        (replace(PLAN, seed=-1), f"seed: must be 0 to {2**64 - 1}, found -1"),
        (replace(PLAN, strength=1.5), "strength: must be 0 to 1, found 1.5"),
        (replace(PLAN, freeu=(1.0, 1.0, 3.0, 1.0)), "freeu: must be four numbers from 0 to 2, found 1.0,1.0,3.0,1.0"),
        (replace(PLAN, positive=Conditioning(branches=())), "positive.branches: must not be empty"),
        (
            replace(PLAN, positive=Conditioning(branches=(Conditioned((Segment(4, ()), Segment(4, ()))),))),
            "positive.branches[0].segments: must end one after the other, found 4, 4",
        ),
        (
            replace(PLAN, negative=Conditioning(branches=conditioning().branches * 2)),
            "negative: must be one branch or mixed, found 2 branches added up",
        ),
        (
            replace(PLAN, positive=Conditioning(branches=(Conditioned((Segment(4, (Run("cow", math.inf),)),)),))),
            "positive.branches[0]: must have words with finite weights, found inf",
        ),
        (
            replace(PLAN, networks=(Network(name="ink", kind="lora", weight=math.inf),)),
            "networks[0].weight: must be a finite number, found inf",
        ),
        (
            replace(PLAN, model=replace(PLAN.model, text_encoders=("",))),
            "model.text_encoders: must be paths, found an empty one",
        ),
        (replace(PLAN, model=replace(PLAN.model, vae="")), "model.vae: must be a path, found an empty one"),
    ],
)
def test_verify_names_what_is_broken(plan: Plan, problem: str) -> None:
    assert verify(plan) == (problem,)


def test_a_blend_of_opposite_weights_is_not_valid() -> None:
    (branch,) = conditioning().branches
    opposite = Conditioning(branches=(branch, replace(branch, weight=-1.0)), combine="blend")
    assert verify(replace(PLAN, positive=opposite)) == ("positive: the weights of a blend must not add up to 0",)
    assert verify(replace(PLAN, positive=replace(opposite, normalized=False))) == ()


def test_a_plan_from_before_there_were_schedules_is_read() -> None:
    """Its flag is the schedule of that name, and a plan that has both is none."""
    data = to_data(PLAN)
    del data["schedule"]
    assert from_data({**data, "karras": True}) == replace(PLAN, schedule="karras")
    assert from_data({**data, "karras": False}) == PLAN
    with pytest.raises(PlanError, match="`karras`"):
        from_data({**to_data(PLAN), "karras": True})
