"""The golden cases: Markdown under `tests/cases`, a `prompt` block and then views of it; one test a view."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from promptlang.checks.rules import RULES
from tests.golden.cases import FOLDER, Block, blocks, rewrite
from tests.golden.views import VIEWS

PAGES = sorted(FOLDER.rglob("*.md"))
LOOK = "promptlang_lsp.features.completion.name_items.LONGEST_LOOK"
BLOCKS = tuple(block for path in PAGES for block in blocks(path))
FIRED = re.compile(r"^(?:error|warning|information|hint)\[(?P<rule>[^\]]+)\]", re.MULTILINE)
ELSEWHERE = {
    "sampler/package-missing": "depends on what is installed; shown in tests/runtime",
    "config/long-chain": "takes twenty files; shown in tests/cli",
    "file/not-utf8": "pages are UTF-8 themselves; shown in tests/cli",
}


@pytest.mark.parametrize("block", BLOCKS, ids=lambda block: block.id)
def test_case(block: Block, tmp_path: Path, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """A view is what the house says today, however busy the machine is."""
    monkeypatch.setattr(LOOK, 60.0)
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


def test_every_rule_shows_its_words() -> None:
    """Each rule fires in a case, so that its message, help and fixes are read before they are changed."""
    shown = {name for block in BLOCKS for name in FIRED.findall(block.body)}
    assert sorted(RULES.keys() - shown - ELSEWHERE.keys()) == []
    assert not shown & ELSEWHERE.keys()
