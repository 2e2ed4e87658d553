"""`promptlang check`: find mistakes in prompts, show them, and mend those with a known answer."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from dataclasses import field, replace
from pathlib import Path

from promptlang.checks.review import review
from promptlang.cli.arguments import CLEAN, FAILED, FOUND, Argument, Command, Given, UsageError
from promptlang.cli.inputs import (
    CONFIG,
    PROMPTS_OR_HERE,
    STANDARD_INPUT,
    Input,
    Projects,
    is_project_file,
    projects,
    several,
)
from promptlang.cli.mistakes import DEBUG, tell
from promptlang.cli.output import FORMATS, print_reports, summary
from promptlang.cli.selection import SELECTION, Selection, selection
from promptlang.cli.terminal import COLOUR, NOTHING_FOUND, complain, warn
from promptlang.diagnostics import Diagnostic, Severity
from promptlang.files import Report, TextFile
from promptlang.fixes import Fixed
from promptlang.meaning.project import Project
from promptlang.source import Source
from promptlang.values import dataclass

MANY = 100
"""From so many texts on, several processes and what an earlier run found can pay for themselves."""

Found = tuple[Diagnostic, ...]

COMMAND = Command(
    name="check",
    summary="Find mistakes in prompts.",
    arguments=(
        PROMPTS_OR_HERE,
        Argument(names=("--fix",), help="Mend what has a safe answer: one that leaves the picture as it is."),
        Argument(names=("--unsafe-fixes",), help="Count answers that may change the picture as well."),
        Argument(names=("--diff",), help="Show what --fix would change, and change nothing."),
        Argument(
            names=("--output-format",),
            value="FORMAT",
            choices=FORMATS,
            default="full",
            help="How findings are printed.",
        ),
        *SELECTION,
        *CONFIG,
        Argument(names=("--stdin-filename",), value="NAME", help="The name and place of standard input."),
        Argument(names=("--error-on-warning",), help="Report warnings as errors."),
        Argument(names=("--exit-zero",), help="Exit with 0 whatever is found."),
        Argument(names=("--statistics",), help="Count findings by rule instead of listing them."),
        Argument(names=("--color",), value="WHEN", choices=COLOUR, default="auto", help="Whether to print in colour."),
        Argument(names=("--quiet", "-q"), help="Leave the summary out."),
        Argument(names=("--jobs",), value="N", help="How many processes share the work. Default: as many as pay."),
        Argument(names=("--no-cache",), help="Neither use findings of an earlier run nor leave any for a later one."),
        DEBUG,
    ),
    details=(
        "A project file that is named is checked as one; that of a prompt is checked along with it.",
        "Exit code: 0 where nothing worse than information was found, 1 for warnings and errors, "
        "2 where the command could not do its work (usage, project file, unreadable file).",
        f"Findings of folders with {MANY} prompts and more are kept in `.promptlang-cache/`, which is safe to delete.",
        "A comment line silences rules for the next line, or for the whole file: "
        "`# promptlang: ignore[clipskip/high]`, `# promptlang: ignore-file[guidance/*]`.",
    ),
    examples=(
        "promptlang check",
        "promptlang check --fix cow.prompt",
        "promptlang check --output-format json --select clipskip prompts/",
    ),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Work:
    """The settings of one run, and what came of it so far."""

    projects: Projects
    selection: Selection
    unsafe: bool
    fix: bool
    diff: bool
    raised: bool
    reports: list[Report] = field(default_factory=list[Report])
    changed: dict[str, int] = field(default_factory=dict[str, int])  # fixes by file
    failed: list[str] = field(default_factory=list[str])  # what could not be read or written
    folders: list[Path] = field(default_factory=list[Path])  # where something may have been written


def run(arguments: Given) -> int:
    """Check everything named; see COMMAND for the exit code."""
    work = Work(
        projects=projects(arguments),
        selection=selection(arguments),
        unsafe=arguments.flag("unsafe-fixes"),
        fix=arguments.flag("fix"),
        diff=arguments.flag("diff"),
        raised=arguments.flag("error-on-warning"),
    )
    inputs = tuple(several(arguments, unread=work.failed.append, project_files=True))
    together: dict[int, Found] = {}
    if len(inputs) >= MANY and not (work.fix or work.diff):
        try:
            together = _together(inputs, arguments, work)
        except (OSError, UsageError):
            raise
        except Exception:  # one by one, it shows which text it is
            together = {}
    for place, each in enumerate(inputs):
        if work.fix:
            work.folders.append(each.path.parent)
        try:
            work.reports.append(_checked(each, work, together.get(place)))
        except Exception as error:  # one text's misfortune silences no other
            tell(error, each.file.source.name, arguments)
            work.failed.append(each.file.source.name)
    if work.fix and not work.diff:
        from promptlang.writing import sweep

        sweep(work.folders)
    if not work.reports and not work.failed:
        warn(NOTHING_FOUND)
    configuration = [_seen(work, report) for report in work.projects.reports]
    broken = any(each.severity is Severity.ERROR for report in configuration for each in report.diagnostics)
    named = {report.source.name for report in work.reports}
    unnamed = (report for report in configuration if report.source.name not in named)
    reports = [report for report in (*unnamed, *work.reports) if report.diagnostics]
    _print(arguments, work, reports)
    if work.failed or broken:
        return FAILED
    worst = min((each.severity for report in reports for each in report.diagnostics), default=Severity.HINT)
    found = worst <= Severity.WARNING or (work.diff and bool(work.changed))
    return FOUND if found and not arguments.flag("exit-zero") else CLEAN


def _print(arguments: Given, work: Work, reports: list[Report]) -> None:
    """Findings to standard output; to standard error where that carries a text or a diff."""
    carries_text = work.diff or (work.fix and STANDARD_INPUT in arguments.texts("paths"))
    stream = sys.stderr if carries_text else sys.stdout
    if not work.diff:
        print_reports(arguments, reports, stream)
    if work.reports and not arguments.flag("quiet") and arguments.text("output-format") in {"full", "concise"}:
        print(
            summary(reports, work.reports, fixed=sum(work.changed.values()), changed=len(work.changed), diff=work.diff),
            file=stream,
        )


def _together(inputs: Sequence[Input], arguments: Given, work: Work) -> dict[int, Found]:
    """What there is to say about each of many prompts, by its place among the inputs."""
    from promptlang.many.reviewing import Text, reviews

    wanted: dict[int, Project | None] = {}  # one project with the selection's rules for each project there is
    texts: dict[int, Text] = {}
    for place, each in enumerate(inputs):
        if each.file.problem is None and not is_project_file(each.path):
            project = work.projects.of(each.path)
            if id(project) not in wanted:
                wanted[id(project)] = work.selection.project(project)
            texts[place] = Text(each.file.source.text, each.path, wanted[id(project)])
    found = reviews(tuple(texts.values()), jobs=arguments.number("jobs"), remember=not arguments.flag("no-cache"))
    return dict(zip(texts, found, strict=True))


def _checked(given: Input, work: Work, found: Found | None) -> Report:
    """The findings of one text, after its fixes; `found` is what there is to say where that is known already."""
    source = given.file.source
    if given.file.problem:
        return _seen(work, Report(source, (given.file.problem,)))
    if found is not None:
        return _seen(work, Report(source, found))
    is_project = is_project_file(given.path)
    project = None if is_project else work.selection.project(work.projects.of(given.path))

    def check(text: str) -> tuple[Diagnostic, ...]:
        found = _of_project(given, text) if is_project else review(text, project=project, path=given.path)
        return tuple(filter(work.selection.admits, found))

    if work.fix or work.diff:
        source = _mended(given, check, work)
    return _seen(work, Report(source, check(source.text)))


def _of_project(given: Input, text: str) -> tuple[Diagnostic, ...]:
    """The findings of a project file, those it extends left to themselves."""
    from promptlang.config.chain import load

    source = Source(text, given.file.source.name)
    reports = load(given.path, TextFile(source)).reports
    return tuple(each for report in reports if report.source.name == source.name for each in report.diagnostics)


def _mended(given: Input, check: Callable[[str], tuple[Diagnostic, ...]], work: Work) -> Source:
    """The text with its fixes, written back unless a diff was asked for; the old one for a diff."""
    from promptlang.fixes import fixed, unified_diff
    from promptlang.writing import write_text

    source = given.file.source
    result: Fixed = fixed(source.text, check, unsafe=work.unsafe)
    if not result.settled:
        complain(f"the fixes of `{source.name}` keep calling for each other, so it is left as it is")
        work.failed.append(source.name)
        return source
    if result.text != source.text:
        work.changed[source.name] = result.count
    if work.diff:
        sys.stdout.write(unified_diff(source.text, result.text, source.name))
        return source
    if given.is_standard_input:
        sys.stdout.write(result.text)
    elif result.text != source.text:
        try:
            write_text(given.path, result.text, mark=given.file.mark, before=given.file)
        except OSError as error:
            from promptlang.files import reason

            complain(f"cannot write `{source.name}`: {reason(error)}")
            work.failed.append(source.name)
            return source
    return Source(result.text, source.name)


def _seen(work: Work, report: Report) -> Report:
    """A report as asked for: the rules selected, in order of place, and warnings raised to errors where wanted."""
    if not report.diagnostics:
        return report
    admitted = filter(work.selection.admits, report.diagnostics)
    diagnostics = sorted(admitted, key=lambda each: (each.label.span, each.severity, each.rule.name))
    if work.raised:
        diagnostics = [_raised(each) for each in diagnostics]
    return Report(report.source, tuple(diagnostics))


def _raised(diagnostic: Diagnostic) -> Diagnostic:
    return replace(diagnostic, severity=Severity.ERROR) if diagnostic.severity is Severity.WARNING else diagnostic
