"""Files of fewer bits a number, of every family that is drawn from files: they draw as the numbers they stand for."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from safetensors.torch import load_file

from promptlang.models.identify import identify
from promptlang.tables.models.families import FAMILIES as ROWS
from promptlang.tables.models.families import has_single_files
from tests.runtime import test_parts, tiny_files
from tests.runtime.language import small
from tests.runtime.pictures import draw
from tests.runtime.test_bad_models import VARIANTS
from tests.runtime.test_rebuilt import REMARKS, in_eight_bits
from tests.runtime.tiny_read_files import FAMILIES

NAMES = [*test_parts.BUILDERS, *FAMILIES]


@pytest.fixture(scope="module", params=NAMES)
def model(request, tmp_path_factory):
    """A model as a single file."""
    name, root = request.param, tmp_path_factory.mktemp(request.param)
    if name in FAMILIES:
        return FAMILIES[name]().written(root).whole
    return test_parts.whole(test_parts.files_of(name, root))


@pytest.fixture
def drawn(make_plan):
    """The picture of a model whose tensors are others."""

    def picture(model, tensors, path):
        tiny_files.save(tensors, path)
        tokenizer = Path(model.path).with_suffix(".tokenizer.json")
        if tokenizer.exists():
            shutil.copy(tokenizer, path.with_suffix(".tokenizer.json"))
        return draw(small(make_plan, replace(model, path=str(path))))

    return picture


def test_every_family_that_is_drawn_from_files_is_here():
    assert set(NAMES) == {
        row.name for row in ROWS if row.rendered and has_single_files(row, VARIANTS.get(row.name, ""))
    }


def test_eight_bits_are_the_numbers_they_stand_for(model, drawn, tmp_path):
    tensors, meant = in_eight_bits(load_file(model.path), REMARKS["by comfy"])
    found, expected = (
        drawn(model, each, tmp_path / f"{name}.safetensors") for name, each in (("small", tensors), ("meant", meant))
    )
    assert np.array_equal(found, expected)
    assert identify(tmp_path / "small.safetensors").quantization
    assert not identify(tmp_path / "meant.safetensors").quantization
