"""Renders for the page: each a process of its own, told of picture by picture, ended when the page wants it to."""

from __future__ import annotations

import json
from itertools import accumulate
from pathlib import Path
from subprocess import DEVNULL, STDOUT, Popen
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from promptlang import compile, parse
from promptlang.cli.inputs import Projects
from promptlang.syntax.nodes import Statement
from promptlang.tables.commands import command
from promptlang_lsp.protocol.processes import RENDER, environment
from promptlang_play.pictures import Pictures

if TYPE_CHECKING:
    from websockets.sync.server import ServerConnection

LOOK = 0.2  # seconds between two looks at the output folder
LONGEST_MESSAGE = 4000


def follow(file: Path, pictures: Pictures, connection: ServerConnection) -> None:
    """Render what the page asks for, one at a time: `{"text", "line"}` begins, any other message ends the render."""
    from websockets.exceptions import ConnectionClosed

    try:
        for message in connection:
            order = _order(message)
            if order is not None:
                _render(file, pictures, connection, alone(*order))
    except ConnectionClosed:
        return


def _order(message: str | bytes) -> tuple[str, int] | None:
    """The text and the line of a request, None where the message is none."""
    try:
        order = json.loads(message)
    except ValueError:
        return None
    match order:
        case {"text": str(text), "line": int(line)}:
            return text, line
        case _:
            return None


def alone(text: str, line: int) -> str:
    """The statement at a line (from 0) with the declarations it depends on: `/set` above it, and every recipe.

    Where the line draws nothing (a comment, a declaration), it is the next statement that does.
    """
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    text, end = "\n".join(lines), len("\n".join(lines[: line + 1]))
    statements = parse(text).statements
    starts = accumulate((len(each.text) for each in statements), initial=0)
    here = max(
        (place for place, (start, _) in enumerate(zip(starts, statements, strict=False)) if start <= end), default=0
    )
    chosen = next((place for place in range(here, len(statements)) if _draws(statements[place])), here)
    kept = (
        each.text.rstrip()
        for place, each in enumerate(statements)
        if place == chosen or each.command_name == "recipe" or (each.command_name == "set" and place < chosen)
    )
    return "\n\n".join(kept) + "\n"


def _draws(statement: Statement) -> bool:
    row = command(statement.command_name)
    return row is not None and row.draws and bool(statement.command or statement.positive.text)


def _render(shown: Path, pictures: Pictures, connection: ServerConnection, text: str) -> None:
    project, out = Projects().of(shown), pictures.folder
    plans = compile(text, project=project).plans
    wanted = sum(plan.images for plan in plans)
    _say(connection, kind="begin", pictures=wanted)
    if not wanted and not text.strip():
        _say(connection, kind="end", code=1, cancelled=False, message="There is nothing to draw yet.")
        return
    with TemporaryDirectory(prefix="promptlang-play-") as scratch:
        file, log = Path(scratch, shown.name), Path(scratch, "log")
        file.write_text(text, encoding="utf-8", newline="")
        out.mkdir(parents=True, exist_ok=True)
        before = set(pictures.drawn())
        words = ["--out", str(out), "--color", "never", *_config(project.file if project else None)]
        words += [] if len(plans) > 1 else ["--no-sheet"]
        with log.open("wb") as output:
            process = Popen(
                [*RENDER, str(file), *words],
                stdin=DEVNULL, stdout=output, stderr=STDOUT, cwd=shown.parent, env=environment(),
            )  # fmt: skip
            try:
                ended = _watch(pictures, connection, process, before)
            finally:
                process.terminate()
                process.wait()
        message = log.read_text(encoding="utf-8", errors="replace").replace(str(file), file.name)
    _say(connection, kind="end", code=process.returncode, cancelled=not ended, message=message[-LONGEST_MESSAGE:])


def _config(file: Path | None) -> list[str]:
    return ["--config", str(file)] if file else []


def _watch(pictures: Pictures, connection: ServerConnection, process: Popen[bytes], before: set[Path]) -> bool:
    """Tell of each new picture until the process ends (True) or the page wants it to (False)."""
    while True:
        running = process.poll() is None
        for picture in sorted(pictures.drawn()):
            if picture not in before:
                before.add(picture)
                _say(connection, kind="picture", url=pictures.publish(picture), name=picture.name)
        if not running:
            return True
        if _interrupted(connection):
            return False


def _interrupted(connection: ServerConnection) -> bool:
    """Wait a moment; whether the page said something in it."""
    try:
        connection.recv(timeout=LOOK)
    except TimeoutError:
        return False
    return True


def _say(connection: ServerConnection, **facts: object) -> None:
    connection.send(json.dumps(facts))
