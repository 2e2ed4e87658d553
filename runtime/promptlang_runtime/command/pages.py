"""The pages of a run: sheets and grids of the pictures that it drew, and of those that lay there."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from PIL import Image

from promptlang_runtime.command.run import Run
from promptlang_runtime.output.files import write
from promptlang_runtime.output.gather import Drawn, Unread, sheets
from promptlang_runtime.output.metadata import page_info
from promptlang_runtime.output.names import numbered
from promptlang_runtime.output.sheet import draw_sheet, thumbnail
from promptlang_runtime.planning.jobs import Job


def put_on_page(picture: Image.Image, seed: int, file: Path, job: Job, run: Run) -> None:
    """Keep a picture of a job, small, for the pages of the job's file."""
    small = Drawn(plan=job.plan, seed=seed, name=file.name, picture=thumbnail(picture), place=job.place)
    _put(small, job, run)


def pages(run: Run) -> Iterator[Path]:
    """The pages of every file, written beside its pictures; with `--resume` those that are not there yet."""
    for job, lying in run.lying:
        _put(Unread(plan=job.plan, seed=lying.seed, file=lying.file, place=job.place), job, run)
    there = {page for each in run.finished.values() for page in each.pages}
    for file, drawn in run.drawn.items():
        for sheet in sheets(file.name, drawn, there):
            names = numbered(run.folders[file], f"{file.stem}-sheet", "png")
            page = write(draw_sheet(sheet), names, "PNG", {"optimize": True, "pnginfo": page_info(sheet.mark)})
            run.journals[run.folders[file]].note(page, page=sheet.mark)
            yield page


def _put(each: Drawn | Unread, job: Job, run: Run) -> None:
    run.drawn.setdefault(job.file, []).append(each)
    run.folders[job.file] = job.folder
