"""`promptlang serve`: reads what is served to whom, and serves it until it is told to stop."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from dataclasses import fields
from pathlib import Path

from promptlang.cli.arguments import CLEAN, Argument, Command, Given, UsageError
from promptlang.cli.findings.output import print_reports
from promptlang.cli.inputs import CONFIG, projects
from promptlang.cli.main import carry_out
from promptlang.meaning.project import Project
from promptlang_runtime.command.settings import DEVICE, DTYPE, memory, processes, settings_of
from promptlang_serve.limits import Limits

TOKEN = "PROMPTLANG_TOKEN"
_SHORTEST = 16  # characters of a token

_LIMITS = tuple(
    Argument(
        names=(f"--max-{each.name}",),
        value=each.metadata["value"],
        help=each.metadata["docs"],
        default=str(each.default),
    )
    for each in fields(Limits)
)

COMMAND = Command(
    name="serve",
    summary="Draw for other programs, over HTTP.",
    arguments=(
        Argument(names=("--host",), value="NAME", default="127.0.0.1", help="Where to listen."),
        Argument(names=("--port",), value="N", default="7860", help="The port; 0 is any free one."),
        Argument(
            names=("--token",),
            value="WORD",
            help=f"What clients must send; else that of {TOKEN}. Needed where others than this computer reach it.",
        ),
        Argument(
            names=("--cors",), value="ORIGIN", many=True, help="A site whose pages may ask, such as https://a.org."
        ),
        *_LIMITS,
        Argument(
            names=("--workers",), value="N", help="Draw in so many processes; auto is one for each device. Default: 1."
        ),
        DEVICE,
        DTYPE,
        memory("How memory is spared, as with `render`."),
        *CONFIG,
    ),
    details=(
        "Speaks with clients of OpenAI's images (`/v1/images/generations`, `/v1/images/edits`, `/v1/models`), with "
        "those of stable-diffusion-webui (`/sdapi/v1/txt2img` and what goes with it), and says for itself what "
        "`check`, `compile` and `render` say (`/v1/check`, `/v1/compile`, `/v1/render`). `/openapi.json` lists "
        "every path and field; docs/serve.md tells more.",
        "The project is that of this folder. A prompt names no file outside of it, and nothing is written but the "
        "answers. Requests that can be drawn together are. A model is opened for the first picture, "
        "with `--workers` by each process for itself.",
        "SIGTERM and Ctrl-C end it when what was accepted is drawn; a second Ctrl-C ends it at once.",
    ),
    examples=("promptlang serve", "promptlang serve --port 8000 --max-images 4"),
)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run `promptlang serve` with the words after it; returns the exit code."""
    return carry_out(COMMAND, _serve, arguments)


def _serve(arguments: Given) -> int:
    from promptlang_serve.serving import Address, serve

    host, token = arguments.text("host") or "", arguments.text("token") or os.environ.get(TOKEN)
    address = Address(host=host, port=arguments.port("port"), token=_fit(token, host), origins=arguments.texts("cors"))
    _find_device(arguments.text("device") or "auto")
    limits = Limits(**{each.name: arguments.number(f"max-{each.name}") or 0 for each in fields(Limits)})
    serve(address, _project(arguments), limits, settings_of(arguments), processes(arguments, "workers"))
    return CLEAN


def _find_device(name: str) -> None:
    """Raises UsageError where there is no such device. To see that loads torch, but for those that are always there."""
    if name in ("auto", "cpu"):
        return
    from promptlang_runtime.errors import RenderError
    from promptlang_runtime.executors.here import kind_of

    try:
        kind_of(name)
    except RenderError as error:
        raise UsageError(error.message, error.help) from None


def _fit(token: str | None, host: str) -> str | None:
    """The token, if it is one; raises UsageError where one is needed."""
    from promptlang_serve.guard import is_loopback

    if not token:
        if is_loopback(host):
            return None
        raise UsageError(f"whoever reaches `{host}` could draw here", f"add `--token`, or write it into {TOKEN}")
    if len(token) < _SHORTEST or not (token.isascii() and token.isprintable()) or " " in token:
        raise UsageError(f"a token must have {_SHORTEST} characters or more, of ASCII and no blanks")
    return token


def _project(arguments: Given) -> Project:
    """The project of this folder; what is found in its file is printed."""
    known = projects(arguments)
    project = known.of(Path("served.prompt")) or Project()
    print_reports(arguments, known.reports, sys.stderr)
    return project
