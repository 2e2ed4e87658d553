"""What one run draws, saves and puts on pages; torch is imported when the first picture is due, not before."""

from __future__ import annotations

import os
import traceback
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from promptlang.cli.arguments import Given
from promptlang.cli.terminal import complain
from promptlang_runtime.errors import OpenError, RenderError, first_line
from promptlang_runtime.planning.batches import Batch, batches
from promptlang_runtime.planning.jobs import Job, with_seed

if TYPE_CHECKING:
    from PIL import Image

    from promptlang_runtime.command.console import Done, Line
    from promptlang_runtime.output.files import Finished, Lying
    from promptlang_runtime.output.gather import Drawn


@dataclass(slots=True)
class Run:
    """What came of one run so far; `failed`: some statement was not drawn, `unread`: a file was not read.

    With `--resume`, `finished` is what lay in each folder, and `lying` what of it is a picture of which job. `names`
    are those that are free in a folder for pictures of one stem, `broken` the jobs that failed, by file and place.
    """

    done: list[Done] = field(default_factory=list["Done"])
    drawn: dict[Path, list[Drawn]] = field(default_factory=dict[Path, "list[Drawn]"])
    folders: dict[Path, Path] = field(default_factory=dict[Path, Path])
    lying: list[tuple[Job, Lying]] = field(default_factory=list["tuple[Job, Lying]"])
    finished: dict[Path, Finished] = field(default_factory=dict[Path, "Finished"])
    names: dict[tuple[Path, str], Iterator[Path]] = field(default_factory=dict[tuple[Path, str], Iterator[Path]])
    broken: set[tuple[Path, int]] = field(default_factory=set[tuple[Path, int]])
    skipped: int = 0
    failed: bool = False
    unread: bool = False


def can_be_drawn(job: Job, run: Run) -> bool:
    """Whether the plan is one that is drawn here, and has files for all it calls for; else that is complained about."""
    from promptlang_runtime.executors.reading import refuse_invalid
    from promptlang_runtime.models.places import find_all

    try:
        find_all(job.plan)
        refuse_invalid(job.plan)
    except RenderError as error:
        complain(f"{job.shown}: {error.message}", error.help)
        run.failed = True
        return False
    return True


def draw(jobs: Sequence[Job], arguments: Given, run: Run) -> None:
    """Draw and save; what cannot be drawn is complained about and left out. Raises WriteError."""
    from promptlang_runtime.command.console import moving_line

    # Before torch is imported: threads that wait for each other spin otherwise, which on busy cores costs minutes.
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
    with moving_line(sum(job.plan.images for job in jobs), quiet=arguments.flag("quiet")) as line:
        if jobs and (kind := _kind_of_device(arguments, run)):
            planned = batches(map(with_seed, jobs), device=kind, exact=arguments.flag("exact"))
            for batch in planned:
                _draw_batch(batch, arguments, run, line)


def _kind_of_device(arguments: Given, run: Run) -> str:
    """Of the device that is drawn on; none where there is no such device, which is complained about."""
    from promptlang_runtime.executors.here import kind_of

    try:
        return kind_of(arguments.text("device") or "auto")
    except RenderError as error:
        complain(error.message, error.help)
        run.failed = True
        return ""


def _draw_batch(batch: Batch, arguments: Given, run: Run, line: Line) -> None:
    """Draw a batch; where something in it fails, its halves are tried, so that a plan costs itself alone."""
    from promptlang_runtime.executors.here import drawn

    batch = tuple(share for share in batch if share.job.key not in run.broken)
    if not batch:
        return
    wanted = [each for share in batch for each in share.wanted]
    try:
        pictures = drawn(
            wanted,
            device=arguments.text("device") or "auto",
            dtype=arguments.text("dtype"),
            on_call=partial(line.step, len(wanted)),
            hub=arguments.flag("download"),
        )
    except Exception as error:  # whatever a model's file brings about costs its own statement alone
        if len(batch) == 1 or isinstance(error, OpenError):
            for job in {share.job.key: share.job for share in batch}.values():
                _complain(error, job, arguments)
            run.broken |= {share.job.key for share in batch}
            run.failed = True
            return
        middle = len(batch) // 2
        for half in (batch[:middle], batch[middle:]):
            _draw_batch(half, arguments, run, line)
        return
    coming = iter(pictures)
    for share in batch:
        for _ in share.seeds:
            _save(next(coming), share.job, run, line)


def _complain(error: Exception, job: Job, arguments: Given) -> None:
    if isinstance(error, RenderError):
        complain(f"{job.shown}: {error.message}", error.help)
        return
    if arguments.flag("debug"):
        traceback.print_exception(error)
    complain(
        f"{job.shown}: drawing with <{job.plan.model.name}> failed: {first_line(error)}",
        "check that its file is what its family says, or add `--debug` to see where it stopped",
    )


def _save(picture: Image.Image, job: Job, run: Run, line: Line) -> None:
    """Save a picture under the next name of its job that is free, and keep it for the pages."""
    from promptlang_runtime.command.console import Done
    from promptlang_runtime.output.files import numbered, save

    seed, key = picture.info["seed"], (job.folder, job.stem)
    names = run.names.setdefault(key, numbered(job.folder, job.stem, job.plan.file_format))
    suffix = f".{job.plan.file_format}"
    file = save(picture, (name.with_suffix(suffix) for name in names), job.plan, seed)
    run.done.append(Done(file=file, size=picture.size, seed=seed, seconds=picture.info["seconds"]))
    _put_on_page(picture, seed, file, job, run)
    line.picture(run.done[-1])


def _put_on_page(picture: Image.Image, seed: int, file: Path, job: Job, run: Run) -> None:
    """Keep a picture of a job, small, for the pages of the job's file."""
    from promptlang_runtime.output.gather import Drawn
    from promptlang_runtime.output.sheet import thumbnail

    page = Drawn(plan=job.plan, seed=seed, name=file.name, picture=thumbnail(picture), place=job.place)
    run.drawn.setdefault(job.file, []).append(page)
    run.folders[job.file] = job.folder


def pages(run: Run) -> Iterator[Path]:
    """The pages of every file, written beside its pictures; with `--resume` those that are not there yet."""
    from promptlang_runtime.output.files import numbered, write
    from promptlang_runtime.output.gather import sheets
    from promptlang_runtime.output.metadata import page_info
    from promptlang_runtime.output.sheet import draw_sheet

    _add_lying(run)
    there = {page for each in run.finished.values() for page in each.pages}
    for file, drawn in run.drawn.items():
        for sheet in sheets(file.name, drawn):
            if sheet.mark in there:
                continue
            names = numbered(run.folders[file], f"{file.stem}-sheet", "png")
            yield write(draw_sheet(sheet), names, "PNG", {"optimize": True, "pnginfo": page_info(sheet.mark)})


def _add_lying(run: Run) -> None:
    """Put pictures of earlier runs where those of this one are."""
    from PIL import Image

    for job, lying in run.lying:
        with suppress(OSError), Image.open(lying.file) as picture:  # it may have gone meanwhile
            _put_on_page(picture, lying.seed, lying.file, job, run)
