"""Files of fewer bits a number, of every family that is drawn from files: they draw as the numbers they stand for."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from safetensors.torch import load_file, save_file

from promptlang.models.identify import identify
from promptlang.plans.plan import Model
from promptlang.tables.models.families import FAMILIES, family, has_single_files
from tests.runtime import test_bad_files, test_parts
from tests.runtime.language import BAD, RED, saying
from tests.runtime.pictures import draw
from tests.runtime.test_bad_models import VARIANTS
from tests.runtime.test_rebuilt import REMARKS, in_eight_bits

NAMES = [*test_parts.BUILDERS, *test_bad_files.FAMILIES]


@pytest.fixture(scope="module", params=NAMES)
def model(request, tmp_path_factory):
    """A model as a single file."""
    name, root = request.param, tmp_path_factory.mktemp(request.param)
    if name in test_bad_files.FAMILIES:
        return test_bad_files.FAMILIES[name]().written(root).whole
    build, layout = test_parts.BUILDERS[name]
    save_file({key: each.contiguous() for key, each in layout(build()).items()}, root / "whole.safetensors")
    return Model(name="tiny", family=name, path=str(root / "whole.safetensors"))


@pytest.fixture
def drawn(make_plan):
    """The picture of a model whose tensors are others."""

    def picture(model, tensors, path):
        save_file({key: each.contiguous() for key, each in tensors.items()}, path)
        tokenizer = Path(model.path).with_suffix(".tokenizer.json")
        if tokenizer.exists():
            shutil.copy(tokenizer, path.with_suffix(".tokenizer.json"))
        row = family(model.family)
        side, sampler = (64 if row.is_unet else row.multiple), ("dpm2m" if model.family == "sana" else "k_euler")
        words = {"positive": saying(RED), "negative": saying(BAD), "clip_skip": None}
        return draw(
            make_plan(model=replace(model, path=str(path)), steps=2, size=(side, side), sampler=sampler, **words)
        )

    return picture


def test_every_family_that_is_drawn_from_files_is_here():
    assert set(NAMES) == {
        row.name for row in FAMILIES if row.rendered and has_single_files(row, VARIANTS.get(row.name, ""))
    }


def test_eight_bits_are_the_numbers_they_stand_for(model, drawn, tmp_path):
    small, meant = in_eight_bits(load_file(model.path), REMARKS["by comfy"])
    found, expected = (
        drawn(model, tensors, tmp_path / f"{name}.safetensors")
        for name, tensors in (("small", small), ("meant", meant))
    )
    assert np.array_equal(found, expected)
    assert identify(tmp_path / "small.safetensors").quantization
    assert not identify(tmp_path / "meant.safetensors").quantization
