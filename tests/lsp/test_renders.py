"""Renders started from the editor: another process, progress, cancellation, and the picture at the end."""

from __future__ import annotations

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
