"""The tools as the protocol describes them: what each takes, what it gives, and whether it changes anything."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated

from anyio import Lock
from mcp.server.mcpserver import MCPServer
from mcp.server.mcpserver.exceptions import ToolError
from mcp.types import CallToolResult, ImageContent, TextContent
from mcp_types import ToolAnnotations
from pydantic import Field

from promptlang.cli.arguments import UsageError
from promptlang.cli.help import command
from promptlang.cli.table import EXTRAS
from promptlang.version import VERSION
from promptlang_mcp import answers, drawing
from promptlang_mcp.answers import Answer, Checked, Compiled, Converted, Explained, Rules
from promptlang_mcp.drawing import Drawn
from promptlang_mcp.folder import page

INSTRUCTIONS = """\
promptlang compiles prompts for diffusion models. A statement such as
`/render /parser:new /steps:20 a (red:1.2) cow in a field [blurry]` names options, weighs words and puts what is not \
wanted in square brackets; `/compare /clipskip:1|2 a cow` draws a grid. Call `check` with a prompt before you hand it \
on: each finding says what to type instead, and `rule` explains it. `explain` says what every part will do, `compile` \
gives the plan, `convert` the same prompt for stable-diffusion-webui, ComfyUI, Compel, NovelAI or SwarmUI."""

Text = Annotated[str | None, Field(description="The prompt, or several statements, as they stand in a .prompt file.")]
Name = Annotated[str | None, Field(description="A file in the folder that is served, in place of a text.")]
Dialect = Annotated[str, Field(description="old, new, a1111, comfy, compel, novelai or swarm.")]
LOOKS = ToolAnnotations(read_only_hint=True, open_world_hint=False)
DRAWS = ToolAnnotations(read_only_hint=False, destructive_hint=False, open_world_hint=False)


def check(text: Text = None, path: Name = None) -> Annotated[CallToolResult, Checked]:
    return _answered(lambda: answers.check(page(text, path)))


def explain(
    text: Text = None,
    path: Name = None,
    parser: Annotated[str | None, Field(description="Read the text as a bare prompt of this dialect.")] = None,
) -> Annotated[CallToolResult, Explained]:
    return _answered(lambda: answers.explain(page(text, path), parser))


def compile(text: Text = None, path: Name = None) -> Annotated[CallToolResult, Compiled]:
    return _answered(lambda: answers.compile(page(text, path)))


def convert(
    target: Dialect,
    text: Text = None,
    path: Name = None,
    source: Annotated[str | None, Field(description="The dialect of a bare prompt; statements say theirs.")] = None,
    negative: Annotated[str | None, Field(description="The negative prompt that belongs to a bare prompt.")] = None,
    recompute: Annotated[bool, Field(description="Write the numbers that come nearest in the other program.")] = False,
) -> Annotated[CallToolResult, Converted]:
    return _answered(lambda: answers.convert(page(text, path), target, source, negative, recompute=recompute))


def rule(
    names: Annotated[list[str], Field(description="Rules such as `clipskip/high`, or subjects such as `clipskip`.")],
) -> Annotated[CallToolResult, Rules]:
    return _answered(lambda: answers.rule(names))


_ONE_AT_A_TIME = Lock()


async def render(
    text: Text = None,
    path: Name = None,
    out: Annotated[str, Field(description="Where pictures go: a folder in the one that is served.")] = "out",
    seed: Annotated[int | None, Field(description="The seed of every statement, whatever it says.")] = None,
) -> Annotated[CallToolResult, Drawn]:
    try:
        done = await drawing.render(page(text, path), out, seed, _ONE_AT_A_TIME)
    except (UsageError, OSError) as error:
        raise _refusal(error) from error
    content = [ImageContent(data=data, mime_type=kind) for data, kind in done.shown]
    words = TextContent(text=done.data["message"])
    return CallToolResult(content=[words, *content], structured_content=done.data, is_error=done.failed)


def server() -> MCPServer:
    """The server with a tool for each command, and without `render` where nothing here can draw."""
    made = MCPServer("promptlang", version=VERSION, instructions=INSTRUCTIONS, log_level="WARNING")
    for tool in (check, explain, compile, convert, rule):
        made.add_tool(tool, description=command(tool.__name__).summary, annotations=LOOKS)
    if drawing.can_render():
        made.add_tool(render, description=EXTRAS["render"][0], annotations=DRAWS)
    return made


def _answered(asked: Callable[[], Answer]) -> CallToolResult:
    try:
        found = asked()
    except (UsageError, OSError) as error:
        raise _refusal(error) from error
    return CallToolResult(content=[TextContent(text=found.text)], structured_content=found.data)


def _refusal(error: UsageError | OSError) -> ToolError:
    """Why a tool does nothing, and what to do instead."""
    help = error.help if isinstance(error, UsageError) else ""
    return ToolError(f"{error}: {help}" if help else str(error))
