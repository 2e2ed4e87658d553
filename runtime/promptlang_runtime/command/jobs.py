"""The files of a run to its jobs: what they ask for, less what lies there already, each picture with its name."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from promptlang import compile
from promptlang.checks.review import review
from promptlang.cli.arguments import Given, UsageError
from promptlang.cli.findings.output import print_reports
from promptlang.cli.inputs import Input, Projects, files, projects, read
from promptlang.cli.mistakes import tell
from promptlang.cli.terminal import NOTHING_FOUND, complain, warn
from promptlang.diagnostics import Diagnostic, Severity
from promptlang.files import Report, shown
from promptlang.lints.places import lines_of
from promptlang.meaning.project import EMPTY_PROJECT, Project
from promptlang.plans.json import content_hash
from promptlang.plans.plan import Plan
from promptlang.source import Source
from promptlang.tables.options.picture import SEEDS
from promptlang.writing import sweep
from promptlang_runtime.command.elsewhere import sent
from promptlang_runtime.command.run import Run, leave_out, refusal_of
from promptlang_runtime.command.words import typed
from promptlang_runtime.errors import RenderError
from promptlang_runtime.planning.jobs import Job, lying_of, placed, remaining
from promptlang_runtime.planning.numbers import numbers

if TYPE_CHECKING:
    from promptlang_runtime.output.finished import Lying


def jobs_of(arguments: Given, run: Run) -> Iterator[Job]:
    """The jobs of all files that can be drawn, without what lies there already; what is wrong with files is printed."""
    _seed(arguments.text("seed"))  # before any file is read
    out = arguments.text("out")
    known = projects(arguments)
    written = typed(arguments.texts("paths"))
    paths = [written.path] if written else list(map(Path, files(arguments.texts("paths"))))
    if not paths:
        warn(NOTHING_FOUND)
    for path in paths:
        folder = Path(out) if out else _folder(known.of(path))
        root = project.root if (project := known.of(path)) and project.root else path.parent
        try:
            read_in = _plans(written or read(path), known, arguments, run)
        except UsageError as error:
            complain(str(error), error.help)
            run.unread = True
            continue
        except Exception as error:  # one file's misfortune takes no picture from the others
            tell(error, shown(path), arguments)
            run.failed = True
            continue
        yield from _drawn(read_in, path, folder, root, arguments, run)


def _drawn(given: _Read, path: Path, folder: Path, root: Path, arguments: Given, run: Run) -> Iterator[Job]:
    """The jobs of one file that can be drawn; what is found in it and what is not drawn is printed, each cause once."""
    refused: list[tuple[Job, RenderError]] = []
    try:
        if given.plans and folder not in run.journals:
            _open(folder, arguments, run)
        jobs = [_judged(job, run, refused) for job in _jobs(given, path, folder, root, arguments, run)]
    finally:
        repeated = _repeated(given, root, refused)
        others = tuple(each for each in given.findings if each not in repeated.values())
        print_reports(arguments, [Report(given.source, others)], sys.stderr)
    for job, why in refused:
        found = repeated.get((job.line, _in_text(why, root)))
        leave_out(job, why, run, (given.source, found.label.span) if found else None)
    yield from filter(None, jobs)


def _jobs(given: _Read, path: Path, folder: Path, root: Path, arguments: Given, run: Run) -> Iterator[Job]:
    seed = _seed(arguments.text("seed"))
    found: list[Job] = []
    for place, (line, plan) in enumerate(given.plans):
        plan = placed(plan, root, elsewhere=run.server is not None)
        plan = plan if seed is None else replace(plan, seed=seed)
        job = sent(Job(plan=plan, file=path, folder=folder, place=place, line=line), run)
        if not arguments.flag("watch") or _is_new(job, run):
            found.append(job)
    return iter(found) if arguments.flag("dry-run") and folder not in run.finished else _named(found, run)


def _judged(job: Job, run: Run, refused: list[tuple[Job, RenderError]]) -> Job | None:
    if why := refusal_of(job, run):
        refused.append((job, why))
        return None
    return job


def _repeated(
    given: _Read, root: Path, refused: Sequence[tuple[Job, RenderError]]
) -> Mapping[tuple[int, str], Diagnostic]:
    """The findings that say why a statement is not drawn, which is said as an error; by its line and the message."""
    said = {(job.line, _in_text(why, root)) for job, why in refused}
    found: dict[tuple[int, str], Diagnostic] = {}
    for each in given.findings if said else ():
        line = given.source.position(each.label.span.start)[0]
        begin = max((number for number in given.lines if number <= line), default=line)
        if (begin, each.message) in said:
            found.setdefault((begin, each.message), each)
    return found


def _in_text(why: RenderError, root: Path) -> str:
    """The message as a finding has it, with paths as they are written in a text."""
    return why.message.replace(f"{root}/", "").replace(f"{shown(root)}/", "")


def _is_new(job: Job, run: Run) -> bool:
    """Whether no earlier round of a watch drew the same."""
    asked = run.asked[job.key] = content_hash(job.plan)
    return asked not in run.known


def _open(folder: Path, arguments: Given, run: Run) -> None:
    """Open the journal of a folder and see with `--resume` what lies there; a dry run only looks. Raises WriteError."""
    from promptlang_runtime.output.journal import NAME, Journal, opened, read
    from promptlang_runtime.output.names import listed

    is_dry, resumes = arguments.flag("dry-run"), arguments.flag("resume")
    if is_dry:
        listed(folder)
        run.journals[folder] = read(folder) if resumes else Journal()
    else:
        sweep([folder])
        waits = f"another run draws into `{shown(folder)}`: what is missing is drawn when it has ended"
        run.journals[folder] = run.closing.enter_context(
            opened(folder, alone=partial(warn, waits) if resumes else None)
        )
    if resumes:
        from promptlang_runtime.output.finished import finished

        journal = run.journals[folder]
        if fault := journal.fault:
            warn(f"`{shown(folder / NAME)}` {fault}: what is finished is read from the pictures instead")
        run.finished[folder] = finished(folder, journal)


def _named(jobs: Sequence[Job], run: Run) -> Iterator[Job]:
    """What is left of the jobs of one file, with names in the order of the file; what lies there already is noted."""
    there = [_lying(job, run) for job in jobs]
    for job, lying in zip(jobs, there, strict=True):
        run.skipped += sum(each is not None for each in lying)
        run.lying += ((job, each) for each in lying if each)
    for job, lying, names in zip(jobs, there, _names(jobs, there, run), strict=True):
        yield from remaining(replace(job, names=names), lying)


def _lying(job: Job, run: Run) -> tuple[Lying | None, ...]:
    """The pictures of a job that lie there already, where that is asked."""
    if job.folder not in run.finished:
        return (None,) * job.plan.images
    from promptlang_runtime.output.metadata import picture_of

    return lying_of(job, picture_of(job.plan, job.elsewhere), run.finished[job.folder].pictures)


def _names(jobs: Sequence[Job], there: Sequence[Sequence[Lying | None]], run: Run) -> Iterator[tuple[Path, ...]]:
    """The names of each job's pictures, before any is drawn: what fails leaves its number free."""
    from promptlang_runtime.output.names import beginning, named, number_in, taken

    if not jobs:
        return
    folder, stem = jobs[0].folder, beginning(jobs[0].stem)
    if folder not in run.taken:
        run.taken[folder] = taken(folder)
    known = [each and number_in(each.file.name, stem) for lying in there for each in lying]
    found = tuple(numbers(known, run.taken[folder][stem]))
    run.taken[folder][stem].update(found)
    coming = iter(found)
    for job in jobs:
        yield tuple(named(folder, stem, next(coming), job.plan.file_format) for _ in range(job.plan.images))


