"""Visual Studio Code itself with the packed extension: what a person sees, and what pressing something changes."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.editors.conftest import DOTPROMPT, PROMPT, ROOT, SERVER

pytestmark = [pytest.mark.editors, pytest.mark.timeout(1200)]  # a minute or two on a machine that does nothing else

EXTENSION = ROOT / "editors" / "vscode"
MODULES = EXTENSION / "running" / "node_modules"
SETTINGS = {
    "security.workspace.trust.enabled": False,
    "workbench.startupEditor": "none",
    "workbench.colorTheme": "Default Dark Modern",
    "telemetry.telemetryLevel": "off",
    "files.autoSave": "off",
    "editor.minimap.enabled": False,
    "editor.hover.above": False,
    "workbench.activityBar.location": "hidden",
    "promptlang.server.command": SERVER,
}
SHAPES = """\
# Clip skip against steps, and everything else locked.

/recipe #corner $prompt in the top left on a yellow background

/compare /parser:new /clipskip:1|4|10 /steps:4|20 /seed:5
/size:128x128 /guidance:4 /sampler:dpm2m <demo>
a small green triangle #corner

/render /parser:new /clipskip:1.9 a ((red:1.3):1.1) circle [blue]

/render /parser:neww a star <neon:0.7>
"""
FILES = {
    "cow.prompt": PROMPT.replace("#corner\n\n/render", "#corner [blurry]\n\n/render"),
    "shapes.prompt": SHAPES,
    "story.prompt": DOTPROMPT,
    "strengths.prompt": "/render /parser:new plain (weaker:0.5)(stronger:1.2)(strongest:1.9) [negative] #ff8800\n",
}


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> tuple[dict[str, Any], str]:
    """What the script saw, and what the editor's extension host logged meanwhile."""
    chromium = shutil.which("chromium") or shutil.which("google-chrome")
    if chromium is None:
        pytest.skip("needs Chromium")
    if not (MODULES / ".editor").is_file():
        pytest.skip("needs the editor that `make vscode-running` builds")
    subprocess.run(["make", "all"], cwd=EXTENSION, check=True, capture_output=True, timeout=280)
    home = tmp_path_factory.mktemp("vscode")
    return driven(home, chromium, os.environ.get("SCREENSHOT", str(home / "vscode.png")))


def driven(home: Path, chromium: str, screenshot: str) -> tuple[dict[str, Any], str]:
    project = home / "project"
    project.mkdir()
    (project / "promptlang.toml").write_text("", encoding="utf-8")
    for name, text in FILES.items():
        (project / name).write_text(text, encoding="utf-8")
    script = Path(__file__).with_name("vscode_running.mjs")
    with editor(home) as address:
        words = ["node", str(script), address, chromium, str(MODULES.parent), str(project), screenshot]
        ended = subprocess.run(words, capture_output=True, text=True, timeout=1100)
    assert ended.stdout, ended.stderr
    logs = sorted((home / "data" / "logs").rglob("*exthost.log"))
    return json.loads(ended.stdout), "".join(log.read_text(encoding="utf-8") for log in logs)


@contextmanager
def editor(home: Path) -> Iterator[str]:
    """The editor's server with nothing but our extension; gives its address."""
    (home / "data" / "User").mkdir(parents=True)
    (home / "data" / "User" / "settings.json").write_text(json.dumps(SETTINGS), encoding="utf-8")
    (home / "config.yaml").write_text("auth: none\nbind-addr: 127.0.0.1:0\n", encoding="utf-8")
    folders = {f"XDG_{name}_HOME": str(home / "home") for name in ("CONFIG", "DATA", "STATE", "CACHE")}
    environment = os.environ | folders
    command = [
        "node", str(MODULES / "code-server" / "out" / "node" / "entry.js"), "--config", str(home / "config.yaml"),
        "--user-data-dir", str(home / "data"), "--extensions-dir", str(home / "extensions"), "--disable-update-check",
    ]  # fmt: skip
    install = [*command, "--install-extension", str(EXTENSION / "promptlang.vsix")]
    subprocess.run(install, check=True, capture_output=True, env=environment, timeout=120)
    server = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env=environment)
    assert server.stdout is not None
    try:
        yield next(found[0] for line in server.stdout if (found := re.search(r"http://127\.0\.0\.1:\d+/", line)))
    finally:
        server.terminate()
        server.communicate(timeout=30)


