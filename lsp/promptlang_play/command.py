"""The command: read what to start with, say where the page is, serve until Ctrl-C."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryDirectory

from promptlang.cli.arguments import FAILED, Argument, Command, Given
from promptlang.cli.main import carry_out
from promptlang.cli.terminal import complain

COMMAND = Command(
    name="play",
    summary="Try prompts in a browser.",
    arguments=(
        Argument(names=("file",), value="FILE", help="A prompt to start with; the page never writes it."),
        Argument(names=("--port",), value="N", default="0", help="The port of the page; 0 is any free one."),
        Argument(
            names=("--out", "-o"), value="DIR", help="Where pictures go. Default: a folder that is removed at the end."
        ),
        Argument(names=("--no-browser",), help="Print the address only."),
    ),
    details=(
        "The page is for this computer: it listens on 127.0.0.1, and its address holds a word that is new every time.",
    ),
    examples=("promptlang play", "promptlang play cow.prompt --out out"),
)

FIRST_TEXT = """\
# Ctrl+Space completes, Ctrl+Up and Ctrl+Down weigh words.

/render /parser:new /seed:7 a (red:1.2) circle on a white background [blue]

/compare /parser:new /clipskip:1|4|8|12 /seed:5 /guidance:4 /sampler:dpm2m <demo>
a small green triangle in the top left on a yellow background
"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run `promptlang play` with the words after it; returns the exit code."""
    return carry_out(COMMAND, _play, arguments)


def _play(arguments: Given) -> int:
    from promptlang_play.site import Start, built, serve

    if not built():
        complain("the page of `promptlang play` is not built", "run `make play` in the source tree; it needs Node 20")
        return FAILED
    port = arguments.port("port")
    with ExitStack() as stack:
        out = arguments.text("out")
        folder = Path(out) if out else Path(stack.enter_context(TemporaryDirectory(prefix="promptlang-play-")))
        start = Start(*_text(arguments.text("file")), folder.resolve(), secrets.token_urlsafe(16))
        return serve(start, port, browser=not arguments.flag("no-browser"))


def _text(name: str | None) -> tuple[Path, str]:
    """The file that the page shows, and its text; raises OSError where it cannot be read."""
    if name is None:
        return Path.cwd() / "untitled.prompt", FIRST_TEXT
    from promptlang.files import read_text

    path = Path(name).resolve()
    return path, read_text(path).source.text