@dataclass(frozen=True, slots=True)
class _Read:
    """A text with the plans of its statements, each with the line of its own, the lines of all, and what was found."""

    source: Source
    plans: tuple[tuple[int, Plan], ...]
    lines: tuple[int, ...]
    findings: tuple[Diagnostic, ...]


def _plans(given: Input, known: Projects, arguments: Given, run: Run) -> _Read:
    """What is drawn of a text; what is found in it is noted for what comes of the run."""
    text, path = given.file, given.path
    project = known.of(path)
    if text.problem:
        read_in = _Read(text.source, (), (), (text.problem,))
    else:
        found = review(text.source.text, project=project, path=path)
        compiled = compile(text.source.text, project=project)
        lines = lines_of(text.source, project or EMPTY_PROJECT)
        least = Severity.HINT if arguments.flag("watch") else Severity.WARNING
        findings = (*(each for each in found if each.severity <= least), *compiled.refused)
        read_in = _Read(text.source, tuple((lines[plan.statement], plan) for plan in compiled.plans), lines, findings)
    run.failed |= any(each.severity is Severity.ERROR for each in read_in.findings)
    return read_in


def _folder(project: Project | None) -> Path:
    """Where pictures go without `--out`; raises UsageError where a link of the folder leads out of it."""
    project = project or Project()
    folder = project.out_folder(Path())
    if folder is None:
        raise UsageError(project.out_leads_away, "name the folder with `--out` if you mean it")
    return folder


def _seed(text: str | None) -> int | None:
    if text is None:
        return None
    if not (text.isascii() and text.isdigit() and len(text) <= 20 and int(text) < SEEDS):
        raise UsageError(f"`--seed` must be a whole number from 0 to {SEEDS - 1}, found `{text}`")
    return int(text)
