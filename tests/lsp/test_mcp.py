"""`promptlang mcp` as a program sees it that speaks the protocol: the SDK's own client, over a pipe."""

from __future__ import annotations

import asyncio
import base64
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("mcp", reason="the extra `mcp` is not installed")

from mcp import Client, StdioServerParameters
from mcp.types import CallToolResult, TextContent

from promptlang_lsp.protocol.processes import environment
from tests.thorough import is_thorough

FAULTY = "/render /parser:new /clipskip:2.9 /guidance:4 a cow"
CALLS: Mapping[str, tuple[str, Mapping[str, object]]] = {
    "check": ("check", {"text": FAULTY}),
    "file": ("check", {"path": "cow.prompt"}),
    "clean": ("check", {"text": "/render /parser:new a cow"}),
    "fix": ("check", {"text": "/render /parser:new /clip_skip:2 a cow"}),
    "project": ("check", {"path": "wrong/cow.prompt"}),
    "explain": ("explain", {"text": "a (cow:1.2)", "parser": "ComfyUI"}),
    "statement": ("explain", {"text": "/render /parser:new a (cow:1.2)"}),
    "compile": ("compile", {"text": "/compare /parser:new /steps:1..30 /seed:5 /guidance:4 /sampler:dpm2m a cow"}),
    "convert": ("convert", {"text": "a ((red:1.3) hat) BREAK hill", "source": "a1111", "target": "comfy"}),
    "rewrite": ("convert", {"path": "cow.prompt", "target": "comfy"}),
    "rule": ("rule", {"names": ["clipskip/fraction-ignored"]}),
    "no rule": ("rule", {"names": ["clipskip/fraction-ignore"]}),
    "no dialect": ("convert", {"text": "a cow", "target": "klingon"}),
    "outside": ("check", {"path": "../secret.prompt"}),
    "link": ("check", {"path": "link.prompt"}),
    "absolute": ("check", {"path": "/etc/passwd"}),
    "zero": ("check", {"path": "a\0b"}),
    "neither": ("check", {}),
    "picture": ("check", {"path": "cow.png"}),
    "gone": ("check", {"path": "hen.prompt"}),
    "deep": ("explain", {"text": "/render /parser:new " + "(" * 3000 + "cow" + ")" * 3000}),
    "out": ("render", {"text": "a cow", "out": "../pictures"}),
    "over": ("render", {"text": "/remix /image:secret.png a cow"}),
}


@dataclass(frozen=True)
class Session:
    """What one session with the server said."""

    tools: Mapping[str, Any]
    answers: Mapping[str, CallToolResult]

    def text(self, call: str) -> str:
        """The text of an answer."""
        return "\n".join(each.text for each in self.answers[call].content if isinstance(each, TextContent))

    def data(self, call: str) -> Any:
        """The data of an answer that is no complaint."""
        assert not self.answers[call].is_error, self.text(call)
        return self.answers[call].structured_content

    def refusal(self, call: str) -> str:
        """Why a call was refused."""
        assert self.answers[call].is_error
        return self.text(call)


@pytest.fixture(scope="session")
def said(tmp_path_factory: pytest.TempPathFactory) -> Session:
    above = tmp_path_factory.mktemp("mcp")
    folder = above / "prompts"
    (folder / "wrong").mkdir(parents=True)
    (above / "secret.prompt").write_text("/render a secret\n")
    (above / "promptlang.toml").write_text("")
    (above / "secret.png").write_bytes(b"")
    (folder / "cow.prompt").write_text(f"{FAULTY}\n")
    (folder / "cow.png").write_bytes(b"\x89PNG\r\n\x1a\n")
    (folder / "link.prompt").symlink_to(above / "secret.prompt")
    (folder / "wrong" / "cow.prompt").write_text("a cow\n")
    (folder / "wrong" / "promptlang.toml").write_text("editoin = 1\n")
    return asyncio.run(session(folder, CALLS))


async def session(folder: Path, calls: Mapping[str, tuple[str, Mapping[str, object]]]) -> Session:
    """Ask everything in one session."""
    start = StdioServerParameters(
        command=sys.executable,
        args=["-m", "promptlang", "mcp", str(folder)],
        env=environment(),
        cwd=Path(__file__).parent,
    )
    async with Client(start, read_timeout_seconds=120) as client:
        tools = {each.name: each for each in (await client.list_tools()).tools}
        asked = {name: call for name, call in calls.items() if call[0] in tools}
        answers = {name: await client.call_tool(tool, dict(words)) for name, (tool, words) in asked.items()}
    return Session(tools, answers)


