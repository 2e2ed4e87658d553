"""The table of families: it draws what the compiler's table says is drawn."""

from __future__ import annotations

from dataclasses import replace

import pytest

import promptlang
from promptlang.meaning.drawing import FROM_FOLDERS
from promptlang.plans.plan import Model
from promptlang.tables.families import FAMILIES as KNOWN
from promptlang_runtime.errors import RenderError
from promptlang_runtime.families.language.row import no_single_file
from promptlang_runtime.families.table import FAMILIES
from promptlang_runtime.models.places import find_all


def test_both_tables_name_the_same_families() -> None:
    assert set(FAMILIES) == {row.name for row in KNOWN if row.rendered}


def test_both_know_what_is_drawn_from_folders_alone() -> None:
    assert {row.name for row in FAMILIES.values() if row.from_tensors is no_single_file} == FROM_FOLDERS


@pytest.mark.parametrize("row", FAMILIES.values(), ids=lambda row: row.name)
def test_a_row_names_parts_that_it_lists(row) -> None:
    assert {row.denoiser, *row.text_encoders} <= set(row.parts)


def test_a_family_that_is_not_drawn_is_known_before_anything_is_loaded() -> None:
    (plan,) = promptlang.compile("/render /parser:new a cow").plans
    with pytest.raises(RenderError, match="is of the family kolors, which cannot be rendered yet") as caught:
        find_all(replace(plan, model=Model(name="kolors", family="kolors")))
    assert caught.value.help.startswith("use a model of the family sd1, sd2")
    assert all(name in caught.value.help for name in FAMILIES)
