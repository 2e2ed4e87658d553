"""The texts of a run to its jobs: what they ask for, what is found in them, and what of it is not drawn."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from promptlang import compile
from promptlang.checks.review import review
from promptlang.cli.arguments import Given, UsageError
from promptlang.cli.findings.output import print_reports
from promptlang.cli.inputs import Input, files, projects, read
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
from promptlang_runtime.command.elsewhere import sent
from promptlang_runtime.command.run import Run, leave_out, refusal_of
from promptlang_runtime.command.targets import named, opened
from promptlang_runtime.command.words import typed
from promptlang_runtime.errors import RenderError
from promptlang_runtime.planning.jobs import Job, placed


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
        project = known.of(path)
        folder = Path(out) if out else _folder(project)
        try:
            text = _read(written or read(path), project, folder, arguments)
        except UsageError as error:
            complain(str(error), error.help)
            run.unread = True
            continue
        except Exception as error:  # one file's misfortune takes no picture from the others
            tell(error, shown(path), arguments)
            run.failed = True
            continue
        run.failed |= any(each.severity is Severity.ERROR for each in text.findings)
        yield from _drawn(text, arguments, run)


def _drawn(text: _Text, arguments: Given, run: Run) -> Iterator[Job]:
    """The jobs of one file that can be drawn; what is found in it and what is not drawn is printed, each cause once."""
    refused: list[tuple[Job, RenderError]] = []
    try:
        if text.plans and text.folder not in run.targets:
            run.targets[text.folder] = opened(text.folder, arguments, run)
        jobs = [_judged(job, run, refused) for job in _jobs(text, arguments, run)]
    finally:
        repeated = _repeated(text, refused)
        others = tuple(each for each in text.findings if each not in repeated.values())
        print_reports(arguments, [Report(text.source, others)], sys.stderr)
    for job, why in refused:
        found = repeated.get((job.line, text.as_written(why.message)))
        leave_out(job, why, run, (text.source, found.label.span) if found else None)
    yield from filter(None, jobs)


def _jobs(text: _Text, arguments: Given, run: Run) -> Iterator[Job]:
    seed = _seed(arguments.text("seed"))
    found: list[Job] = []
    for place, (line, plan) in enumerate(text.plans):
        plan = placed(plan, text.root, elsewhere=run.server is not None)
        plan = plan if seed is None else replace(plan, seed=seed)
        job = sent(Job(plan=plan, file=text.path, folder=text.folder, place=place, line=line), run)
        if not arguments.flag("watch") or _is_new(job, run):
            found.append(job)
    names_none = arguments.flag("dry-run") and not arguments.flag("resume")
    return iter(found) if names_none else named(found, run)


def _judged(job: Job, run: Run, refused: list[tuple[Job, RenderError]]) -> Job | None:
    if why := refusal_of(job, run):
        refused.append((job, why))
        return None
    return job


def _repeated(text: _Text, refused: Sequence[tuple[Job, RenderError]]) -> Mapping[tuple[int, str], Diagnostic]:
    """The findings that say why a statement is not drawn, which is said as an error; by its line and the message."""
    said = {(job.line, text.as_written(why.message)) for job, why in refused}
    found: dict[tuple[int, str], Diagnostic] = {}
    for each in text.findings if said else ():
        line = text.source.position(each.label.span.start)[0]
        begin = max((number for number in text.lines if number <= line), default=line)
        if (begin, each.message) in said:
            found.setdefault((begin, each.message), each)
    return found


def _is_new(job: Job, run: Run) -> bool:
    """Whether no earlier round of a watch drew the same."""
    asked = run.asked[job.key] = content_hash(job.plan)
    return asked not in run.known


@dataclass(frozen=True, slots=True, kw_only=True)
class _Text:
    """A text as it is read: with the plans of its statements, each with the line of its own, and the lines of all.

    Its pictures go to `folder`, and paths in it count from `root`.
    """

    path: Path
    folder: Path
    root: Path
    source: Source
    findings: tuple[Diagnostic, ...]
    plans: tuple[tuple[int, Plan], ...] = ()
    lines: tuple[int, ...] = ()

    def as_written(self, message: str) -> str:
        """A message as a finding has it, with paths as they are written in the text."""
        return message.replace(f"{self.root}/", "").replace(f"{shown(self.root)}/", "")


def _read(given: Input, project: Project | None, folder: Path, arguments: Given) -> _Text:
    """What is drawn of a text, and what is found in it."""
    source, path = given.file.source, given.path
    text = partial(_Text, path=path, folder=folder, root=(project and project.root) or path.parent, source=source)
    if given.file.problem:
        return text(findings=(given.file.problem,))
    found = review(source.text, project=project, path=path)
    compiled = compile(source.text, project=project)
    lines = lines_of(source, project or EMPTY_PROJECT)
    least = Severity.HINT if arguments.flag("watch") else Severity.WARNING
    return text(
        findings=(*(each for each in found if each.severity <= least), *compiled.refused),
        plans=tuple((lines[plan.statement], plan) for plan in compiled.plans),
        lines=lines,
    )


def _folder(project: Project | None) -> Path:
    """Where pictures go without `--out`; raises UsageError where they may not lie."""
    project = project or Project()
    if fault := project.out_fault(Path()):
        raise UsageError(fault, "name the folder with `--out` if you mean it")
    return project.out_folder(Path())


def _seed(text: str | None) -> int | None:
    if text is None:
        return None
    if not (text.isascii() and text.isdigit() and len(text) <= 20 and int(text) < SEEDS):
        raise UsageError(f"`--seed` must be a whole number from 0 to {SEEDS - 1}, found `{text}`")
    return int(text)
