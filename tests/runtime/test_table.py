"""The table of families: it draws what the compiler's table says is drawn."""

from __future__ import annotations

from dataclasses import replace

import diffusers
import pytest
import torch

import promptlang
from promptlang.plans.plan import Model
from promptlang.refusals.models import family_refusal
from promptlang.tables.models.families import FAMILIES as KNOWN
from promptlang.tables.models.families import family
from promptlang_runtime.errors import RenderError
from promptlang_runtime.families.language.row import no_single_file
from promptlang_runtime.families.table import FAMILIES, family_of
from promptlang_runtime.models.device import dtype_of
from promptlang_runtime.models.places import find_all

FROM_FOLDERS = {row.name for row in KNOWN if row.rendered and not row.single_files}


def test_both_tables_name_the_same_families() -> None:
    assert set(FAMILIES) == {row.name for row in KNOWN if row.rendered}


def test_both_know_what_is_drawn_from_folders_alone() -> None:
    assert {row.name for row in FAMILIES.values() if row.from_tensors is no_single_file} == FROM_FOLDERS


@pytest.mark.parametrize("row", KNOWN, ids=lambda row: row.name)
def test_what_a_family_is_drawn_from_is_what_its_page_says(row) -> None:
    """Single files, parts and packed numbers come together: all of them need the layout of files."""
    ours = FAMILIES.get(row.name)
    if ours is None:
        assert not row.rendered
        return
    variants = {each.name for each in row.variants if each.single_files}
    drawn = {name for name, each in ours.variants.items() if each.layout}
    assert row.single_files is (ours.layout is not None)
    assert drawn == (set() if row.single_files else variants)
    layouts = [each.layout for each in (ours, *ours.variants.values()) if each.layout]
    divided = {part for layout in layouts for part in layout.tokenizers}
    readers = row.encoders if row.single_files else [one for each in row.variants for one in each.encoders]
    assert bool(divided) is (bool(layouts) and any(each.end for each in readers))


@pytest.mark.parametrize("row", FAMILIES.values(), ids=lambda row: row.name)
def test_a_row_names_parts_that_it_lists(row) -> None:
    assert {row.folder.denoiser, *row.folder.text_encoders} <= set(row.folder.parts)


@pytest.mark.parametrize("row", FAMILIES.values(), ids=lambda row: row.name)
def test_a_row_knows_whether_its_pipeline_opens_single_files(row) -> None:
    for each in (row, *row.variants.values()):
        assert hasattr(getattr(diffusers, each.folder.pipeline), "from_single_file") is each.folder.opens_files


def test_a_family_that_is_not_drawn_is_known_before_anything_is_loaded() -> None:
    (plan,) = promptlang.compile("/render /parser:new a cow").plans
    with pytest.raises(RenderError, match="is of the family kolors, which cannot be rendered yet") as caught:
        find_all(replace(plan, model=Model(name="kolors", family="kolors")))
    assert caught.value.help.startswith("use a model of the family sd1, sd2")
    assert all(name in caught.value.help for name in FAMILIES)


def test_a_variant_that_is_not_drawn_is_known_before_anything_is_loaded() -> None:
    assert family_refusal(Model(name="kind", family="sana")) is None
    refused = {}
    for name, variant in ((row.name, each.name) for row in KNOWN if row.rendered for each in row.variants):
        if refusal := family_refusal(Model(name="kind", family=name, variant=variant)):
            refused[name, variant] = refusal.message
    title = "<kind> is {}, which cannot be rendered yet: it draws "
    assert {key: message.partition("it draws ")[0] + "it draws " for key, message in refused.items()} == {
        ("chroma", "radiance"): title.format("Chroma radiance"),
        ("qwen-image", "layered"): title.format("Qwen-Image layered"),
    }


def test_a_variant_may_be_drawn_by_another_pipeline() -> None:
    drawn = {"dev": "Flux2Pipeline", "klein 4B": "Flux2KleinPipeline", "klein 9B, distilled": "Flux2KleinPipeline"}
    for variant, pipeline in drawn.items():
        assert family_of(Model(name="kind", family="flux2", variant=variant)).folder.pipeline == pipeline
    for row in FAMILIES.values():
        assert set(row.variants) <= {each.name for each in family(row.name).variants}


def test_language_models_are_drawn_in_the_numbers_they_were_trained_in() -> None:
    chosen = {row.name: dtype_of(None, torch.device("cuda"), half=row.half) for row in FAMILIES.values()}
    assert {name for name, number in chosen.items() if number is torch.float16} == {"sd1", "sd2", "sdxl"}
    assert all(dtype_of(None, torch.device("cpu"), half=row.half) is torch.float32 for row in FAMILIES.values())
