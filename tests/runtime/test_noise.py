"""What the configuration of a scheduler says of noise: silence about published ones, else a clause."""

from __future__ import annotations

import json
from pathlib import Path
from shutil import copytree

import numpy as np
import pytest
import torch

import promptlang
from promptlang.config.chain import load
from promptlang.models.evidence.records import Record
from promptlang.models.fitting.configurations.noise import unnoised
from promptlang.models.fitting.wholeness import damage
from promptlang.tables.configurations.schedulers import NUMBERS, SPACED, WORDS
from promptlang.tables.models.families import family
from promptlang.tables.models.folders import folder_of
from promptlang_runtime.errors import RenderError
from promptlang_runtime.models.places import find_all
from promptlang_runtime.models.schedulers import flow_scheduler_of, scheduler_of
from tests.runtime import tiny

DIFFUSION = {
    "num_train_timesteps": 1000,
    "beta_start": 0.00085,
    "beta_end": 0.012,
    "beta_schedule": "scaled_linear",
    "prediction_type": "epsilon",
    "timestep_spacing": "leading",
    "steps_offset": 1,
    "trained_betas": None,
}
FLOW = {
    "num_train_timesteps": 1000,
    "base_image_seq_len": 256,
    "max_image_seq_len": 4096,
    "base_shift": 0.5,
    "max_shift": 1.15,
    "shift": 3.0,
    "shift_terminal": None,
    "use_dynamic_shifting": True,
    "time_shift_type": "exponential",
}
PUBLISHED = (
    DIFFUSION,
    DIFFUSION | {"rescale_betas_zero_snr": True, "timestep_spacing": "trailing", "prediction_type": "v_prediction"},
    {"beta_start": 0.0001, "beta_end": 0.02, "beta_schedule": "linear", "flow_shift": 3.0, "use_flow_sigmas": True}
    | {
        "algorithm_type": "dpmsolver++",
        "solver_type": "midpoint",
        "solver_order": 2,
        "lambda_min_clipped": float("-inf"),
    }
    | {"prediction_type": "flow_prediction", "timestep_spacing": "linspace", "use_karras_sigmas": False},
    FLOW,
    FLOW | {"shift_terminal": 0.02, "max_image_seq_len": 8192, "max_shift": 0.9, "shift": 1.0},
    {"num_train_timesteps": 1000, "shift": 3.0},
    {"num_train_timesteps": 1000, "prediction_type": "trigflow", "sigma_data": 0.5},
    {},
)
FAULTS = (ValueError, TypeError, RuntimeError, IndexError, ArithmeticError, NotImplementedError)
BETAS = "`beta_start` and `beta_end` in `it` make more noise than numbers can hold"
ODD = (
    ({"beta_end": -0.012}, "`beta_end` in `it` is `-0.012`, and no number between 0 and 1"),
    ({"beta_start": -1}, "`beta_start` in `it` is `-1`, and no number between 0 and 1"),
    ({"beta_end": 7.012}, "`beta_end` in `it` is `7.012`, and no number between 0 and 1"),
    ({"beta_start": 0}, "`beta_start` in `it` is `0`, and no number between 0 and 1"),
    ({"beta_end": None}, "`beta_end` in `it` is `null`, and no number between 0 and 1"),
    ({"beta_start": 0.5}, BETAS),
    ({"beta_schedule": "linear", "beta_end": 0.9}, BETAS),
    ({"num_train_timesteps": 0}, "`num_train_timesteps` in `it` is `0`, and no whole number from 1 to 1000000"),
    ({"num_train_timesteps": 10.5}, "`num_train_timesteps` in `it` is `10.5`, and no whole number from 1 to 1000000"),
    ({"num_train_timesteps": 10**30}, f"`num_train_timesteps` in `it` is `1{'0' * 30}`, and no whole number from 1"),
    ({"trained_betas": 3}, "`trained_betas` in `it` are no list of numbers between 0 and 1"),
    ({"trained_betas": [0.1, 7]}, "`trained_betas` in `it` are no list of numbers between 0 and 1"),
    ({"beta_schedule": "odd"}, "`beta_schedule` in `it` is `odd`, and none of the names that are known there"),
    ({"beta_schedule": 3}, "`beta_schedule` in `it` is `3`, and none of the names that are known there"),
    ({"timestep_spacing": None}, "`timestep_spacing` in `it` is `null`, and none of the names that are known there"),
    ({"prediction_type": "odd"}, "`prediction_type` in `it` is `odd`, and not `epsilon` or `v_prediction`"),
)
ODD_FLOW = (
    ({"shift": 0}, "`shift` in `it` is `0`, and no number above 0"),
    ({"shift": None}, "`shift` in `it` is `null`, and no number above 0"),
    ({"shift": 10**30}, "`shift` in `it` is `1000"),
    ({"shift_terminal": True}, "`shift_terminal` in `it` is `true`, and no number from 0 to below 1"),
    ({"time_shift_type": None}, "`time_shift_type` in `it` is `null`, and none of the names that are known there"),
    ({"use_karras_sigmas": None}, "`use_karras_sigmas` in `it` is `null`, and neither `true` nor `false`"),
    (dict.fromkeys(SPACED[:2], True), "`use_karras_sigmas` and `use_exponential_sigmas` in `it` are `true`, of which"),
    ({"num_train_timesteps": -5}, "`num_train_timesteps` in `it` is `-5`, and no whole number from 1 to 1000000"),
)


