"""In the arithmetic of ComfyUI we draw what ComfyUI drew: its own latents, recorded with the demo model."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conformance.sampling import Row, apart, drawn, model_of, opened, plan_of, rows


@pytest.fixture(scope="module")
def recorded(shared_vectors: Path) -> Iterator[tuple[Path, list[Row]]]:
    if not (shared_vectors / "comfy_sampling").is_dir():
        pytest.skip("what ComfyUI drew is not beside this repository")
    return shared_vectors, [row for row in rows(shared_vectors) if row.is_drawn]


def differing(recorded: tuple[Path, list[Row]], wanted: list[Row]) -> list[str]:
    folder, _ = recorded
    model = opened(model_of(folder))
    found = ((row, apart(drawn(plan_of(row, model_of(folder)), model), row.latents)) for row in wanted)
    return [f"{row.sampler} {row.schedule}: {distance:.1e}" for row, distance in found if not distance <= row.near]


def test_each_sampler_and_each_schedule_draws_what_comfyui_drew(recorded: tuple[Path, list[Row]]) -> None:
    """One row for every name; the others are as near."""
    first: dict[str, Row] = {}
    for row in recorded[1]:
        if row.sampler not in first or row.schedule not in first:
            first.setdefault(row.sampler, row)
            first.setdefault(row.schedule, row)
    assert differing(recorded, list({id(row): row for row in first.values()}.values())) == []


@pytest.mark.slow
def test_every_row_is_what_comfyui_drew(recorded: tuple[Path, list[Row]]) -> None:
    assert differing(recorded, recorded[1]) == []
