"""The page about Python is true: what stands in it is run, one session from top to bottom."""

from __future__ import annotations

import re
from doctest import ELLIPSIS, DocTestParser, DocTestRunner
from pathlib import Path

import pytest

from tests.thorough import is_thorough

PAGE = Path(__file__).parents[1] / "docs" / "python.md"
BLOCK = re.compile(r"^```python\n(.*?)^```$", re.MULTILINE | re.DOTALL)
HEAVY = "## Render"


def test_the_session_gives_what_it_shows(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    light, _, heavy = PAGE.read_text(encoding="utf-8").partition(HEAVY)
    assert ">>>" in heavy
    if is_thorough():
        pytest.importorskip("diffusers")
        light += heavy
    session = "\n".join(BLOCK.findall(light))
    said: list[str] = []
    runner = DocTestRunner(optionflags=ELLIPSIS)
    runner.run(DocTestParser().get_doctest(session, {}, "docs/python.md", None, None), out=said.append)
    assert not said, "".join(said)
