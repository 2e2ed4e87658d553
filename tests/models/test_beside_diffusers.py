"""The table of headers in `docs/families.md`: promptlang and diffusers are asked, and answer as it says."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from promptlang.models.identify import identify
from promptlang.reference.detection import DIFFUSERS, SAMPLES
from promptlang.reference.headers.comfyui import BY_FAMILY, BY_TITLE
from promptlang.reference.headers.sample import Sample
from promptlang.tables.models.families import FAMILIES

Write = Callable[..., Path]

EVERY = pytest.mark.parametrize("sample", SAMPLES, ids=[each.title for each in SAMPLES])


@EVERY
def test_promptlang_answers_as_the_table_says(write: Write, sample: Sample) -> None:
    found = identify(write(sample.shapes))
    kind = "" if found.kind in ("checkpoint", "denoiser", "unknown") else found.kind
    assert " ".join(filter(None, (kind, found.family, found.variant))) == sample.ours


@EVERY
def test_diffusers_answers_as_the_table_says(sample: Sample) -> None:
    diffusers = pytest.importorskip("diffusers")
    if not diffusers.__version__.startswith(DIFFUSERS):
        pytest.skip(f"the table holds the answers of diffusers {DIFFUSERS}")
    import torch
    from diffusers.loaders.single_file_utils import infer_diffusers_model_type

    tensors = {name: torch.empty(shape, device="meta") for name, shape in sample.shapes.items()}
    assert infer_diffusers_model_type(tensors) == sample.diffusers


def test_comfyui_is_told_of_every_sample_and_of_nothing_else() -> None:
    assert set(BY_TITLE) <= {each.title for each in SAMPLES}
    families = {each.ours.split()[0] for each in SAMPLES if each.title not in BY_TITLE}
    assert families == set(BY_FAMILY)


def test_every_family_and_a_difference_explained() -> None:
    told = {word for each in SAMPLES for word in each.ours.split()}
    assert told >= {row.name for row in FAMILIES}
    alike = {(each.ours, each.diffusers) for each in SAMPLES if not each.why}
    assert not alike & {(each.ours, each.diffusers) for each in SAMPLES if each.why}
    assert not [each.title for each in SAMPLES if each.diffusers == "v1" and each.ours != "sd1" and not each.why]
