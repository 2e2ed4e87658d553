"""What came of one run so far."""

from __future__ import annotations

import re
from collections import defaultdict
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from promptlang.cli.terminal import complain
from promptlang.source import Source, Span
from promptlang_runtime.errors import RenderError
from promptlang_runtime.output.names import name_order
from promptlang_runtime.planning.jobs import Job

if TYPE_CHECKING:
    from promptlang_runtime.command.console import Done
    from promptlang_runtime.output.finished import Finished, Lying
    from promptlang_runtime.output.gather import Drawn, Unread
    from promptlang_runtime.output.journal import Journal
    from promptlang_runtime.servers.server import Server

_NAMED = re.compile(r"[`<]([^`<>]+)[`>]")
_WORD = r"(?<!\w)(?P<name>{name})(?!\w)"
_CALLED = rf"<[^<>\r\n]*?{_WORD}[^<>\r\n]*>"


@dataclass(slots=True)
class Target:
    """A folder that is drawn into: its journal, open until the run is `closing`, and with `--resume` what lay there.

    `taken` are the numbers of its pictures by what their names begin with, once a name is looked for.
    """

    journal: Journal
    finished: Finished | None = None
    taken: defaultdict[str, set[int]] | None = None


@dataclass(slots=True)
class Run:
    """What came of one run so far; `failed`: some statement was not drawn, `unread`: a file was not read.

    `targets` are the folders that are drawn into. With `--resume`, `lying` says what in them is a picture of which job.
    `sound` are the pictures that jobs start from and are found to be some, by their paths, `broken` the jobs that
    failed, by file and place, `said` what was complained about, and where. `known` are plans that earlier rounds of a
    watch drew, by their hashes, and `asked` those of this one, by file and place. `server` is who draws in place of
    this renderer, `refusals` say which jobs it does not, and `unsaid` what it is not told, and where that stands. With
    `hub`, what is named as a repository may be fetched.
    """

    closing: ExitStack
    known: set[str]
    asked: dict[tuple[Path, int], str] = field(default_factory=dict[tuple[Path, int], str])
    done: list[Done] = field(default_factory=list["Done"])
    drawn: dict[Path, list[Drawn | Unread]] = field(default_factory=dict[Path, "list[Drawn | Unread]"])
    folders: dict[Path, Path] = field(default_factory=dict[Path, Path])
    lying: list[tuple[Job, Lying]] = field(default_factory=list["tuple[Job, Lying]"])
    targets: dict[Path, Target] = field(default_factory=dict[Path, Target])
    sound: set[tuple[str | None, ...]] = field(default_factory=set[tuple[str | None, ...]])
    broken: set[tuple[Path, int]] = field(default_factory=set[tuple[Path, int]])
    said: set[tuple[str, str]] = field(default_factory=set[tuple[str, str]])
    server: Server | None = None
    refusals: dict[tuple[Path, int], RenderError] = field(default_factory=dict[tuple[Path, int], RenderError])
    unsaid: dict[str, list[str]] = field(default_factory=dict[str, list[str]])
    skipped: int = 0
    failed: bool = False
    unread: bool = False
    hub: bool = False

    def in_order(self) -> list[Done]:
        """What was drawn, by the names, whose numbers are in the order of the statements."""
        return sorted(self.done, key=lambda done: (str(done.file.parent), *name_order(done.file.name)))


def refusal_of(job: Job, run: Run) -> RenderError | None:
    """Why the plan is not drawn: it is none that is, or a file is missing that it calls for; None where it is drawn."""
    from promptlang_runtime.planning.undrawable import refuse_undrawable

    if refusal := run.refusals.get(job.key):
        return refusal
    try:
        refuse_undrawable(job.plan, run.sound, hub=run.hub, elsewhere=run.server is not None)
    except RenderError as error:
        return error
    return None


def leave_out(job: Job, why: RenderError, run: Run, where: tuple[Source, Span] | None = None) -> None:
    """Complain that a job is not drawn; the variants of a statement lack the same file, which is said once.

    Shown is what the statement says about it, else `where`.
    """
    if (said := (job.shown, why.message)) not in run.said:
        run.said.add(said)
        complain(f"{job.shown}: {why.message}", why.help, _place(job, why.message) or where)
    run.failed = True
    run.broken.add(job.key)


def _written(name: str, text: str, begin: int, form: str) -> re.Match[str] | None:
    """The first place where a name stands for itself, in one of two forms."""
    return re.compile(form.format(name=re.escape(name))).search(text, begin)


def _place(job: Job, message: str) -> tuple[Source, Span] | None:
    """Where the statement says what a complaint names; None where it names nothing that stands there."""
    from promptlang.lints.places import beginning
    from promptlang.statements.parsing import parse

    text = job.plan.source
    begin = beginning(parse(text).statements[0]) if text else 0
    name = _NAMED.search(message)
    found = name and (_written(name[1], text, begin, _CALLED) or _written(name[1], text, begin, _WORD))
    if name is None or not found:
        return None
    at = found.start("name")
    above = max(job.line - 1 - text.count("\n", 0, begin), 0)  # lines of the file
    return Source("\n" * above + text, job.shown), Span(at, at + len(name[1])).moved(above)
