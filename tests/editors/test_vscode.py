"""The VS Code extension says what the server and the tables say; its grammar colours what its cases expect."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import tomllib
from typing import Any

import pytest

from promptlang.checks.checking import check
from promptlang.diagnostics import Severity
from promptlang.version import VERSION
from promptlang_lsp.protocol.configuration import settings_rows
from promptlang_lsp.protocol.legend import COMMANDS, MODIFIERS
from tests.editors.conftest import ROOT

EXTENSION = ROOT / "editors" / "vscode"
PACKAGE: dict[str, Any] = json.loads((EXTENSION / "package.json").read_text(encoding="utf-8"))
CONTRIBUTES = PACKAGE["contributes"]
OURS = ("promptlang.server.", "promptlang.status.", "promptlang.trace.")
STANDARD_MODIFIERS = {"definition", "deprecated"}


def test_every_setting_of_the_server_can_be_set_and_has_its_default() -> None:
    offered = {
        name: row["default"]
        for name, row in CONTRIBUTES["configuration"]["properties"].items()
        if not name.startswith(OURS)
    }
    assert offered == {name: list(value) if isinstance(value, tuple) else value for name, value in settings_rows()}


def test_the_commands_at_the_cursor_are_commands_of_the_server() -> None:
    here = [row["command"] for row in CONTRIBUTES["commands"] if ".here." in row["command"]]
    assert here
    assert {name.replace(".here.", ".") for name in here} <= set(COMMANDS)


def test_every_strength_of_a_word_has_a_name() -> None:
    named = {row["id"] for row in CONTRIBUTES["semanticTokenModifiers"]}
    assert named == set(MODIFIERS) - STANDARD_MODIFIERS


def test_the_version_is_that_of_the_compiler() -> None:
    assert PACKAGE["version"] == VERSION


def test_every_file_that_the_extension_names_is_there() -> None:
    text = json.dumps(PACKAGE)
    named = re.findall(
        r'"(?:\./)?((?:images|syntaxes|snippets|walkthrough)/[\w.-]+|language-configuration\.json)"', text
    )
    assert len(named) >= 6
    assert [name for name in named if not (EXTENSION / name).is_file()] == []


def test_the_walkthrough_names_commands_that_are_there_and_prompts_that_read() -> None:
    (walkthrough,) = CONTRIBUTES["walkthroughs"]
    commands = {row["command"] for row in CONTRIBUTES["commands"]}
    told = json.dumps(walkthrough)
    assert set(re.findall(r"(?:onCommand|command):(promptlang\.[\w.]+)", told)) <= commands
    assert set(re.findall(r"onSettingChanged:([\w.]+)", told)) <= set(CONTRIBUTES["configuration"]["properties"])
    for step in walkthrough["steps"]:
        text = (EXTENSION / step["media"]["markdown"]).read_text(encoding="utf-8")
        for block in re.findall(r"```\n(/.*?)```", text, re.DOTALL):
            assert not [each for each in check(block) if each.severity is Severity.ERROR]
        for block in re.findall(r"```toml\n(.*?)```", text, re.DOTALL):
            assert tomllib.loads(block)


def test_words_include_hyphens_options_and_recipes() -> None:
    settings = json.loads((EXTENSION / "language-configuration.json").read_text(encoding="utf-8"))
    pattern = settings["wordPattern"]["pattern"].replace(r"\p{L}\p{N}", r"\w")
    assert re.findall(pattern, "/clipskip a long-haired #corner") == ["/clipskip", "a", "long-haired", "#corner"]


@pytest.mark.editors
def test_types_and_scopes() -> None:
    _make("test")


@pytest.mark.editors
def test_the_package_is_built() -> None:
    _make("all")
    assert (EXTENSION / "promptlang.vsix").stat().st_size > 50_000


def _make(target: str) -> None:
    if shutil.which("npm") is None:
        pytest.skip("npm is not installed")
    run = subprocess.run(["make", target], cwd=EXTENSION, capture_output=True, text=True, timeout=280)
    assert run.returncode == 0, run.stdout + run.stderr
