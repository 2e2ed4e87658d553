"""Emacs with Eglot and the mode of `editors/emacs` on a real file, in batch."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.editors.conftest import ROOT, SERVER

pytestmark = pytest.mark.editors
MODE = ROOT / "editors" / "emacs"
SCRIPT = Path(__file__).with_name("emacs.el")


@pytest.fixture(scope="module")
def seen(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """Everything the run wrote down."""
    if shutil.which("emacs") is None:
        pytest.skip("Emacs is not installed")
    home = tmp_path_factory.mktemp("emacs")
    settings = {
        "HOME": str(home),
        "MODE": str(MODE),
        "PROMPT": str(folder / "cow.prompt"),
        "DOTPROMPT": str(folder / "story.prompt"),
        "SERVER": json.dumps(SERVER),
        "SEEN": str(home / "seen.json"),
    }
    command = ["emacs", "--batch", "--no-init-file", "--load", str(SCRIPT)]
    run = subprocess.run(command, env={**os.environ, **settings}, cwd=folder, capture_output=True, timeout=280)
    words = (run.stdout + run.stderr).decode(errors="replace")
    assert (home / "seen.json").is_file(), words
    facts: dict[str, Any] = json.loads((home / "seen.json").read_text(encoding="utf-8"))
    assert "problem" not in facts, f"{facts['problem']}\n{words[-3000:]}"
    return facts


def test_files_open_in_the_mode_and_dotprompt_files_do_not(seen: dict[str, Any]) -> None:
    assert seen["mode"] == "promptlang-mode"
    assert seen["dotprompt"] == "fundamental-mode"


def test_options_have_a_colour(seen: dict[str, Any]) -> None:
    assert seen["face"] == "font-lock-variable-name-face"


def test_diagnostics_and_hover(seen: dict[str, Any]) -> None:
    assert "clipskip/fraction-ignored" in seen["diagnostics"]
    assert "/clipskip" in seen["hover"]


def test_completion(seen: dict[str, Any]) -> None:
    assert seen["completion"] == ["/sampler"]


def test_weight_rename_and_format(seen: dict[str, Any]) -> None:
    assert "((cow:1.4):1.1)" in seen["heavier"]
    assert seen["renamed"].count("#edge") == 2
    assert "/render /parser:new /clipskip:1.9 a" in seen["formatted"]


def test_the_mode_compiles_without_a_warning(tmp_path: Path) -> None:
    if shutil.which("emacs") is None:
        pytest.skip("Emacs is not installed")
    for each in MODE.glob("*.el"):
        shutil.copy(each, tmp_path)
    load = ["--eval", "(package-initialize)", "--directory", str(tmp_path)]
    strict = ["--eval", "(setq byte-compile-error-on-warn t)"]
    files = sorted(str(each) for each in tmp_path.glob("*.el"))
    run = subprocess.run(
        ["emacs", "--batch", *load, *strict, "--funcall", "batch-byte-compile", *reversed(files)],
        capture_output=True, text=True, timeout=120,
    )  # fmt: skip
    assert run.returncode == 0, run.stderr


def test_tags_move_and_go_by_key(seen: dict[str, Any]) -> None:
    assert seen["moved"] is True
    assert "# off: red hat," in seen["toggled"]
