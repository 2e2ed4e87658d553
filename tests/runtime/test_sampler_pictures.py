"""Every sampler of the table draws the picture that is asked for, not only some picture."""

from __future__ import annotations

from functools import cache
from importlib.util import find_spec

import numpy as np
import pytest

from promptlang import compile
from promptlang.tables.arithmetics import DEFAULT, samplers
from promptlang_runtime.executors.here import render
from tests.thorough import sampled

NOISY = frozenset(
    {"k_euler_a", "lcm", "lcm_base", "dpm2m_sde", "dpm3m_sde", "dpm_sde", "k_dpm2_a", "ddpm", "tcd", "sa_solver"}
)
"""Samplers that add noise of their own, or that are made for other guidance: they draw another circle."""


@cache
def drawn(sampler: str, steps: int) -> np.ndarray:
    text = f"/render /seed:7 /steps:{steps} /sampler:{sampler} a red circle on a white background <demo>"
    (plan,) = compile(text).plans
    (picture,) = render(plan, device="cpu")
    return np.asarray(picture, dtype=float)


@pytest.mark.slow
def test_every_sampler_draws_what_is_asked_for():
    """Those without noise of their own are near the exact path; the others draw as much red on as much white."""
    exact = drawn("heun", 30)
    for row in sampled(samplers(DEFAULT)):
        if row.package and not find_spec(row.package):
            continue
        picture = drawn(row.name, 24)
        red = ((picture[..., 0] > 150) & (picture[..., 1] < 110) & (picture[..., 2] < 110)).mean()
        assert 0.08 < red < 0.16, row.name
        assert (picture.min(axis=-1) > 200).mean() > 0.8, row.name
        assert np.abs(picture - exact).mean() < (8 if row.name in NOISY else 1), row.name
