"""What holds in a folder, and where it comes from."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.cli.conftest import Outcome

Run = Callable[..., Outcome]


@pytest.fixture
def project(folder: Path) -> Path:
    (folder / "promptlang.toml").write_text(
        'edition = "guide"\nout = "above"\n[limits]\nsteps = false\n[rules]\n"clipskip/high" = "off"\n'
    )
    below = folder / "below"
    below.mkdir()
    (below / "cow.prompt").write_text("a cow")
    (below / "promptlang.toml").write_text(
        'extend = "../promptlang.toml"\nout = "pictures"\n\n[options]\nsampler = "ddim"\n'
        '[concepts.names]\n"red barn" = { options = { guidance = 4 } }\n'
    )
    return folder


def test_every_key_with_its_file_and_line(run: Run, project: Path) -> None:
    outcome = run("config", "below/cow.prompt")
    assert (outcome.code, outcome.err) == (0, "")
    found = {line.split()[0]: " ".join(line.split()[1:]) for line in outcome.out.splitlines()[2:]}
    assert outcome.out.startswith("Project file  below/promptlang.toml\n\n")
    assert found["out"] == '"pictures" below/promptlang.toml:2'  # the nearest one wins
    assert found["edition"] == '"guide" promptlang.toml:1'
    assert found["options.sampler"] == '"ddim" below/promptlang.toml:5'
    assert found["limits.steps"] == "false promptlang.toml:4"
    assert found["limits.images"] == "1000 default"
    assert found["concept"] == '"demo" default'
    assert found["rules.clipskip/high"] == '"off" promptlang.toml:6'
    assert "concepts.names.red barn" in outcome.out


def test_as_plain_data(run: Run, project: Path) -> None:
    data = json.loads(run("config", "--json", "below").out)
    assert data["file"] == str(project / "below" / "promptlang.toml")
    assert {"key": "out", "value": '"pictures"', "file": "below/promptlang.toml", "line": 2} in data["settings"]
    assert {"key": "concept", "value": '"demo"', "file": None, "line": None} in data["settings"]


def test_no_project(run: Run) -> None:
    outcome = run("config")
    assert outcome.code == 0
    assert outcome.out.startswith("Project file  none here or above; promptlang init writes one\n")


def test_what_is_wrong_is_said(run: Run, folder: Path) -> None:
    (folder / "promptlang.toml").write_text('edition = "gude"\n')
    outcome = run("config")
    assert outcome.code == 1
    assert 'edition                   "beta-2023-06"  default' in outcome.out
    assert "error[config/bad-value]" in outcome.err
    assert run("config", "nowhere").err.startswith("error: `nowhere` does not exist")
