"""The sampler table is pure data with unambiguous names."""

from __future__ import annotations

import subprocess
import sys
from collections import Counter

import pytest

from promptlang.tables.arithmetics import DEFAULT, has
from promptlang.tables.dialects import DIALECTS
from promptlang.tables.models.families import FAMILIES
from promptlang.tables.samplers import ROWS, SAMPLERS, sampler

SERVICE_NAMES = ("ddim", "dpm2m", "heun", "k_euler", "k_euler_a", "upms", "lcm", "lcm_base", "klms")


def test_no_name_belongs_to_two_rows() -> None:
    names = Counter(name.lower() for row in ROWS for name in (row.name, *row.aliases))
    assert [name for name, count in names.items() if count > 1] == []


@pytest.mark.parametrize("name", SERVICE_NAMES)
def test_service_names_are_our_names(name: str) -> None:
    row = sampler(name)
    assert row is not None
    assert row.name == name


@pytest.mark.parametrize(
    ("alias", "name"),
    [
        ("DPM++ 2M", "dpm2m"),
        ("dpm++_2m", "dpm2m"),
        ("dpmpp_2m", "dpm2m"),
        ("DPMSolverMultistepScheduler", "dpm2m"),
        ("Euler a", "k_euler_a"),
        ("EULER_ANCESTRAL", "k_euler_a"),
        ("UniPC", "upms"),
        ("LMS", "klms"),
        ("DPM++ SDE", "dpm_sde"),
        ("Euler Ancestral", "k_euler_a"),
        ("k_dpmpp_2s_ancestral", "dpm2s_a"),
        ("k_dpm_2_a", "k_dpm2_a"),
        ("FlowMatchEulerDiscreteScheduler", "k_euler"),
    ],
)
def test_peers_names_lead_to_our_row(alias: str, name: str) -> None:
    assert SAMPLERS[alias.lower()].name == name
    row = sampler(alias)
    assert row is not None
    assert row.name == name


def test_an_unknown_name_has_no_row() -> None:
    assert sampler("dpm2m karras") is None
    assert sampler("") is None


def test_every_row_is_documented_and_a_variant_has_the_class_that_it_shares() -> None:
    for row in ROWS:
        assert row.docs.endswith("."), row.name
        assert not row.variant_of or SAMPLERS[row.variant_of].scheduler == row.scheduler


@pytest.mark.parametrize(("name", "calls"), [("ddim", 10), ("heun", 19), ("k_dpm2", 19), ("plms", 11)])
def test_denoiser_calls_of_ten_steps(name: str, calls: int) -> None:
    assert SAMPLERS[name].calls(10) == calls
    assert SAMPLERS[name].calls(1) == 1


def test_a_familys_own_sampler_is_there_in_every_arithmetic() -> None:
    """So that the rule about samplers is asked only where a statement chooses one."""
    arithmetics = {DEFAULT, *(row.arithmetic for row in DIALECTS.values())}
    lacking = [
        (each.name, name)
        for each in FAMILIES
        for name in arithmetics
        if (row := sampler(each.sampler)) is None or not has(row, name)
    ]
    assert lacking == []


def test_the_table_imports_no_torch() -> None:
    code = "import sys, promptlang.tables.samplers; print('torch' in sys.modules or 'diffusers' in sys.modules)"
    answer = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert answer.stdout.strip() == "False"
