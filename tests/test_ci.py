"""What repositories with prompts are offered: hooks of pre-commit and an action of GitHub, run as they would be."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from shutil import which
from typing import Any

import pytest
import yaml

from tests.thorough import is_thorough

ROOT = Path(__file__).parents[1]
HOOKS = {each["id"]: each for each in yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text(encoding="utf-8"))}
ACTION = yaml.safe_load((ROOT / "action.yml").read_text(encoding="utf-8"))
INPUT = re.compile(r"\$\{\{ inputs\.([\w-]+) \}\}")
OUTPUT = re.compile(r"\$\{\{ steps\.check\.outputs\.(\w+) \}\}")

FLAWED = "/render   /parser:new /clipskip:2.9 /guidance:4 a cow\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with a flawed prompt, and the command on the path in `bin`."""
    (tmp_path / "bin").mkdir()
    command = tmp_path / "bin" / "promptlang"
    command.write_text(f'#!/bin/sh\nexec {sys.executable} -P -m promptlang "$@"\n')
    command.chmod(0o755)
    (tmp_path / "work" / "my prompts").mkdir(parents=True)
    (tmp_path / "work" / "a.prompt").write_text(FLAWED)
    return tmp_path


def run(folder: Path, **inputs: str) -> tuple[Mapping[str, int], str, Mapping[str, str]]:
    """Run the shell lines of the action with its defaults and these inputs: exit codes, output, and what is put out."""
    given = {name: row["default"] for name, row in ACTION["inputs"].items()} | inputs
    outputs = folder / "outputs"
    outputs.touch()
    codes: dict[str, int] = {}
    printed = ""
    for step in ACTION["runs"]["steps"]:
        if "run" not in step or step["name"] == "Install" or not is_wanted(step, given):
            continue
        env = {name: filled(value, given, outputs) for name, value in step.get("env", {}).items()}
        env |= {"RUNNER_TEMP": str(folder), "GITHUB_OUTPUT": str(outputs)}
        path = f"{folder / 'bin'}{os.pathsep}{os.environ['PATH']}"
        done = subprocess.run(
            ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", step["run"]],
            cwd=folder / "work", env={**os.environ, **env, "PATH": path}, capture_output=True, text=True, check=False,
        )  # fmt: skip
        codes[step["name"]] = done.returncode
        printed += done.stdout
        if done.returncode:
            break
    return codes, printed, put_out(outputs)


def put_out(file: Path) -> dict[str, str]:
    """What steps have put out so far."""
    return dict(line.split("=", 1) for line in file.read_text().splitlines())


def filled(value: str, given: Mapping[str, str], outputs: Path) -> str:
    """A value with the inputs and outputs that it names."""
    value = INPUT.sub(lambda found: given[found[1]], value)
    return OUTPUT.sub(lambda found: put_out(outputs)[found[1]], value)


def is_wanted(step: Mapping[str, Any], given: Mapping[str, str]) -> bool:
    """Whether the condition of a step holds."""
    asked = re.fullmatch(r"inputs\.([\w-]+) == '(\w+)'", step.get("if", ""))
    return asked is None or given[asked[1]] == asked[2]


@pytest.mark.skipif(which("bash") is None, reason="bash is not installed")
def test_the_action_tells_what_is_wrong(folder: Path) -> None:
    codes, printed, outputs = run(folder)
    assert codes == {"Check": 0, "Result": 1}
    assert "::warning title=promptlang (clipskip/fraction-ignored),file=a.prompt,line=1" in printed
    (result,) = json.loads(Path(outputs["sarif"]).read_text())["runs"][0]["results"]
    assert result["ruleId"] == "clipskip/fraction-ignored"
    assert result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] == "a.prompt"


@pytest.mark.skipif(which("bash") is None, reason="bash is not installed")
@pytest.mark.parametrize(
    ("inputs", "codes"),
    [
        ({"options": "--ignore clipskip"}, {"Check": 0, "Result": 0}),
        ({"options": "--ignore clipskip", "format": "true"}, {"Check": 0, "Format": 1}),
        ({"paths": "gone.prompt"}, {"Check": 2}),
        ({"paths": "a.prompt; touch hurt", "options": "$(touch hurt)"}, {"Check": 2}),
    ],
)
def test_the_action_does_what_it_is_told(folder: Path, inputs: dict[str, str], codes: dict[str, int]) -> None:
    assert run(folder, **inputs)[0] == codes
    assert not (folder / "work" / "hurt").exists()


def test_hooks_read_prompts_alone() -> None:
    assert {name: each["entry"] for name, each in HOOKS.items()} == {
        "promptlang-check": "promptlang check",
        "promptlang-fmt": "promptlang fmt",
    }
    found = [name for name, each in HOOKS.items() if re.search(each["files"], "prompts/promptlang.toml")]
    assert found == ["promptlang-check"]
    assert all(re.search(each["files"], "a/b.prompt") for each in HOOKS.values())
    assert not any(re.search(each["files"], "a/prompt.py") for each in HOOKS.values())


@pytest.mark.slow
def test_pre_commit_runs_the_hooks(tmp_path: Path) -> None:
    if not is_thorough():
        pytest.skip("builds an environment for the hooks: `make test-slow`")
    pytest.importorskip("pre_commit", reason="pre-commit is not installed")
    env = {**os.environ, "PRE_COMMIT_HOME": str(tmp_path / "home")}
    work = tmp_path / "work"
    work.mkdir()
    (work / "a.prompt").write_text(FLAWED)
    for words in (["init", "-q"], ["add", "a.prompt"]):
        subprocess.run(["git", *words], cwd=work, check=True, env=env)

    def tried(hook: str) -> subprocess.CompletedProcess[str]:
        words = [sys.executable, "-m", "pre_commit", "try-repo", str(ROOT), hook, "--all-files", "--color", "never"]
        return subprocess.run(words, cwd=work, env=env, capture_output=True, text=True, check=False)

    checked = tried("promptlang-check")
    assert checked.returncode == 1, checked.stdout + checked.stderr
    assert "warning[clipskip/fraction-ignored]" in checked.stdout
    formatted = tried("promptlang-fmt")
    assert "files were modified by this hook" in formatted.stdout
    assert (work / "a.prompt").read_text() == FLAWED.replace("   ", " ")
