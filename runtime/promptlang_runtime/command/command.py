"""`promptlang render`: compile, check, draw, save; torch is imported when the first picture is due, not before."""

from __future__ import annotations

import os
import sys
import traceback
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from promptlang import compile
from promptlang.checks.review import review
from promptlang.cli.arguments import CLEAN, FAILED, FOUND, INTERRUPTED, Argument, Command, Given, UsageError, given
from promptlang.cli.inputs import CONFIG, Projects, files, projects, read
from promptlang.cli.mistakes import tell
from promptlang.cli.output import print_reports
from promptlang.cli.terminal import COLOUR, NOTHING_FOUND, complain, warn
from promptlang.diagnostics import Severity
from promptlang.files import Report, shown
from promptlang.lints.places import beginning
from promptlang.meaning.contexts import EMPTY_PROJECT, project_parser
from promptlang.meaning.project import Project
from promptlang.plans.plan import Plan
from promptlang.plans.rules import SEEDS
from promptlang.source import Source
from promptlang.statements.parsing import parse
from promptlang.writing import sweep
from promptlang_runtime.errors import RenderError, WriteError
from promptlang_runtime.planning.jobs import Job, by_model, placed, remaining, with_seed

if TYPE_CHECKING:
    from PIL import Image

    from promptlang_runtime.command.console import Done, Line
    from promptlang_runtime.output.files import Finished, Lying
    from promptlang_runtime.output.gather import Drawn

COMMAND = Command(
    name="render",
    summary="Draw pictures from prompts.",
    arguments=(
        Argument(
            names=("paths",), value="PATH", help="Files, or folders searched for *.prompt.", many=True, needed=True
        ),
        Argument(names=("--out",), value="DIR", help="Where pictures go. Default: the project's folder `out`."),
        Argument(names=("--seed",), value="N", help="The seed of every statement, whatever it says."),
        Argument(names=("--dry-run",), help="Say what would be drawn, and draw nothing."),
        Argument(names=("--resume",), help="Leave out pictures that lie in the output folder already."),
        Argument(names=("--no-sheet",), help="Write no contact sheet and no grid."),
        Argument(names=("--exact",), help="One picture at a time: the same bits whatever the number of images."),
        Argument(names=("--device",), value="NAME", default="auto", help="auto, cpu, cuda or mps."),
        Argument(
            names=("--dtype",),
            value="TYPE",
            choices=("float32", "float16", "bfloat16"),
            help="Number type of the model. Default: float32 on the CPU, float16 elsewhere.",
        ),
        Argument(names=("--download",), help="Fetch a model that is named as `owner/name` from the Hugging Face hub."),
        *CONFIG,
        Argument(names=("--color",), value="WHEN", choices=COLOUR, default="auto", help="Whether to print in colour."),
        Argument(names=("--quiet", "-q"), help="Print problems only."),
        Argument(names=("--debug",), help="Print where a statement stopped that failed for no reason known here."),
    ),
    details=(
        "Statements with errors are left out, the others are drawn. No file is ever overwritten.",
        "Exit code: 0 where everything was drawn, 1 where a statement could not be, 2 where the command could not do "
        "its work, 130 after Ctrl-C; finished pictures stay.",
    ),
    examples=("promptlang render cow.prompt", "promptlang render --dry-run prompts/", "promptlang render --resume ."),
)


@dataclass(slots=True)
class Run:
    """What came of one run so far; `failed`: some statement was not drawn, `unread`: a file was not read.

    With `--resume`, `finished` is what lay in each folder, and `lying` what of it is a picture of which job.
    """

    done: list[Done]
    drawn: dict[Path, list[Drawn]]
    folders: dict[Path, Path]
    lying: list[tuple[Job, Lying]]
    finished: dict[Path, Finished]
    skipped: int = 0
    failed: bool = False
    unread: bool = False


def main(arguments: Sequence[str] | None = None) -> int:
    """Run `promptlang render` with the words after it; see COMMAND for the exit code."""
    words = sys.argv[1:] if arguments is None else list(arguments)
    if "--help" in words or "-h" in words:
        from promptlang.cli.help import command_page

        print(command_page(COMMAND))
        return CLEAN
    return render_files(given(COMMAND, words))


def render_files(arguments: Given) -> int:
    """Draw everything the arguments name."""
    run = Run(done=[], drawn={}, folders={}, lying=[], finished={})
    jobs = by_model(_jobs(arguments, run))
    code = CLEAN
    if arguments.flag("dry-run"):
        from promptlang_runtime.command.console import print_planned

        print_planned([job for job in jobs if _has_files(job, run)], run.skipped)
    elif jobs or run.skipped:
        code = _draw_and_report(jobs, arguments, run)
    return code or (FAILED if run.unread else FOUND if run.failed else CLEAN)


def _has_files(job: Job, run: Run) -> bool:
    """Whether everything that the job's plan calls for has a file; what has none is complained about."""
    from promptlang_runtime.executors.reading import refuse_unread
    from promptlang_runtime.models.places import find_all

    try:
        refuse_unread(job.plan)
        find_all(job.plan)
    except RenderError as error:
        complain(f"{job.shown}: {error.message}", error.help)
        run.failed = True
        return False
    return True


def _draw_and_report(jobs: Sequence[Job], arguments: Given, run: Run) -> int:
    """Draw, save, and print the table of what is finished, also where something stopped the run."""
    from promptlang_runtime.command.console import print_done

    code, sheets = CLEAN, []
    try:
        _draw(jobs, arguments, run)
        if not arguments.flag("no-sheet"):
            sheets = list(_sheets(run))
    except WriteError as error:
        complain(error.message, error.help)
        code = FAILED
    except KeyboardInterrupt:
        code = INTERRUPTED
    if not arguments.flag("quiet"):
        print_done(run.done, sheets, run.skipped)
    if code == INTERRUPTED:
        wanted = sum(job.plan.images for job in jobs)
        complain(f"interrupted: {len(run.done)} of {wanted} pictures are finished", "add `--resume` to draw the rest")
    return code


