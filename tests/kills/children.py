"""One command in a process of its own, which ends where it is told to: forked, so that libraries are imported once."""

from __future__ import annotations

import os
import resource
import signal
import sys
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from _typeshed import TraceFunction

WATCHED = (
    "promptlang/writing.py",
    "promptlang/many/remembering.py",
    "promptlang_runtime/output/files.py",
    "promptlang_runtime/output/journal.py",
)
"""Files whose lines are counted: all that put anything on the disk."""


class Harm(Enum):
    """What befalls a command."""

    NONE = "left alone"
    MOMENT = "killed at a moment"  # seconds after its start
    LINE = "killed while it writes"  # before so many lines of WATCHED
    FULL = "disk full while it writes"  # from so many lines of WATCHED on


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended:
    """How a command ended: its exit code or minus a signal's number, its words, how long it took, lines that write."""

    code: int
    words: str
    seconds: float
    lines: int


def ended(words: Sequence[str], folder: Path, harm: Harm = Harm.NONE, when: float = 0, room: int = 0) -> Ended:
    """Run a command in the folder; `when` counts what the harm counts, `room` is the size of files from then on."""
    reading, writing = os.pipe()
    start = time.monotonic()
    child = os.fork()
    if child == 0:
        os.close(reading)
        _run(words, folder, writing, _harmful(harm, int(when), room))
    os.close(writing)
    if harm is Harm.MOMENT:
        time.sleep(when)
        os.kill(child, signal.SIGKILL)
    with os.fdopen(reading, "rb") as file:
        said, ending, lines = file.read().decode(errors="replace").partition("\0")
    _, status = os.waitpid(child, 0)
    return Ended(
        code=os.waitstatus_to_exitcode(status),
        words=said,
        seconds=time.monotonic() - start,
        lines=int(lines) if ending else 0,
    )


def _harmful(harm: Harm, when: int, room: int) -> Callable[[int], None]:
    def nothing(line: int) -> None:
        pass

    def kill(line: int) -> None:
        if line == when:
            os.kill(os.getpid(), signal.SIGKILL)

    def fill(line: int) -> None:
        if line == when:
            resource.setrlimit(resource.RLIMIT_FSIZE, (room, resource.RLIM_INFINITY))

    return {Harm.LINE: kill, Harm.FULL: fill}.get(harm, nothing)


def _run(words: Sequence[str], folder: Path, output: int, at_line: Callable[[int], None]) -> None:
    """What the child does; it never returns."""
    code, lines = 70, 0

    def trace(frame: FrameType, event: str, _: object) -> TraceFunction | None:
        nonlocal lines
        if event == "call":
            return trace if frame.f_code.co_filename.endswith(WATCHED) else None
        if event == "line":
            lines += 1
            at_line(lines)
        return trace

    try:
        os.chdir(folder)
        os.dup2(output, 1)
        os.dup2(output, 2)
        sys.stdout, sys.stderr = open(1, "w", closefd=False), open(2, "w", closefd=False)  # noqa: SIM115
        from promptlang.cli.main import main

        sys.settrace(trace)
        threading.settrace(trace)  # pictures are saved in a thread
        code = main(list(words))
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else 1
    except BaseException:
        import traceback

        traceback.print_exc()
    finally:
        sys.settrace(None)
        sys.stdout.flush()
        sys.stderr.flush()
        os.write(output, f"\0{lines}".encode())
        os._exit(code)
