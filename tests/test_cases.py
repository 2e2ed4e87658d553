"""The golden cases: Markdown under `tests/cases`, a `prompt` block and then views of it; one test a view."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.golden.cases import FOLDER, Block, blocks, rewrite
from tests.golden.views import VIEWS

PAGES = sorted(FOLDER.rglob("*.md"))
BLOCKS = tuple(block for path in PAGES for block in blocks(path))


@pytest.mark.parametrize("block", BLOCKS, ids=lambda block: block.id)
def test_case(block: Block, tmp_path: Path, request: pytest.FixtureRequest) -> None:
    """A view is what the house says today."""
    case = block.case(tmp_path)
    now = case.shown(VIEWS[block.kind](case, block.argument))
    if request.config.getoption("--update") and now != block.body:
        rewrite(block, now)
    else:
        assert now == block.body


def test_there_are_cases() -> None:
    """The folder is found, and every block is of a known kind."""
    assert len(PAGES) >= 8
    assert {block.kind for block in BLOCKS} <= VIEWS.keys()
