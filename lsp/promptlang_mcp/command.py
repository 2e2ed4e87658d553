"""The command: `promptlang mcp` serves one program over standard input and output, until that closes them."""

from __future__ import annotations

import os
from collections.abc import Sequence

from promptlang.cli.arguments import CLEAN, Argument, Command, Given, UsageError
from promptlang.cli.main import carry_out

COMMAND = Command(
    name="mcp",
    summary="Offer the commands as tools over the Model Context Protocol.",
    arguments=(
        Argument(names=("folder",), value="DIR", help="The folder whose files may be named. Default: this folder."),
    ),
    details=(
        "The tools are `check`, `explain`, `compile`, `convert`, `rule` and, where the runtime is installed, `render`. "
        "They read and write files of the folder alone, beside the project file above it and what that names, and "
        "download nothing. `docs/mcp.md` shows how programs are told of it.",
    ),
    examples=("promptlang mcp", "promptlang mcp ~/prompts"),
)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run `promptlang mcp` with the words after it; returns the exit code."""
    return carry_out(COMMAND, _serve, arguments)


def _serve(arguments: Given) -> int:
    from promptlang_mcp.server import server

    folder = arguments.text("folder") or os.curdir
    if not os.path.isdir(folder):
        raise UsageError(f"`{folder}` is no folder", "name the folder that your prompts lie in")
    os.chdir(folder)  # findings name files as they are called from there
    server().run()
    return CLEAN
