"""`render --server`: another program draws, which is asked what it is and told before what it cannot be told."""

from __future__ import annotations

import os
from dataclasses import replace

from promptlang.cli.arguments import Argument, Given, UsageError
from promptlang.cli.terminal import warn
from promptlang.sentences import few
from promptlang_runtime.command.run import Run
from promptlang_runtime.errors import RenderError
from promptlang_runtime.planning.jobs import Job
from promptlang_runtime.servers.calling import TOKEN
from promptlang_runtime.servers.kinds import KINDS, ROWS
from promptlang_runtime.servers.server import Server, server_at

SERVER = (
    Argument(names=("--server",), value="URL", help="Draw through the server of another program; see below."),
    Argument(names=("--server-kind",), value="KIND", choices=tuple(KINDS), help="What it is. Default: it is asked."),
    Argument(names=("--server-model",), value="NAME", help="Draw everything with that model of the server."),
)
DETAIL = (
    f"A server is {'; '.join(f'`{each.name}`, {each.docs}' for each in ROWS)}. What it cannot be told is said before "
    f"anything is sent. A token for it stands in {TOKEN}, a name and a password as `NAME:PASSWORD`. docs/servers.md "
    "tells more."
)
_OTHERS = {"jobs": "", "ray": "", "dtype": "", "download": "", "device": "auto", "memory": "auto"}
"""Options that say how this machine draws, and what they say where nobody writes them."""


def server_of(arguments: Given) -> Server | None:
    """The server that is to draw, if one is; raises UsageError, and RenderError where it is none."""
    url = arguments.text("server")
    if url is None:
        for name in ("server-kind", "server-model"):
            if arguments.flag(name):
                raise UsageError(f"`--{name}` says something about a server, and none is named", "add `--server URL`")
        return None
    for name, usual in _OTHERS.items():
        if arguments.flag(name) and (not usual or arguments.text(name) != usual):
            message = f"`--server` and `--{name}` exclude each other: how a server draws is its own matter"
            raise UsageError(message, "leave one of them out")
    kind, model = arguments.text("server-kind") or "", arguments.text("server-model") or ""
    if model and kind == "promptlang":
        raise UsageError("`promptlang serve` is sent statements, which name their models", "leave out `--server-model`")
    server = server_at(url, token=os.environ.get(TOKEN, ""), kind=kind, model=model)
    if server.caller.address.is_in_clear:
        warn(f"the token goes to `{server.caller.address.url}` in the clear; an address with `https:` hides it")
    return server


def sent(job: Job, run: Run) -> Job:
    """The job as a server draws it, if one does; what that is not told is said, or why it does not draw it."""
    if run.server is None:
        return job
    try:
        elsewhere = run.server.told(job.plan)
    except RenderError as error:
        run.refusals[job.key] = error
        return job
    for remark in elsewhere.unsaid:
        run.unsaid.setdefault(remark, []).append(job.shown)
    return replace(job, elsewhere=elsewhere)


def say_unsaid(run: Run) -> None:
    """Say what the server is not told, once for all statements that it is true of."""
    for remark, places in run.unsaid.items():
        warn(f"{few([*dict.fromkeys(places)], 1)}: {remark}")
    run.unsaid.clear()
