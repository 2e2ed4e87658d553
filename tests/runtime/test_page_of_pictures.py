"""docs/pictures.md: its statements have no findings, and each has the picture that stands below it."""

from __future__ import annotations

from pathlib import Path
from runpy import run_path
from types import SimpleNamespace

import pytest
from PIL import Image

import promptlang
from promptlang.config.chain import load
from promptlang.plans.plan import Plan
from promptlang_runtime.models.places import find_all
from promptlang_runtime.planning.jobs import placed

DOCS = Path(__file__).parents[2] / "docs"
MOST = 1_800_000  # bytes of all pictures
SHOWN = (
    *("guidance", "steps", "seed", "size", "sampler", "schedule", "clip_skip", "positive", "negative"),
    *("image", "strength", "mask", "hires", "hires_upscaler", "hires_strength"),
)


PAGE = SimpleNamespace(**run_path(str(DOCS / "pictures.py")))
TEXT = PAGE.PAGE.read_text(encoding="utf-8")
BLOCKS = tuple(PAGE.shown(TEXT))


@pytest.fixture(scope="module")
def project(tmp_path_factory):
    """The project of the page, with the pictures that it starts from."""
    root = tmp_path_factory.mktemp("page")
    (root / "promptlang.toml").write_text(PAGE.project(TEXT), encoding="utf-8")
    for each in PAGE.PICTURES.glob("*.png"):
        (root / each.name).write_bytes(each.read_bytes())
    return load(root / "promptlang.toml").project


@pytest.mark.parametrize("block", BLOCKS, ids=[each.name for each in BLOCKS])
def test_a_statement_of_the_page_has_no_findings_and_is_drawn(project, block):
    found = promptlang.compile(block.text, project=project)
    assert [f"{each.rule.name}: {each.message}" for each in found.diagnostics] == []
    assert found.plans
    for plan in found.plans:
        find_all(placed(plan, project.root))


def test_every_picture_of_the_page_is_there_and_no_other():
    names = [each.name for each in BLOCKS]
    assert TEXT.count("![") == TEXT.count("```prompt\n") == len(names) == len(set(names))
    files = sorted(PAGE.PICTURES.glob("*"))
    assert [each.stem for each in files] == sorted(names)
    assert sum(each.stat().st_size for each in files) <= MOST
    for each in files:
        with Image.open(each) as picture:
            picture.load()


def test_the_page_shows_what_changes_a_picture(project):
    plain = promptlang.compile("/render a cow", project=project).plans[0]
    plans: list[Plan] = [each for block in BLOCKS for each in promptlang.compile(block.text, project=project).plans]
    changed = {name for name in SHOWN if {getattr(each, name) for each in plans} - {getattr(plain, name)}}
    assert changed == set(SHOWN)
