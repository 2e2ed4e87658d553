"""`promptlang render`: compile, check, draw, save; torch is imported when the first picture is due, not before."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

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
from promptlang_runtime.command.run import Run, can_be_drawn, draw, pages
from promptlang_runtime.errors import WriteError
from promptlang_runtime.planning.batches import batches
from promptlang_runtime.planning.jobs import Job, placed, remaining

COMMAND = Command(
    name="render",
    summary="Draw pictures from prompts.",
    arguments=(
        Argument(
            names=("paths",), value="PATH", help="Files, or folders searched for *.prompt.", many=True, needed=True
        ),
        Argument(names=("--out",), value="DIR", help="Where pictures go. Default: the project's folder `out`."),
        Argument(names=("--seed",), value="N", help="The seed of every statement, whatever it says."),
        Argument(names=("--dry-run",), help="Say what would be drawn and in which batches, and draw nothing."),
        Argument(names=("--resume",), help="Leave out pictures that lie in the output folder already."),
        Argument(names=("--no-sheet",), help="Write no contact sheet and no grid."),
        Argument(names=("--exact",), help="One picture at a time: the same bits whatever else is drawn."),
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
        "Statements with errors are left out, the others are drawn. No file is ever overwritten. Pictures are drawn "
        "together where a model can, and saved as each batch ends.",
        "Exit code: 0 where everything was drawn, 1 where a statement could not be, 2 where the command could not do "
        "its work, 130 after Ctrl-C; finished pictures stay.",
    ),
    examples=("promptlang render cow.prompt", "promptlang render --dry-run prompts/", "promptlang render --resume ."),
)


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
    run = Run()
    jobs = [job for job in _jobs(arguments, run) if can_be_drawn(job, run)]
    code = CLEAN
    if arguments.flag("dry-run"):
        from promptlang_runtime.command.console import print_planned

        print_planned(batches(jobs, device=_kind(arguments), exact=arguments.flag("exact")), run.skipped)
    elif jobs or run.skipped:
        code = _draw_and_report(jobs, arguments, run)
    return code or (FAILED if run.unread else FOUND if run.failed else CLEAN)


def _kind(arguments: Given) -> str:
    """The kind of device that is named; nothing is loaded to see what `auto` would be, so it counts as the CPU."""
    return (arguments.text("device") or "auto").partition(":")[0].replace("auto", "cpu")


def _draw_and_report(jobs: Sequence[Job], arguments: Given, run: Run) -> int:
    """Draw, save, and print the table of what is finished, also where something stopped the run."""
    from promptlang_runtime.command.console import print_done

    code, sheets = CLEAN, []
    try:
        draw(jobs, arguments, run)
        if not arguments.flag("no-sheet"):
            sheets = list(pages(run))
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
