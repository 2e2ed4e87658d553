"""Show plan: in words, and the data behind them."""

from __future__ import annotations

from pathlib import Path

from client import Client

from promptlang_lsp.protocol.boundary import path_of


def test_a_plan_is_shown_in_words_with_its_data_behind(server: Client, tmp_path: Path) -> None:
    server.initialize({"window": {"showDocument": {"support": True}}}, tmp_path)
    uri = server.open("/set /steps:3\n/recipe #q $prompt hay\n/render #q a cow\n", (tmp_path / "a.prompt").as_uri())
    data = server.request("workspace/executeCommand", {"command": "promptlang.showPlan", "arguments": [uri, 2]})
    (shown,) = [each["params"] for each in server.seen if each.get("method") == "window/showDocument"]
    words = path_of(shown["uri"])
    assert words is not None
    assert words.name == "plan.txt"
    lines = words.read_text(encoding="utf-8").splitlines()
    said = [line.strip("│╭╮─ ") for line in lines]
    assert "“a cow hay”" in said
    assert any(line.split()[:2] == ["/steps", "3"] for line in said), lines
    behind = path_of(lines[-1].removeprefix("As JSON: "))
    assert behind is not None
    assert behind.read_text(encoding="utf-8") == data