def test_tools_are_described(said: Session) -> None:
    assert set(said.tools) - {"render"} == {"check", "explain", "compile", "convert", "rule"}
    assert said.tools["check"].description == "Find mistakes in prompts."
    assert all(each.output_schema["type"] == "object" for each in said.tools.values())
    assert all(each.annotations.read_only_hint for name, each in said.tools.items() if name != "render")


def test_findings_are_text_and_data(said: Session) -> None:
    (found,) = said.data("check")["diagnostics"]
    assert (found["code"], found["location"]) == ("clipskip/fraction-ignored", {"row": 1, "column": 31})
    assert "= help: write `2`, or `3`" in said.text("check")
    assert said.data("check")["warnings"] == 1
    assert said.data("file")["diagnostics"] == [{**found, "filename": "cow.prompt"}]
    assert said.text("clean") == "no findings"
    assert said.data("fix")["fixed"] == "/render /parser:new /clipskip:2 a cow"
    assert said.data("project")["diagnostics"][0]["filename"] == "wrong/promptlang.toml"


def test_prompts_are_explained_and_compiled(said: Session) -> None:
    assert said.data("explain")["explanations"][0]["weights"] == [["a ", 1.0], ["cow", 1.2]]
    assert said.data("statement")["explanations"][0]["command"] == "render"
    assert "weights" in said.text("statement")
    compiled = said.data("compile")
    assert (len(compiled["plans"]), compiled["count"], compiled["images"]) == (20, 30, 30)
    assert said.text("compile").endswith("The first 20 of 30 plans are shown.")


def test_prompts_are_converted(said: Session) -> None:
    assert said.data("convert")["text"] == "a (red:1.43) (hat:1.1) hill"
    assert [each["part"] for each in said.data("convert")["losses"]] == [" BREAK "]
    assert said.data("rewrite")["text"].startswith("/render /parser:comfy")


def test_rules_are_explained(said: Session) -> None:
    assert said.data("rule")["rules"][0]["severity"] == "warning"
    assert "Silence it" in said.text("rule")
    assert "write `clipskip/fraction-ignored`" in said.refusal("no rule")
    assert "a1111" in said.refusal("no dialect")


@pytest.mark.parametrize("call", ["outside", "link", "absolute"])
def test_files_outside_stay_unread(said: Session, call: str) -> None:
    assert "lies outside the folder that is served" in said.refusal(call)


def test_what_cannot_be_read_is_said(said: Session) -> None:
    assert "is no path" in said.refusal("zero")
    assert "one of `text` and `path` is needed" in said.refusal("neither")
    assert "is a PNG picture, not a prompt" in said.refusal("picture")
    assert "no such file" in said.refusal("gone")
    assert said.data("deep")["statements"] == 1


def test_renders_stay_inside(said: Session) -> None:
    if "render" not in said.tools:
        pytest.skip("nothing here can draw")
    assert "lies outside" in said.refusal("out")
    assert "lies outside" in said.refusal("over")


@pytest.mark.slow
def test_pictures_are_drawn(tmp_path: Path) -> None:
    if not is_thorough():
        pytest.skip("draws with the bundled model: `make test-slow`")
    pytest.importorskip("torch")
    (tmp_path / "cow.prompt").write_text(
        "/compare /parser:new /steps:1|2 /seed:5 /guidance:4 /sampler:dpm2m <demo> a red circle\n"
    )
    calls = {
        "one": ("render", {"text": "/render /parser:new /steps:1 <demo> a red circle", "seed": 7, "out": "new/ones"}),
        "two": ("render", {"path": "cow.prompt"}),
        "small": ("render", {"text": "/render /parser:new /steps:1 /format:webp <demo> a red circle"}),
        "none": ("render", {"text": "/render /no a cow"}),
    }
    drawn = asyncio.run(session(tmp_path, calls))
    (one,) = drawn.data("one")["pictures"]
    assert one.startswith("new/ones/")
    assert (tmp_path / one).read_bytes() == base64.b64decode(drawn.answers["one"].content[1].data)
    assert len(drawn.data("two")["pictures"]) == 3  # and the grid
    assert [Path(each).suffix for each in drawn.data("small")["pictures"]] == [".webp"]
    assert drawn.answers["small"].content[1].mime_type == "image/webp"
    assert "error" in drawn.refusal("none")
