"""The command: read what to start with, say where the page is, serve until Ctrl-C."""

from __future__ import annotations

import os
import secrets
import socket
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryDirectory

from promptlang.cli.arguments import FAILED, Argument, Command, Given, UsageError
from promptlang.cli.main import carry_out
from promptlang.cli.terminal import complain

PORT = 7465  # the same every time: a browser keeps drafts for an address with its port

COMMAND = Command(
    name="play",
    summary="Try prompts in a browser.",
    arguments=(
        Argument(names=("file",), value="FILE", help="A prompt to start with; the page never writes it."),
        Argument(
            names=("--port",),
            value="N",
            help=f"The port of the page; 0 is any free one. Default: {PORT}, or a free one where that is taken.",
        ),
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


def main(arguments: Sequence[str] | None = None) -> int:
    """Run `promptlang play` with the words after it; returns the exit code."""
    return carry_out(COMMAND, _play, arguments)


def _play(arguments: Given) -> int:
    from promptlang_play.site import Start, built, serve

    if not built():
        complain("the page of `promptlang play` is not built", "run `make play` in the source tree; it needs Node 20")
        return FAILED
    port = arguments.port("port") if arguments.text("port") else None
    with ExitStack() as stack:
        out = arguments.text("out")
        folder = Path(out) if out else Path(stack.enter_context(TemporaryDirectory(prefix="promptlang-play-")))
        start = Start(*_text(arguments.text("file")), folder.resolve(), secrets.token_urlsafe(16))
        return serve(start, _free(PORT) if port is None else port, browser=not arguments.flag("no-browser"))


def _free(port: int) -> int:
    """That port, or 0 where somebody listens there."""
    from promptlang_play.site import HOST

    with socket.socket() as tried:
        if os.name == "posix":  # elsewhere it would take a port from its owner
            tried.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            tried.bind((HOST, port))
        except OSError:
            return 0
    return port


def _text(name: str | None) -> tuple[Path, str]:
    """The file that the page shows, and its text; raises UsageError where it is not there, OSError where it cannot be
    read.
    """
    if name is None:
        from promptlang_play.examples import examples

        return Path.cwd() / "untitled.prompt", examples()[0].text
    from promptlang.files import read_text, reason

    path = Path(name).resolve()
    try:
        return path, read_text(path).source.text
    except FileNotFoundError as error:
        help = "write `promptlang play`, and save the text under that name on the page"
        raise UsageError(f"cannot read `{name}`: {reason(error)}", help) from error
