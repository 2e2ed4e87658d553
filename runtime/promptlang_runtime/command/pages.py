"""The pages of a run: sheets and grids of the pictures that it drew, and of those that lay there."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from PIL import Image

from promptlang.importers.programs.promptlang import of_plan
from promptlang.importers.retold import told
from promptlang.reports.pages.comparison import Cell, comparison
from promptlang.writing import create_text
from promptlang_runtime.command.run import Run
from promptlang_runtime.output.files import as_address, write
from promptlang_runtime.output.gather import Drawn, Group, Unread, groups, sheet_of
from promptlang_runtime.output.metadata import page_info
from promptlang_runtime.output.names import numbered, refused
from promptlang_runtime.output.sheet import draw_sheet, thumbnail
from promptlang_runtime.planning.jobs import Job

PAGE = ".html"


def put_on_page(picture: Image.Image, seed: int, file: Path, job: Job, run: Run) -> None:
    """Keep a picture of a job, small, for the pages of the job's file."""
    small = thumbnail(picture)
    drawn = Drawn(plan=job.plan, seed=seed, name=file.name, picture=small, size=picture.size, place=job.place)
    _put(drawn, job, run)


def pages(run: Run) -> Iterator[Path]:
    """The pages of every file, written beside its pictures; with `--resume` those that are not there yet."""
    for job, lying in run.lying:
        _put(Unread(plan=job.plan, seed=lying.seed, file=lying.file, place=job.place), job, run)
    lay = (each.finished.pages for each in run.targets.values() if each.finished)
    there = {mark: page for pages in lay for mark, page in pages.items()}
    for file, drawn in run.drawn.items():
        for group in groups(drawn):
            sheet = there.get(group.mark)
            if sheet and not (group.is_comparison and not sheet.with_suffix(PAGE).exists()):
                continue
            pictures = group.read()
            if len(pictures) < 2:
                continue
            if not sheet:
                sheet = _sheet(file, group, pictures, run)
                yield sheet
            if group.is_comparison:
                yield _comparison(file, pictures, sheet.with_suffix(PAGE))


def _sheet(file: Path, group: Group, pictures: Sequence[Drawn], run: Run) -> Path:
    """Write the picture of a group, and note it."""
    sheet, folder = sheet_of(file.name, group, pictures), run.folders[file]
    names = numbered(folder, f"{file.stem}-sheet", "png")
    page = write(draw_sheet(sheet), names, "PNG", {"optimize": True, "pnginfo": page_info(sheet.mark)})
    run.targets[folder].journal.note(page, page=sheet.mark)
    return page


def _comparison(file: Path, pictures: Sequence[Drawn], page: Path) -> Path:
    """Write the page of a comparison; raises WriteError where the disk refuses."""
    try:
        create_text(page, comparison(file.name, [_cell(each) for each in pictures]))
    except OSError as error:
        raise refused(error, page) from error
    return page


def _cell(drawn: Drawn) -> Cell:
    reading = of_plan(drawn.plan, drawn.seed)
    return Cell(
        plan=replace(drawn.plan, seed=drawn.seed, images=1),
        statement="\n".join(told(reading).statements) if reading else drawn.plan.source,
        file=drawn.name,
        pixels=as_address(drawn.picture),
        size=drawn.picture.size,
    )


def _put(each: Drawn | Unread, job: Job, run: Run) -> None:
    run.drawn.setdefault(job.file, []).append(each)
    run.folders[job.file] = job.folder
