"""A named sampler states all of its settings, and a schedule is drawn as asked for or refused."""

from __future__ import annotations

from importlib.util import find_spec

import pytest

from promptlang.tables.samplers import ROWS
from promptlang.tables.schedules import SCHEDULES
from promptlang_runtime.errors import RenderError
from promptlang_runtime.models.schedulers import scheduler_of

MODEL = {"beta_start": 0.00085, "beta_end": 0.012, "beta_schedule": "scaled_linear", "prediction_type": "v_prediction"}
PAIRS = [(row.name, schedule) for row in ROWS for schedule in row.schedules]


def test_a_folder_of_the_same_class_does_not_show_through() -> None:
    """Neither noise of its own nor a schedule that nobody asked for; what belongs to the model stays."""
    shipped = {
        **MODEL,
        "_class_name": "DPMSolverMultistepScheduler",
        "algorithm_type": "sde-dpmsolver++",
        "use_karras_sigmas": True,
        "solver_order": 3,
    }
    made, plain = (scheduler_of("dpm2m", schedule=None, config=each).config for each in (shipped, MODEL))
    for name in ("algorithm_type", "use_karras_sigmas", "solver_order"):
        assert made[name] == plain[name]
    assert made["prediction_type"] == "v_prediction"


@pytest.mark.parametrize(("sampler", "schedule"), PAIRS)
def test_every_schedule_of_the_table_reaches_its_sampler(sampler: str, schedule: str) -> None:
    """The class takes what the row says, and lays out steps by it."""
    row = next(each for each in ROWS if each.name == sampler)
    for package in filter(None, (row.package, SCHEDULES[schedule].package)):
        if find_spec(package) is None:
            with pytest.raises(RenderError, match=package):
                scheduler_of(sampler, schedule=schedule, config=MODEL)
            return
    made = scheduler_of(sampler, schedule=schedule, config=MODEL)
    told = dict(SCHEDULES[schedule].settings)
    if sampler == "dpm_single":  # which spaces its steps in one way
        told.pop("timestep_spacing", None)
    assert {name: made.config[name] for name in told} == told
    made.set_timesteps(8)
    assert len(made.timesteps) >= 8


def test_another_schedule_is_refused() -> None:
    """Before anything is drawn, with those that there are."""
    with pytest.raises(RenderError, match="`ddim` has no schedule `karras`") as refused:
        scheduler_of("ddim", schedule="karras", config=MODEL)
    assert "`/schedule:normal`" in refused.value.help
