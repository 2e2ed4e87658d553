"""The folders that pictures go to: their journals, what lies there already, and the names that are free."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from promptlang.cli.arguments import Given
from promptlang.cli.terminal import warn
from promptlang.files import shown
from promptlang.writing import sweep
from promptlang_runtime.command.run import Run, Target
from promptlang_runtime.planning.jobs import Job, lying_of, remaining
from promptlang_runtime.planning.numbers import numbers

if TYPE_CHECKING:
    from promptlang_runtime.output.finished import Lying


def opened(folder: Path, arguments: Given, run: Run) -> Target:
    """A folder with its journal, and with `--resume` what lies there; a dry run only looks. Raises WriteError."""
    from promptlang_runtime.output.journal import NAME, Journal, opened, read
    from promptlang_runtime.output.names import listed

    is_dry, resumes = arguments.flag("dry-run"), arguments.flag("resume")
    if is_dry:
        listed(folder)
        journal = read(folder) if resumes else Journal()
    else:
        sweep([folder])
        waits = f"another run draws into `{shown(folder)}`: what is missing is drawn when it has ended"
        journal = run.closing.enter_context(opened(folder, alone=partial(warn, waits) if resumes else None))
    if not resumes:
        return Target(journal)
    from promptlang_runtime.output.finished import finished

    if fault := journal.fault:
        warn(f"`{shown(folder / NAME)}` {fault}: what is finished is read from the pictures instead")
    return Target(journal, finished(folder, journal))


def named(jobs: Sequence[Job], run: Run) -> Iterator[Job]:
    """What is left of the jobs of one file, with names in the order of the file; what lies there already is noted."""
    there = [_lying(job, run) for job in jobs]
    for job, lying in zip(jobs, there, strict=True):
        run.skipped += sum(each is not None for each in lying)
        run.lying += ((job, each) for each in lying if each)
    for job, lying, names in zip(jobs, there, _names(jobs, there, run), strict=True):
        yield from remaining(replace(job, names=names), lying)


def _lying(job: Job, run: Run) -> tuple[Lying | None, ...]:
    """The pictures of a job that lie there already, where that is asked."""
    finished = run.targets[job.folder].finished
    if finished is None:
        return (None,) * job.plan.images
    from promptlang_runtime.output.metadata import picture_of

    return lying_of(job, picture_of(job.plan, job.elsewhere), finished.pictures)


def _names(jobs: Sequence[Job], there: Sequence[Sequence[Lying | None]], run: Run) -> Iterator[tuple[Path, ...]]:
    """The names of each job's pictures, before any is drawn: what fails leaves its number free."""
    from promptlang_runtime.output.names import beginning, named, number_in, taken

    if not jobs:
        return
    folder, stem = jobs[0].folder, beginning(jobs[0].stem)
    target = run.targets[folder]
    if target.taken is None:
        target.taken = taken(folder)
    known = [each and number_in(each.file.name, stem) for lying in there for each in lying]
    found = tuple(numbers(known, target.taken[stem]))
    target.taken[stem].update(found)
    coming = iter(found)
    for job in jobs:
        yield tuple(named(folder, stem, next(coming), job.plan.file_format) for _ in range(job.plan.images))