@pytest.fixture(scope="module")
def seen(run: tuple[dict[str, Any], str]) -> dict[str, Any]:
    return run[0]


def test_everything_was_done_without_a_pop_up(seen: dict[str, Any]) -> None:
    assert "problem" not in seen, seen
    assert seen["errors"] == []
    assert seen["popups"] == []


def test_the_extension_logs_no_error(run: tuple[dict[str, Any], str]) -> None:
    assert "_doActivateExtension promptlang.promptlang" in run[1]
    assert "[promptlang.promptlang]" not in run[1]
    assert "promptlang.promptlang-" not in run[1], "a trace through the extension"


def test_mistakes_are_marked(seen: dict[str, Any]) -> None:
    told = "\n".join(seen["problems"])
    assert "parser has no value `neww`" in told
    assert "clip skip counts whole layers, so 1.9 acts as 1" in told
    assert "clipskip/fraction-ignored" in told


def test_lenses_and_hints_stand_in_the_text(seen: dict[str, Any]) -> None:
    assert [lens.split("\xa0|\xa0") for lens in seen["lenses"]] == [["▶ Render", "Show plan"]] * 2
    assert "/render /clipskip:1.9 = 1 /parser:new a  ((cow ×1.43:1.3):1.1)  #corner [blurry]" in seen["lines"]


def test_colours_come_from_the_grammar_and_from_the_server(seen: dict[str, Any]) -> None:
    heavy, negative, option = seen["inspected"]
    assert "modifiersstrongest" in heavy
    assert "font stylebold" in heavy
    assert "modifiersnegative" in negative
    assert "semantic token typeproperty" in option
    assert "textmate scopesvariable.parameter.option.promptlang" in option


def test_strengths_are_told_apart_and_can_be_read(seen: dict[str, Any]) -> None:
    for looks in seen["colours"].values():
        words = [looks[word] for word in ("plain", "weaker", "stronger", "strongest", "negative")]
        assert len({tuple(look[:3]) for look in words}) == len(words), looks
        assert all(look[3] >= 4.5 for look in words), looks
        assert looks["swatches"] == 0, "a recipe is no colour"


def test_hover_and_tokens(seen: dict[str, Any]) -> None:
    assert "Stop the text encoder early" in seen["hover"][0]
    assert seen["tokens"] == ["5/75 tokens"]


def test_a_quick_fix_mends_the_text(seen: dict[str, Any]) -> None:
    assert seen["fixes"][0] == "Write `new` (may change the picture)"
    assert "/render /parser:new a tree" in seen["fixed"]


def test_no_step_of_a_held_key_is_lost(seen: dict[str, Any]) -> None:
    assert "((cow:1.8):1.1)" in seen["heavier"]
    assert "((cow:1.7):1.1)" in seen["undone"]


def test_rename_and_format(seen: dict[str, Any]) -> None:
    assert "/recipe #edge " in seen["renamed"]
    assert "#edge [blurry]" in seen["renamed"]
    assert "/render /parser:new /clipskip:1.9 a" in seen["formatted"]


def test_completion(seen: dict[str, Any]) -> None:
    lists = seen["completion"]
    assert {"/render", "/recipe", "/remix"} <= set(lists["commands"])
    assert lists["options"] == ["/sampler"]
    assert "dpm2m" in lists["values"]
    assert "demo" in lists["concepts"]
    assert seen["completed"].endswith("/render /sampler:ddim <demo>")


def test_settings_count_at_once_and_raise_no_complaint(seen: dict[str, Any]) -> None:
    assert seen["quiet"] == []


def test_a_missing_server_is_told_of_once(seen: dict[str, Any]) -> None:
    (told,) = seen["missing"]
    assert "cannot start the language server `no-such-command`" in told[0]
    assert told[1:] == ["Copy the Install Command", "Open Settings", "Show the Log"]


def test_dotprompt_files_are_left_alone(seen: dict[str, Any]) -> None:
    assert seen["dotprompt"] == {"lenses": [], "completion": []}


def test_a_render_can_be_watched_and_its_picture_opens_beside(seen: dict[str, Any]) -> None:
    assert seen["rendering"] == ["Rendering: shapes.prompt"]
    assert seen["picture"] == "shapes-sheet-001.png"
    assert seen["drawn"] > 3 * 128
