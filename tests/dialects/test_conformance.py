"""Agreement with the dialects' own code, where its recorded answers lie beside the repository."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.conformance.__main__ import main
from tests.conformance.runner import DIALECTS, FOLDER, differences, tallies

ROOT = Path(__file__).parents[2]
VECTORS = ROOT / FOLDER
DOCS = ROOT / "docs" / "dialects.md"

# How many of the recorded rows fall under each listed difference.
LISTED = {
    "stops at a number": 9,
    "stops at a strength": 9,
    "line breaks of a comment": 7,
    "sign behind a backslash": 1,
    "promised tokenizer": 33,
    "Compel raises": 10,
    "missing wildcard": 16,
    "rejected template": 14,
}


@pytest.mark.skipif(not VECTORS.is_dir(), reason="no recorded vectors beside the repository")
def test_recorded_answers() -> None:
    """Nothing differs but what is listed, and as often as it is listed."""
    found = list(tallies(VECTORS))
    assert sum(tally.inputs for tally in found) > 900
    assert [(tally.file, row["input"]) for tally in found for row, _ in tally.unexplained] == []
    assert {kind: number for tally in found for kind, number in tally.listed.items()} == LISTED


def test_every_listed_difference_is_documented() -> None:
    """The page for users names each kind."""
    page = DOCS.read_text(encoding="utf-8")
    missing = [
        difference.name for dialect in DIALECTS for difference in differences(dialect) if difference.name not in page
    ]
    assert missing == []


def test_a_folder_of_other_vectors(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Any folder with files of these names is compared, with the wildcards it brings."""
    (tmp_path / "wildcards").mkdir()
    (tmp_path / "wildcards" / "hat.txt").write_text("cap\nberet\n", encoding="utf-8")
    settings = {"max_prompts": 10, "ignore_whitespace": False}
    rows = [{"input": "a __hat__", "args": settings, "expected": ["a beret", "a cap"]}]
    _write(tmp_path / "dynamicprompts.jsonl", rows)
    assert main([str(tmp_path)]) == 0
    _write(tmp_path / "dynamicprompts.jsonl", [{**rows[0], "expected": ["a hat"]}])
    assert main([str(tmp_path)]) == 1
    assert "a beret" in capsys.readouterr().out


def test_a_row_with_several_answers(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """One of them is enough; none of them is a row that differs, with all of them printed."""
    row = {"input": "[b:c:5]", "args": {"steps": 10, "hires_steps": None, "use_old_scheduling": False}}
    file = tmp_path / "a1111_schedules_ambiguous.jsonl"
    answers: list[object] = [[[10, "x"]], [[5, "b"], [10, "c"]]]
    _write(file, [{**row, "expected_any": answers}])
    assert main([str(tmp_path)]) == 0
    _write(file, [{**row, "expected_any": [answers[0], [[10, "y"]]]}])
    assert main([str(tmp_path)]) == 1
    printed = capsys.readouterr().out
    assert '[[10, "x"]]' in printed
    assert '[[10, "y"]]' in printed


def _write(file: Path, rows: list[dict[str, object]]) -> None:
    file.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
