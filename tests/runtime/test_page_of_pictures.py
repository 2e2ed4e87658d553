"""The pages with pictures: their statements have no findings, and each has the picture that stands below it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from runpy import run_path
from types import SimpleNamespace

import pytest
from PIL import Image

import promptlang
from promptlang.config.chain import load
from promptlang.meaning.project import Project
from promptlang.plans.plan import Plan
from promptlang_runtime.models.places import find_all
from promptlang_runtime.planning.jobs import placed

DOCS = Path(__file__).parents[2] / "docs"
MOST = 1_800_000  # bytes of all pictures of a page
SHOWN = (
    *("guidance", "steps", "seed", "size", "sampler", "schedule", "clip_skip", "positive", "negative"),
    *("image", "strength", "mask", "hires", "hires_upscaler", "hires_strength"),
)


DRAWING = SimpleNamespace(**run_path(str(DOCS / "drawing" / "pictures.py")))
PAGES = {page.name: page for page in DRAWING.PAGES}
BLOCKS = {name: tuple(page.shown()) for name, page in PAGES.items()}


@pytest.fixture(scope="module")
def projects(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Project]:
    """The project of each page, with the pictures that its statements start from."""
    found: dict[str, Project] = {}
    for name, page in PAGES.items():
        root = tmp_path_factory.mktemp(name)
        (root / "promptlang.toml").write_text(page.project(), encoding="utf-8")
        for each in page.pictures.glob("*.png"):
            (root / each.name).write_bytes(each.read_bytes())
        found[name] = load(root / "promptlang.toml").project
    return found


@pytest.mark.parametrize(
    ("page", "block"),
    [pytest.param(page, block, id=f"{page}-{block.name}") for page, blocks in BLOCKS.items() for block in blocks],
)
def test_a_statement_of_the_page_has_no_findings_and_is_drawn(
    projects: Mapping[str, Project], page: str, block: SimpleNamespace
) -> None:
    project = projects[page]
    assert project.root
    found = promptlang.compile(block.text, project=project)
    assert [f"{each.rule.name}: {each.message}" for each in found.diagnostics] == []
    assert found.plans
    for plan in found.plans:
        find_all(placed(plan, project.root))


@pytest.mark.parametrize("page", PAGES)
def test_every_picture_of_the_page_is_there_and_no_other(page: str) -> None:
    names = [each.name for each in BLOCKS[page]]
    assert names
    assert PAGES[page].text.count(f"](images/{page}/") == len(names) == len(set(names))
    files = sorted(PAGES[page].pictures.glob("*"))
    assert [each.stem for each in files] == sorted(names)
    assert sum(each.stat().st_size for each in files) <= MOST
    for each in files:
        with Image.open(each) as picture:
            picture.load()


def test_the_page_shows_what_changes_a_picture(projects: Mapping[str, Project]) -> None:
    project = projects["pictures"]
    plain = promptlang.compile("/render a cow", project=project).plans[0]
    blocks = BLOCKS["pictures"]
    assert PAGES["pictures"].text.count("```prompt\n") == len(blocks)
    plans: list[Plan] = [each for block in blocks for each in promptlang.compile(block.text, project=project).plans]
    changed = {name for name in SHOWN if {getattr(each, name) for each in plans} - {getattr(plain, name)}}
    assert changed == set(SHOWN)
