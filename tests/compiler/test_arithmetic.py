"""Whose arithmetic a plan is drawn in, and what each program has in its own."""

from __future__ import annotations

import pytest

from promptlang import compile
from promptlang.lowering.converting import convert_file
from promptlang.tables.arithmetics import COMFY, DEFAULT, WEBUI, has, schedules
from promptlang.tables.dialects import DIALECTS
from promptlang.tables.samplers import ROWS, SAMPLERS


@pytest.mark.parametrize(
    ("text", "whose"),
    [
        ("/render a cow", DEFAULT),
        ("/render /parser:new a cow", DEFAULT),
        ("/render /parser:compel a cow", DEFAULT),
        ("/render /parser:comfy a cow", "comfy"),
        ("/render /parser:a1111 a cow", "webui"),
        ("/set /parser:a1111\n/render a cow", "webui"),
        ("/render /parser:a1111 /arithmetic:diffusers a cow", DEFAULT),
        ("/render /parser:new /arithmetic:comfyui a cow", "comfy"),
        ("/set /arithmetic:webui\n/render /parser:comfy a cow", "webui"),
        ("/remix /parser:a1111 /image:cow.png a cow", "webui"),
        ("/remix /parser:a1111 /image:cow.png /mask:grey.png a cow", "webui"),
        ("/render /parser:a1111 /sampler:lcm a cow", DEFAULT),
    ],
)
def test_the_owner_of_the_dialect_draws_unless_the_statement_says_otherwise(text: str, whose: str) -> None:
    assert [plan.arithmetic for plan in compile(text).plans] == [whose]


@pytest.mark.parametrize("source", DIALECTS)
@pytest.mark.parametrize("target", DIALECTS)
def test_a_statement_in_another_dialect_is_drawn_by_whom_it_was(source: str, target: str) -> None:
    said = f" /parser:{source}" if DIALECTS[source].is_written else ""
    for options in ("", " /arithmetic:comfy", " /sampler:lcm"):
        before = f"/render{said}{options} a cow"
        after = convert_file(before, target).text
        assert [each.arithmetic for each in compile(after).plans] == [each.arithmetic for each in compile(before).plans]


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_every_sampler_is_drawn_in_some_arithmetic(row) -> None:
    found = [name for name in (DEFAULT, COMFY.name, WEBUI.name) if has(row, name)]
    assert found
    assert all(schedules(row, name) for name in found if name == COMFY.name)


def test_the_two_formulas_of_unipc_are_two_samplers() -> None:
    """Both names draw the second one as diffusers does."""
    first, second = SAMPLERS["uni_pc"], SAMPLERS["uni_pc_bh2"]
    assert first is not second
    assert first.scheduler == second.scheduler
