"""Adding an option is adding a row and the field it fills: every view follows, and whoever lacks a reader says so."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.toy_option import ROW

ROOT = Path(__file__).parent.parent


@pytest.fixture(scope="module")
def views() -> dict[str, list[object]]:
    """What the house says with one row more."""
    done = subprocess.run(
        [sys.executable, "-m", "tests.toy_option"], cwd=ROOT, capture_output=True, text=True, timeout=120, check=False
    )
    assert done.returncode == 0, done.stderr
    found: dict[str, list[object]] = json.loads(done.stdout)
    return found


def test_values_are_checked(views: dict[str, list[object]]) -> None:
    """Against the kind of the row, by rules that follow from it; its name is suggested."""
    assert "grain/out-of-range" in views["check"]
    assert views["misspelled"] == ["write `/grain`"]


def test_the_editor_offers_and_explains_it(views: dict[str, list[object]]) -> None:
    """Completion, hover and the words that editors colour."""
    assert '"/grain:' in str(views["completion"])
    assert "Put grain into the picture, as film has it." in str(views["hover"])
    assert "grain" in views["editors"]


def test_the_documentation_has_it(views: dict[str, list[object]]) -> None:
    """The page is a function of the table."""
    assert "`/grain`" in str(views["docs"])


def test_it_has_an_origin(views: dict[str, list[object]]) -> None:
    """As every setting."""
    assert ["grain", "2", "set"] in views["explain"]


def test_the_formatter_knows_its_place(views: dict[str, list[object]]) -> None:
    """The order of options is that of the rows, and names are lower case."""
    assert str(views["format"]).startswith("/render /seed:1 /grain:2")


def test_the_plan_has_it(views: dict[str, list[object]]) -> None:
    """Field, sweep, JSON, schema and hash."""
    assert views["plan"] == [None, 2.0]
    assert views["json"]
    assert views["schema"]
    assert views["hashes"] == 3, "off, 2 and 3"


def test_the_row_is_all_there_is() -> None:
    """No source names the option: the views above follow from the table alone."""
    assert "grain" in ROW
    rooms = [ROOT / "promptlang", ROOT / "lsp", ROOT / "runtime"]
    assert not [path for room in rooms for path in room.rglob("*.py") if '"grain"' in path.read_text(encoding="utf-8")]
