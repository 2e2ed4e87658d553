"""Renders started from the editor: another process, progress, cancellation, and the picture at the end."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from pathlib import Path

import pytest
from client import Client

CAPABILITIES = {"window": {"workDoneProgress": True, "showDocument": {"support": True}}}

RENDERER = """
import pathlib, sys, time
text = pathlib.Path(sys.argv[1]).read_text()
out = pathlib.Path(sys.argv[sys.argv.index("--out") + 1])
if "slow" in text:
    time.sleep(60)
if "broken" in text:
    sys.exit("error: no such model")
out.mkdir(exist_ok=True)
(out / "a-001.png").write_bytes(b"")
print(f" file   size\\n\\n out/a-001.png   128x128   {text.count('/set')}")
"""


@pytest.fixture
def renderer(server: Client, tmp_path: Path) -> tuple[Client, str]:
    script = tmp_path / "renderer.py"
    script.write_text(RENDERER)
    options = {"render": {"command": [sys.executable, str(script)]}}
    server.initialize(CAPABILITIES, tmp_path, options)
    uri = server.open("/set /steps:3\n/render a cow\n/render slow\n/render broken\n", (tmp_path / "a.prompt").as_uri())
    return server, uri


def run(client: Client, uri: str, line: int) -> None:
    params = {"command": "promptlang.render", "arguments": [uri, line]}
    assert client.request("workspace/executeCommand", params) is True


def ended(value: object) -> bool:
    return isinstance(value, dict) and value["value"]["kind"] == "end" and "value" in value


def test_the_picture_is_shown(renderer: tuple[Client, str], tmp_path: Path) -> None:
    client, uri = renderer
    run(client, uri, 1)
    params = client.notification("promptlang/rendered")
    picture = (tmp_path / "out" / "a-001.png").as_uri()
    assert params == {"uri": uri, "pictures": [picture]}
    client.request("workspace/symbol", {"query": "none"})
    shown = [each["params"]["uri"] for each in client.seen if each.get("method") == "window/showDocument"]
    assert shown == [picture]
    assert picture in client.at("hover", uri, 1, 2)["contents"]["value"]


def test_a_render_can_be_cancelled(renderer: tuple[Client, str]) -> None:
    client, uri = renderer
    began = time.monotonic()
    run(client, uri, 2)
    answer = client.answer(
        client.ask("workspace/executeCommand", {"command": "promptlang.render", "arguments": [uri, 1]})
    )
    assert "a render is running" in answer["error"]["message"]
    token = next(
        each["params"]["token"]
        for each in client.seen
        if each.get("method") == "$/progress" and each["params"]["value"].get("title") == "Rendering"
    )
    client.notify("window/workDoneProgress/cancel", {"token": token})
    client.notification("$/progress", lambda params: params["token"] == token and params["value"]["kind"] == "end")
    assert time.monotonic() - began < 20


def test_a_failure_is_told_once(renderer: tuple[Client, str]) -> None:
    client, uri = renderer
    run(client, uri, 3)
    assert client.notification("window/showMessage")["message"] == "render: error: no such model"


def test_a_renderer_that_cannot_be_started_is_named(server: Client, tmp_path: Path) -> None:
    server.initialize(CAPABILITIES, tmp_path, {"render": {"command": ["no-such-renderer"]}})
    for folder, missing in ((tmp_path, "no-such-renderer"), (tmp_path / "none", tmp_path / "none")):
        uri = server.open("/render a cow", (folder / "a.prompt").as_uri())
        answer = server.answer(
            server.ask("workspace/executeCommand", {"command": "promptlang.render", "arguments": [uri, 0]})
        )
        assert answer["error"]["message"] == f"cannot start the renderer: no such file or directory: `{missing}`"


def test_only_what_is_drawn_is_progress(renderer: tuple[Client, str]) -> None:
    client, uri = renderer
    run(client, uri, 1)
    client.notification("promptlang/rendered")
    told = [each["params"]["value"].get("message") for each in client.seen if each.get("method") == "$/progress"]
    assert [message for message in told if (message and "prompt" in message) or "png" in str(message)] == [
        "a.prompt",
        "a-001.png",
    ]


def test_the_end_of_the_session_ends_the_render(renderer: tuple[Client, str]) -> None:
    client, uri = renderer
    run(client, uri, 2)
    began = time.monotonic()
    assert client.close() == 0
    assert time.monotonic() - began < 10


def test_plans_are_shown(renderer: tuple[Client, str]) -> None:
    client, uri = renderer
    text = client.request("workspace/executeCommand", {"command": "promptlang.showPlan", "arguments": [uri, 1]})
    assert '"steps": 3' in text


def test_a_statement_without_a_plan_is_refused(renderer: tuple[Client, str]) -> None:
    client, uri = renderer
    refused = {"command": "promptlang.showPlan", "arguments": [uri, 0]}
    answer = client.answer(client.ask("workspace/executeCommand", refused))
    assert answer["error"]["message"].startswith("no plan")


MARKING = "import pathlib\npathlib.Path(__file__).with_name('mark').touch()\nraise SystemExit(3)\n"


@pytest.fixture
def hostile(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder whose modules leave a mark when anybody imports them, and an import path with holes in it."""
    for name in ("promptlang", "torch", "rich"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "__init__.py").write_text(MARKING.replace("with_name", "parent.with_name"))
    for name in ("lark.py", "json.py", "sitecustomize.py", "usercustomize.py"):
        (tmp_path / name).write_text(MARKING)
    (tmp_path / "a.prompt").write_text("/render /clipskip:99 /parser:new a cow\n")
    return tmp_path


@pytest.mark.parametrize("path", [None, "", ".", ":", "..:."])
def test_no_module_of_a_workspace_is_imported(hostile: Path, path: str | None, monkeypatch: pytest.MonkeyPatch) -> None:
    from promptlang_lsp.protocol.processes import RENDER, environment

    if path is None:
        monkeypatch.delenv("PYTHONPATH", raising=False)
    else:
        monkeypatch.setenv("PYTHONPATH", path)
    done = subprocess.run(
        [*RENDER, "a.prompt"], cwd=hostile, env=environment(), capture_output=True, text=True, timeout=100
    )
    assert (done.returncode, (hostile / "mark").exists()) == (1, False), done.stderr
    assert "clipskip/out-of-range" in done.stdout + done.stderr


def test_the_server_renders_a_hostile_folder(hostile: Path) -> None:
    """Asked by the editor, without a command of its own."""
    client = Client()
    try:
        client.initialize(CAPABILITIES, hostile)
        run(client, client.open("/render /clipskip:99 /parser:new a cow\n", (hostile / "a.prompt").as_uri()), 0)
        message = client.notification("window/showMessage")
        assert "render: error[clipskip/out-of-range]" in message["message"]
        assert not (hostile / "mark").exists()
    finally:
        client.close()


def test_the_page_renders_a_hostile_folder(hostile: Path) -> None:
    from promptlang_play.pictures import Pictures
    from promptlang_play.renders import _render

    said: list[dict[str, object]] = []

    class Connection:
        def send(self, text: str) -> None:
            said.append(json.loads(text))

        def recv(self, timeout: float) -> str:
            time.sleep(timeout)
            raise TimeoutError

    _render(hostile / "a.prompt", Pictures(hostile / "out"), Connection(), "/render /clipskip:99 /parser:new a cow\n")
    assert said[-1]["code"] == 1
    assert "clipskip/out-of-range" in str(said[-1]["message"])
    assert not (hostile / "mark").exists()
