"""`promptlang check --baseline`: what is known is silent, what is new is not, and what is gone is said."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.cli.conftest import Outcome

Run = Callable[..., Outcome]

FLOORED = "/render /parser:new /clipskip:2.5 a cow\n"
BROKEN = "/render /parser:new /clipskip:14 a cow\n"
BASELINE = ("--baseline", "known.json")


@pytest.fixture
def written(run: Run, folder: Path) -> Path:
    """A prompt with two findings that a baseline knows."""
    (folder / "cow.prompt").write_text(FLOORED + BROKEN)
    assert run("check", *BASELINE, "--write-baseline") == Outcome(0, "1 file checked: no findings; 2 known\n", "")
    return folder


def test_a_baseline_is_readable(written: Path) -> None:
    assert json.loads((written / "known.json").read_text()) == {
        "format": "promptlang baseline 1",
        "files": {
            "cow.prompt": [
                {"rule": "clipskip/fraction-ignored", "line": FLOORED.strip(), "count": 1},
                {"rule": "clipskip/out-of-range", "line": BROKEN.strip(), "count": 1},
            ]
        },
    }


def test_known_findings_are_silent_wherever_their_lines_move(run: Run, written: Path) -> None:
    assert run("check", *BASELINE) == Outcome(0, "1 file checked: no findings; 2 known\n", "")
    (written / "cow.prompt").write_text(f"# cows\n\n{BROKEN}\n  {FLOORED}")
    assert run("check", *BASELINE) == Outcome(0, "1 file checked: no findings; 2 known\n", "")
    assert run("check", "--output-format", "json", *BASELINE).out == "[]\n"


@pytest.mark.parametrize("more", [FLOORED, FLOORED.replace("cow", "dog"), "/render /parser:new /clipskip:0 a cow\n"])
def test_new_findings_are_not_silent(run: Run, written: Path, more: str) -> None:
    (written / "cow.prompt").write_text(FLOORED + BROKEN + more)
    outcome = run("check", "-q", "--output-format", "concise", *BASELINE)
    assert (outcome.code, outcome.out.count("\n"), outcome.err) == (1, 1, "")
    assert outcome.out.startswith("cow.prompt:3:")


def test_many_files_are_told_apart_in_every_format(run: Run, written: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("promptlang.cli.commands.check.MANY", 2)
    (written / "dog.prompt").write_text(BROKEN)
    assert run("check", *BASELINE).out.endswith(
        "\n\n2 files checked: 1 error; 2 known; 1 fixable with --fix --unsafe-fixes\n"
    )
    outcome = run("check", "-q", "--output-format", "concise", *BASELINE)
    assert outcome.out == "dog.prompt:1:31: error[clipskip/out-of-range]: clip skip must be 1 to 13, found 14\n"


def test_the_same_line_in_another_file_is_new(run: Run, written: Path) -> None:
    (written / "dog.prompt").write_text(FLOORED)
    outcome = run("check", "-q", "--output-format", "concise", *BASELINE)
    assert (outcome.code, outcome.out.count("\n")) == (1, 1)
    assert outcome.out.startswith("dog.prompt:1:")


def test_what_is_gone_is_said_and_taken_out(run: Run, written: Path) -> None:
    (written / "cow.prompt").write_text(FLOORED)
    said = (
        "warning: 1 known finding is gone, `clipskip/out-of-range` in `cow.prompt`; `--write-baseline` takes it out\n"
    )
    assert run("check", *BASELINE) == Outcome(0, "1 file checked: no findings; 1 known\n", said)
    run("check", *BASELINE, "--write-baseline")
    assert run("check", *BASELINE) == Outcome(0, "1 file checked: no findings; 1 known\n", "")
    (written / "cow.prompt").unlink()
    (written / "dog.prompt").write_text(FLOORED.replace("2.5", "2"))
    assert "1 known finding is gone" in run("check", *BASELINE).err


def test_what_is_not_looked_for_is_neither_gone_nor_lost(run: Run, written: Path) -> None:
    before = (written / "known.json").read_text()
    (written / "dog.prompt").write_text(FLOORED.replace("2.5", "2"))
    for part in (["dog.prompt"], ["--select", "clipskip/extreme"], ["--ignore", "clipskip", "cow.prompt"]):
        assert run("check", *BASELINE, *part).err == ""
        run("check", *BASELINE, "--write-baseline", *part)
        assert (written / "known.json").read_text() == before


def test_a_baseline_is_found_from_where_it_lies(run: Run, written: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (written / "inside").mkdir()
    monkeypatch.chdir(written / "inside")
    assert run("check", "--baseline", "../known.json", "..").out == "1 file checked: no findings; 2 known\n"


def test_findings_of_project_files_are_never_known(run: Run, folder: Path) -> None:
    (folder / "promptlang.toml").write_text('edition = "gude"\n')
    (folder / "cow.prompt").write_text(FLOORED)
    outcome = run("check", *BASELINE, "--write-baseline")
    assert (outcome.code, "edition" in outcome.out) == (2, True)


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"format": "promptlang baseline 1", "files": [1]}', "[" * 9000])
def test_no_other_file_is_taken_for_a_baseline(run: Run, folder: Path, text: str) -> None:
    (folder / "known.json").write_text(text)
    (folder / "cow.prompt").write_text(FLOORED)
    for more in ([], ["--write-baseline"]):
        outcome = run("check", *BASELINE, *more)
        assert (outcome.code, outcome.err.splitlines()[0]) == (2, "error: `known.json` is no baseline")
    assert (folder / "known.json").read_text() == text


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--write-baseline"], "`--write-baseline` needs to know where"),
        ([*BASELINE, "--write-baseline", "--fix"], "`--write-baseline` and `--fix` exclude each other"),
        ([*BASELINE, "--add-ignores"], "`--add-ignores` silences what a baseline knows already"),
        (["--baseline", "none.json"], "cannot read `none.json`: no such file or directory"),
    ],
)
def test_options_that_make_no_sense_together(run: Run, folder: Path, words: list[str], message: str) -> None:
    outcome = run("check", *words)
    assert (outcome.code, outcome.err.splitlines()[0]) == (2, f"error: {message}")
