"""Models that come with noise levels of their own: they decide how many steps there are, unless somebody says."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

import promptlang
from promptlang.config.chain import load as load_project
from promptlang_runtime.executors.here import pictures
from promptlang_runtime.models.places import find_all
from promptlang_runtime.planning.jobs import placed
from tests.runtime import tiny_language as tiny
from tests.runtime.language import RED, call
from tests.runtime.pictures import draw, opened

LEVELS = [1.0, 0.9, 0.4]
SIZE = "/size:64x32"


@pytest.fixture(scope="module")
def project(tmp_path_factory):
    root = tmp_path_factory.mktemp("levels")
    pipeline = tiny.qwen_image_21()
    pipeline.register_to_config(sample_sigmas=LEVELS)
    pipeline.save_pretrained(root / "model")
    (root / "promptlang.toml").write_text('[concepts.names]\nturbo = { path = "model" }\n')
    return load_project(root / "promptlang.toml").project


def planned(project, words):
    found = promptlang.compile(f"/render /parser:new /seed:7 {SIZE} {words} {RED} <turbo>", project=project)
    (plan,) = found.plans
    assert not [each for each in found.diagnostics if "steps" in each.rule.name]
    return placed(plan, project.root)


def told(plan):
    calls = []
    list(pictures(plan, device="cpu", on_step=lambda before, done, total: calls.append((done, total))))
    return calls


def test_they_are_the_steps_where_nobody_asks_for_others(project):
    plan = planned(project, "")
    assert plan.steps == len(LEVELS)
    assert next(each for each in plan.origins if each.key == "steps").source == "concept"
    find_all(plan)
    assert opened(plan).pipeline.config.sample_sigmas == LEVELS
    (expected,) = call(plan, true_cfg_scale=1.0)
    assert np.array_equal(draw(plan), np.asarray(expected, dtype=np.int16))
    assert told(plan) == [(1, 3), (2, 3), (3, 3)]


@pytest.mark.parametrize("steps", [2, 5])
def test_other_steps_are_as_many_as_are_written(project, steps):
    plan = planned(project, f"/steps:{steps}")
    assert plan.steps == steps
    (expected,) = call(plan, true_cfg_scale=1.0, sigmas=np.linspace(1.0, 1 / steps, steps))
    assert np.array_equal(draw(plan), np.asarray(expected, dtype=np.int16))
    assert told(plan) == [(each, steps) for each in range(1, steps + 1)]


def test_the_levels_are_those_of_the_model_and_not_of_the_number(project):
    plan = planned(project, "")
    (even,) = call(plan, true_cfg_scale=1.0, sigmas=np.linspace(1.0, 1 / 3, 3))
    assert not np.array_equal(draw(replace(plan, seed=7)), np.asarray(even, dtype=np.int16))
