"""Draws what a run is asked for and saves it; torch is imported when the first picture is due, not before."""

from __future__ import annotations

import os
import traceback
from collections.abc import Iterator, Sequence
from functools import partial
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING

from promptlang.cli.arguments import Given
from promptlang.cli.terminal import complain
from promptlang_runtime.command.run import Run
from promptlang_runtime.errors import OpenError, RenderError, first_line
from promptlang_runtime.output.saving import Saving
from promptlang_runtime.planning.batches import Batch, batches
from promptlang_runtime.planning.jobs import Job, with_seed

if TYPE_CHECKING:
    from PIL import Image

    from promptlang_runtime.command.console import Line


def draw(jobs: Sequence[Job], arguments: Given, run: Run) -> None:
    """Draw and save; what cannot be drawn is complained about and left out. Raises WriteError."""
    from promptlang_runtime.command.console import moving_line

    # Before torch is imported: threads that wait for each other spin otherwise, which on busy cores costs minutes.
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
    with moving_line(sum(job.plan.images for job in jobs), quiet=arguments.flag("quiet")) as line:
        if jobs and (kind := _kind_of_device(arguments, run)):
            planned = batches(map(with_seed, jobs), device=kind, exact=arguments.flag("exact"))
            with Saving() as saving:
                for batch in planned:
                    _draw_batch(batch, arguments, run, line, saving)


def _kind_of_device(arguments: Given, run: Run) -> str:
    """Of the device that is drawn on; none where there is no such device, which is complained about."""
    from promptlang_runtime.executors.here import kind_of

    try:
        return kind_of(arguments.text("device") or "auto")
    except RenderError as error:
        complain(error.message, error.help)
        run.failed = True
        return ""


def _draw_batch(batch: Batch, arguments: Given, run: Run, line: Line, saving: Saving) -> None:
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
            _draw_batch(half, arguments, run, line, saving)
        return
    line.drawn(len(wanted))
    for (job, name), picture in zip(_each(batch), pictures, strict=True):
        saving.put(partial(_save, picture, job, name, run, line))


def _each(batch: Batch) -> Iterator[tuple[Job, Path]]:
    """Every picture of a batch: whose it is, and its name."""
    return ((share.job, name) for share in batch for name in share.names)


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


def _save(picture: Image.Image, job: Job, name: Path, run: Run, line: Line) -> None:
    """Save a picture under its name, or the next that is free, and keep it for the pages."""
    from promptlang_runtime.command.console import Done
    from promptlang_runtime.command.pages import put_on_page
    from promptlang_runtime.output.files import save
    from promptlang_runtime.output.metadata import picture_of
    from promptlang_runtime.output.names import numbered

    seed = picture.info["seed"]
    file = save(picture, chain([name], numbered(job.folder, job.stem, job.plan.file_format)), job.plan, seed)
    run.journals[job.folder].note(file, picture=picture_of(job.plan), seed=seed)
    run.done.append(Done(file=file, size=picture.size, seed=seed, seconds=picture.info["seconds"]))
    put_on_page(picture, seed, file, job, run)
    line.saved(run.done[-1])
