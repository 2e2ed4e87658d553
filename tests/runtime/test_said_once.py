"""What is the same for all variants of a statement is said once."""

from __future__ import annotations

from pathlib import Path

import pytest

from promptlang_runtime.command.command import main


@pytest.fixture(autouse=True)
def inside(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The folder of the test is the one that is worked in, so that names are short in the table."""
    monkeypatch.chdir(tmp_path)


def dry_run(text: str) -> int:
    """The exit code of a dry run over one file."""
    Path("cow.prompt").write_text(text, "utf-8")
    return main(["cow.prompt", "--dry-run", "--isolated"])


def test_what_all_variants_lack_is_said_once(capsys: pytest.CaptureFixture[str]) -> None:
    """One name is unknown, however many variants call it."""
    assert dry_run("/render /parser:comfy /variants:all a {red|blue|green} embedding:nobody\n") == 1
    assert capsys.readouterr().err.count("no model called `nobody`") == 1


def test_a_dry_run_lists_variants_in_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    """Points of a sweep, which differ in what the table shows, have lines of their own."""
    text = "/render /variants:all /seed:3 a {red|blue|green} cow\n/render /seed:3 /steps:2|3 a cow\n"
    assert dry_run(text) == 0
    rows = [line.split() for line in capsys.readouterr().out.splitlines() if "cow.prompt:" in line]
    assert [(row[1].rpartition(":")[2], row[-1]) for row in rows] == [("1", "3"), ("2", "1"), ("2", "1")]
