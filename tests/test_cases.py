"""The golden cases: Markdown under `tests/cases`, a `prompt` block and then views of it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.views import VIEWS

CASES = sorted((Path(__file__).parent / "cases").rglob("*.md"))
BLOCK = re.compile(r"^(?P<fence>`{3,})(?P<kind>[\w-]+)\n(?P<body>.*?)^(?P=fence)$", re.MULTILINE | re.DOTALL)
ESCAPES = {"\\r": "\r", "\\0": "\0", "\\ufeff": "\ufeff"}


def prompt_text(body: str) -> str:
    """The text of a prompt block: without its last line end, and with `\\r`, `\\0`, `\\ufeff` as those characters."""
    text = body.removesuffix("\n")
    for written, meant in ESCAPES.items():
        text = text.replace(written, meant)
    return text


def rewritten(page: str) -> str:
    """The page with every expected block as it is today."""
    prompt = ""

    def block(found: re.Match[str]) -> str:
        nonlocal prompt
        kind = found["kind"]
        if kind == "prompt":
            prompt = prompt_text(found["body"])
        if kind not in VIEWS:
            return found[0]
        return f"{found['fence']}{kind}\n{VIEWS[kind](prompt)}\n{found['fence']}"

    return BLOCK.sub(block, page)


@pytest.mark.parametrize("path", CASES, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_case(path: Path, request: pytest.FixtureRequest) -> None:
    """Every expected block is what the house says today."""
    page = path.read_text(encoding="utf-8")
    now = rewritten(page)
    if request.config.getoption("--update") and now != page:
        path.write_text(now, encoding="utf-8")
    assert now == page or request.config.getoption("--update")


def test_there_are_cases() -> None:
    """The folder is found, and every block is of a known kind."""
    assert len(CASES) >= 8
    kinds = {found["kind"] for path in CASES for found in BLOCK.finditer(path.read_text(encoding="utf-8"))}
    assert kinds <= {"prompt", *VIEWS}
