"""What is installed and found here."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import pytest

from promptlang.cli.commands import doctor
from tests.cli.conftest import Outcome
from tests.models.conftest import CHECKPOINTS, write_model

Run = Callable[..., Outcome]


def test_parts_devices_and_editors(run: Run) -> None:
    pytest.importorskip("torch")
    outcome = run("doctor")
    assert outcome.code == 0
    assert f"check, compile, explain: lark {version('lark')}" in outcome.out
    assert f"render: torch {version('torch')}" in outcome.out
    assert "\nDevices\n" in outcome.out
    assert "cpu: " in outcome.out
    assert "none here or above\n    `promptlang init` writes one" in outcome.out


def test_a_part_that_is_not_installed(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    def version_of(distribution: str) -> str:
        if distribution == "pygls":
            raise PackageNotFoundError
        return version(distribution)

    monkeypatch.setattr(doctor, "version", version_of)
    outcome = run("doctor")
    assert outcome.code == 0  # nothing is broken
    assert 'lsp: pygls not installed\n    run `pip install "promptlang-diffusion[lsp]"`' in outcome.out


def test_the_project_and_its_models(run: Run, folder: Path) -> None:
    (folder / "models").mkdir()
    (folder / "models" / "broken.safetensors").write_bytes(b"nothing")
    (folder / "promptlang.toml").write_text('[concepts]\nfolders = ["models"]\n[rules]\n"no/such" = "off"\n')
    outcome = run("doctor", "--json")
    found = {(each["subject"], each["text"]): each for each in json.loads(outcome.out)["findings"]}
    assert outcome.code == 1
    assert found["Project", "promptlang.toml, 1 finding"]["help"] == "`promptlang check promptlang.toml` shows them"
    broken = next(each for (subject, text), each in found.items() if subject == "Models" and "broken" in text)
    assert broken["broken"]


def test_models_are_counted(run: Run, folder: Path) -> None:
    (folder / "models").mkdir()
    for name in ("one", "two"):
        write_model(folder / "models" / f"{name}.safetensors", CHECKPOINTS["sd1"][1])
    (folder / "promptlang.toml").write_text('[concepts]\nfolders = ["models"]\n')
    assert "2 checkpoints: Stable Diffusion 1" in run("doctor").out


def test_without_torch(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "torch", None)
    outcome = run("doctor")
    assert outcome.code == 0
    assert "\nDevices\n" not in outcome.out
    assert "\nEditors\n" in outcome.out
