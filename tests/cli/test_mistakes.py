"""A mistake of ours on one text costs that text alone."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.cli.conftest import Outcome

Run = Callable[..., Outcome]

WORK = {
    "check": "promptlang.cli.findings.work.review",
    "fmt": "promptlang.statements.format.format_text",
    "compile": "promptlang.checks.review.review",
}


@pytest.mark.parametrize("command", WORK)
def test_the_other_texts_are_worked_on(run: Run, folder: Path, monkeypatch: pytest.MonkeyPatch, command: str) -> None:
    for name, text in (("a", "/render /parser:new boom"), ("b", "/render  /parser:new /guidance:abc a cow")):
        (folder / f"{name}.prompt").write_text(text + "\n", encoding="utf-8")
    module, _, name = WORK[command].rpartition(".")
    real = getattr(__import__(module, fromlist=[name]), name)

    def breaks(text: str, **words: object) -> object:
        if "boom" in text:
            raise KeyError("boom")
        return real(text, **words)

    monkeypatch.setattr(WORK[command], breaks)
    done = run(command, "a.prompt", "b.prompt", *(("--check",) if command == "fmt" else ()))
    assert done.code == 2
    assert "error: `a.prompt` cannot be worked on, by a mistake in promptlang (KeyError: 'boom')" in done.err
    assert "Traceback" not in done.err
    assert ("would format b.prompt" if command == "fmt" else "guidance/not-a-number") in done.out + done.err
    assert "Traceback" in run(command, "--debug", "a.prompt", *(("--check",) if command == "fmt" else ())).err
