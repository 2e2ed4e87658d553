"""The table of headers in `docs/families.md`: promptlang and diffusers are asked, and answer as it says."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from promptlang.models.identify import identify
from promptlang.reference.detection import DIFFUSERS, SAMPLES, Sample

Write = Callable[..., Path]

EVERY = pytest.mark.parametrize("sample", SAMPLES, ids=[each.title for each in SAMPLES])


@EVERY
def test_promptlang_answers_as_the_table_says(write: Write, sample: Sample) -> None:
    found = identify(write(sample.shapes))
    assert f"{found.family} {found.variant}".strip() == sample.ours


@EVERY
def test_diffusers_answers_as_the_table_says(sample: Sample) -> None:
    diffusers = pytest.importorskip("diffusers")
    if not diffusers.__version__.startswith(DIFFUSERS):
        pytest.skip(f"the table holds the answers of diffusers {DIFFUSERS}")
    import torch
    from diffusers.loaders.single_file_utils import infer_diffusers_model_type

    tensors = {name: torch.empty(shape, device="meta") for name, shape in sample.shapes.items()}
    assert infer_diffusers_model_type(tensors) == sample.diffusers