@pytest.mark.parametrize("said", PUBLISHED)
def test_nothing_is_said_of_published_ones(said: dict[str, object]) -> None:
    assert [*unnoised(Record(said), "it", is_flow="shift" in str(said) or "sigma_data" in said)] == []


@pytest.mark.parametrize(("changes", "words"), ODD, ids=[words for _, words in ODD])
def test_what_no_number_comes_of_is_said(changes: dict[str, object], words: str) -> None:
    """And diffusers draws nothing by it."""
    first, *_ = unnoised(Record(DIFFUSION | changes), "it", is_flow=False)
    assert first.startswith(words)
    with np.errstate(all="ignore"), pytest.raises(FAULTS):
        step_by(DIFFUSION | changes)


def step_by(config: dict[str, object]) -> None:
    """Steps as a sampler takes them, where the noise is numbers."""
    scheduler = scheduler_of("ddim", schedule=None, config=config)
    scheduler.set_timesteps(4)
    levels, picture = scheduler.alphas_cumprod, torch.ones(1, 1, 1, 1)
    if not (torch.isfinite(levels).all() and levels.min() > 0 and levels.max() < 1):
        raise ValueError
    for moment in scheduler.timesteps:
        picture = scheduler.step(picture, moment, picture, return_dict=False)[0]


@pytest.mark.parametrize(("changes", "words"), ODD_FLOW, ids=[words for _, words in ODD_FLOW])
def test_so_is_it_of_flow(changes: dict[str, object], words: str) -> None:
    assert next(unnoised(Record(FLOW | changes), "it", is_flow=True)).startswith(words)
    with np.errstate(all="ignore"), pytest.raises(FAULTS):
        space_by(FLOW | {"use_dynamic_shifting": False} | changes)


def space_by(config: dict[str, object]) -> None:
    """Levels, each of which is another number."""
    scheduler = flow_scheduler_of(family("sd3"), "k_euler", schedule=None, config=config)
    scheduler.set_timesteps(4)
    if not torch.isfinite(scheduler.sigmas).all() or len(scheduler.sigmas.unique()) < len(scheduler.sigmas):
        raise ValueError


def test_lengths_that_are_one_are_said() -> None:
    """Pipelines divide by how far they are apart."""
    words = "`base_image_seq_len` and `max_image_seq_len` in `it` are both 256"
    assert [*unnoised(Record(FLOW | {"max_image_seq_len": 256}), "it", is_flow=True)] == [words]


@pytest.mark.parametrize("predicted", ["sample", "flow_prediction", "trigflow", None, ["epsilon"]])
def test_what_would_be_taken_for_noise_is_said(predicted: object) -> None:
    """Of what predicts the picture itself or a flow, some samplers and every other arithmetic know nothing."""
    said = Record(DIFFUSION | {"prediction_type": predicted})
    assert next(unnoised(said, "it", is_flow=False)).endswith(", and not `epsilon` or `v_prediction`")


def test_every_row_is_tried() -> None:
    tried = {key for said in PUBLISHED for key in said}
    assert NUMBERS.keys() | WORDS.keys() | {"use_karras_sigmas"} <= tried


ENTRIES = (
    ("feature_extractor", 3, "`model_index.json` has `3` as its feature extractor, and no library with a class"),
    ("safety_checker", [1, 2], "`model_index.json` has `[1, 2]` as its safety checker, and no library with a class"),
    ("safety_checker", None, "`model_index.json` has `null` as its safety checker, and no library with a class"),
    ("_class_name", {"a": 1}, '`_class_name` in `model_index.json` is `{"a": 1}`, and no name of a class'),
    ("vae", ["diffusers"], '`model_index.json` has `["diffusers"]` as its vae, and no library with a class'),
    ("unet", ["diffusers", "UNet2DConditionModel", "x"], "as its unet, and no library with a class"),
    ("scheduler", {"a": 1}, '`model_index.json` has `{"a": 1}` as its scheduler, and no library with a class'),
)


def test_what_is_no_part_in_an_index_is_said_before(tmp_path: Path) -> None:
    """By the check, a dry run and what opens it, for parts too that are left out; two `null` stand for none."""
    tiny.tiny_pipeline().save_pretrained(tmp_path / "whole")
    row, entries = folder_of("sd1"), list[str]()
    assert row
    for number, (part, entry, _) in enumerate(ENTRIES):
        place = copytree(tmp_path / "whole", tmp_path / str(number)) / "model_index.json"
        place.write_text(json.dumps(json.loads(place.read_text()) | {part: entry}), encoding="utf-8")
        entries.append(f'm{number} = {{ path = "{number}", family = "sd1" }}\n')
    (tmp_path / "promptlang.toml").write_text("[concepts.names]\n" + "".join(entries), encoding="utf-8")
    project = load(tmp_path / "promptlang.toml").project
    for number, (_, _, words) in enumerate(ENTRIES):
        found = promptlang.compile(f"/render a cow <m{number}>", project=project)
        with pytest.raises(RenderError) as caught:
            find_all(found.plans[0])
        assert words in caught.value.message
        assert caught.value.message in [each.message for each in found.diagnostics]
    place = tmp_path / "whole" / "model_index.json"
    said = json.loads(place.read_text()) | {"feature_extractor": [None, None]}
    place.write_text(json.dumps(said), encoding="utf-8")
    assert damage(tmp_path / "whole", row) is None
    del said["_class_name"]
    place.write_text(json.dumps(said), encoding="utf-8")
    found = damage(tmp_path / "whole", row)
    assert found
    assert found.message == "`model_index.json` names no pipeline"