def _jobs(arguments: Given, run: Run) -> Iterator[Job]:
    """The jobs of all files, without what lies there already; what is wrong with the files is printed."""
    seed, out = _seed(arguments.text("seed")), arguments.text("out")
    swept: set[Path] = set()
    known = projects(arguments)
    paths = list(map(Path, files(arguments.texts("paths"))))
    if not paths:
        warn(NOTHING_FOUND)
    for path in paths:
        folder = Path(out) if out else _folder(known.of(path))
        if not arguments.flag("dry-run") and folder not in swept:
            sweep([folder])
            swept.add(folder)
        if arguments.flag("resume") and folder not in run.finished:
            from promptlang_runtime.output.files import finished

            run.finished[folder] = finished(folder)
        root = project.root if (project := known.of(path)) and project.root else path.parent
        try:
            plans = _plans(path, known, arguments, run)
        except UsageError as error:
            complain(str(error), error.help)
            run.unread = True
            continue
        except Exception as error:  # one file's misfortune takes no picture from the others
            tell(error, shown(path), arguments)
            run.failed = True
            continue
        for place, (line, plan) in enumerate(plans):
            plan = placed(plan, root)
            plan = plan if seed is None else replace(plan, seed=seed)
            yield from _left(Job(plan=plan, file=path, folder=folder, place=place, line=line), run)


def _left(job: Job, run: Run) -> tuple[Job, ...]:
    """The jobs that are left of one; its pictures that lie there already are noted."""
    if job.folder not in run.finished:
        return (job,)
    from promptlang_runtime.output.metadata import picture_of

    left, lying = remaining(job, picture_of(job.plan), run.finished[job.folder].pictures)
    run.skipped += len(lying)
    run.lying += ((job, each) for each in lying)
    return left


def _plans(path: Path, known: Projects, arguments: Given, run: Run) -> tuple[tuple[int, Plan], ...]:
    """The plans of a file, each with the line of its statement; errors and warnings are printed."""
    text = read(path).file
    project = known.of(path)
    if text.problem:
        problems = (text.problem,)
        plans: tuple[tuple[int, Plan], ...] = ()
    else:
        found = review(text.source.text, project=project, path=path)
        compiled = compile(text.source.text, project=project)
        lines = _lines(text.source, project_parser(project or EMPTY_PROJECT))
        plans = tuple((lines[plan.statement], plan) for plan in compiled.plans)
        problems = (*(each for each in found if each.severity <= Severity.WARNING), *compiled.refused)
    run.failed |= any(each.severity is Severity.ERROR for each in problems)
    print_reports(arguments, [Report(text.source, problems)], sys.stderr)
    return plans


def _lines(source: Source, parser: str) -> tuple[int, ...]:
    """The line of each statement of a file, counted from 1."""
    placed = parse(source.text, parser=parser).placed()
    return tuple(source.position(start + beginning(statement))[0] for start, statement in placed)


def _folder(project: Project | None) -> Path:
    """Where pictures go without `--out`; raises UsageError where a link of the folder leads out of it."""
    project = project or Project()
    folder = project.out_folder(Path())
    if folder is None:
        message = f"the pictures' folder `{project.out}` is a link that leads out of the project"
        raise UsageError(message, "name the folder with `--out` if you mean it")
    return folder


def _seed(text: str | None) -> int | None:
    if text is None:
        return None
    if not (text.isascii() and text.isdigit() and len(text) <= 20 and int(text) < SEEDS):
        raise UsageError(f"`--seed` must be a whole number from 0 to {SEEDS - 1}, found `{text}`")
    return int(text)


def _draw(jobs: Sequence[Job], arguments: Given, run: Run) -> None:
    """Draw and save; what cannot be drawn is complained about and left out. Raises WriteError."""
    from promptlang_runtime.command.console import moving_line

    # Before torch is imported: threads that wait for each other spin otherwise, which on busy cores costs minutes.
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
    with moving_line(sum(job.plan.images for job in jobs), quiet=arguments.flag("quiet")) as line:
        for job in jobs:
            try:
                _draw_job(with_seed(job), arguments, run, line)
            except WriteError:
                raise
            except RenderError as error:
                complain(f"{job.shown}: {error.message}", error.help)
                run.failed = True
            except Exception as error:  # whatever a model's file brings about costs its own statement alone
                if arguments.flag("debug"):
                    traceback.print_exc()
                (reason, *_) = str(error).strip().splitlines() or [type(error).__name__]
                complain(
                    f"{job.shown}: drawing with <{job.plan.model.name}> failed: {reason}",
                    "check that its file is what its family says, or add `--debug` to see where it stopped",
                )
                run.failed = True


def _draw_job(job: Job, arguments: Given, run: Run, line: Line) -> None:
    from promptlang_runtime import pictures
    from promptlang_runtime.command.console import Done
    from promptlang_runtime.models.places import find_all
    from promptlang_runtime.output.files import numbered, save

    find_all(job.plan)
    names = numbered(job.folder, job.stem, job.plan.file_format)
    for picture in pictures(
        job.plan,
        device=arguments.text("device") or "auto",
        dtype=arguments.text("dtype"),
        on_step=line.step,
        exact=arguments.flag("exact"),
        hub=arguments.flag("download"),
    ):
        seed = picture.info["seed"]
        file = save(picture, names, job.plan, seed)
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


def _sheets(run: Run) -> Iterator[Path]:
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
