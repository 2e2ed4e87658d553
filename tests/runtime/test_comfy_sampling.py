"""In the arithmetic of ComfyUI we draw what ComfyUI drew: its own latents, recorded with the demo model."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.conformance.sampling import (
    PAGE,
    apart,
    drawn,
    figures,
    model_of,
    one_of_each,
    opened,
    page,
    plan_of,
    rows,
)
from tests.thorough import is_thorough


@pytest.mark.slow
def test_each_sampler_and_each_schedule_draws_what_comfyui_drew(shared_vectors: Path) -> None:
    if not (shared_vectors / "comfy_sampling").is_dir():
        pytest.skip("what ComfyUI drew is not beside this repository")
    model = opened(model_of(shared_vectors))
    drawable = [row for row in rows(shared_vectors) if row.is_drawn]
    bad: list[str] = []
    for row in drawable if is_thorough() else one_of_each(drawable):
        distance = apart(drawn(plan_of(row, model_of(shared_vectors)), model), row.latents)
        if not distance <= row.near:
            bad.append(f"{row.sampler} {row.schedule}: {distance:.1e}")
    assert bad == []


def test_the_page_of_agreement_is_what_its_command_writes(shared_vectors: Path) -> None:
    if not (shared_vectors / "comfy_sampling").is_dir():
        pytest.skip("what ComfyUI drew is not beside this repository")
    text = PAGE.read_text(encoding="utf-8")
    found = figures(text)
    assert page(found) == text
    compared = list(rows(shared_vectors))
    assert list(found) == list(dict.fromkeys((row.sampler, row.schedule) for row in compared))
    assert all(0 < each <= row.near for row in compared for each in found[row.sampler, row.schedule])
