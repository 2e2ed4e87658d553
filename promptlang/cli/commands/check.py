"""`promptlang check`: find mistakes in prompts, show them, and mend those with a known answer."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, TextIO, TypeVar

from promptlang.cli.arguments import CLEAN, FAILED, FOUND, Argument, Command, Given, UsageError
from promptlang.cli.findings.output import FORMATS, print_reports
from promptlang.cli.findings.selection import SELECTION, selection
from promptlang.cli.findings.sheets import Sheets, Tally, tally, total
from promptlang.cli.findings.work import Work, checked, summary
from promptlang.cli.inputs import (
    CONFIG,
    PROMPTS_OR_HERE,
    STANDARD_INPUT,
    STDIN_NAME,
    Input,
    is_project_file,
    projects,
    read,
    several,
)
from promptlang.cli.mistakes import DEBUG, spared
from promptlang.cli.terminal import COLOUR, NOTHING_FOUND, fitted, has_colour, quiet, say, warn, width
from promptlang.diagnostics import Severity
from promptlang.files import Report
from promptlang.meaning.project import Project

if TYPE_CHECKING:
    from promptlang.cli.findings.baseline import Baseline
    from promptlang.cli.findings.watching import Kept
    from promptlang.many.forms import Form

MANY = 100
"""From so many texts on, several processes and what an earlier run found can pay for themselves."""

Result = TypeVar("Result")

COMMAND = Command(
    name="check",
    summary="Find mistakes in prompts.",
    arguments=(
        PROMPTS_OR_HERE,
        Argument(names=("--fix",), help="Mend what has a safe answer: one that leaves the picture as it is."),
        Argument(names=("--unsafe-fixes",), help="Count answers that may change the picture as well."),
        Argument(names=("--diff",), help="Show what --fix would change, and change nothing."),
        Argument(
            names=("--add-ignores",),
            help="Write a comment above every line with a finding, so that only new ones are reported.",
        ),
        Argument(names=("--baseline",), value="FILE", help="Report only findings that this file does not know."),
        Argument(names=("--write-baseline",), help="Write what is found into the baseline, and report nothing."),
        Argument(names=("--watch",), help="Check again whenever something changes, until Ctrl-C."),
        Argument(
            names=("--output-format",),
            value="FORMAT",
            choices=FORMATS,
            default="full",
            help="How findings are printed.",
        ),
        *SELECTION,
        *CONFIG,
        STDIN_NAME,
        Argument(names=("--error-on-warning",), help="Report warnings as errors."),
        Argument(names=("--exit-zero",), help="Exit with 0 whatever is found."),
        Argument(names=("--statistics",), help="Count findings by rule instead of listing them."),
        COLOUR,
        quiet("summary"),
        Argument(names=("--jobs",), value="N", help="How many processes share the work. Default: as many as pay."),
        Argument(names=("--no-cache",), help="Neither use findings of an earlier run nor leave any for a later one."),
        DEBUG,
    ),
    details=(
        "A project file that is named is checked as one; that of a prompt is checked along with it.",
        "Exit code: 0 where nothing worse than information was found, 1 for warnings and errors, "
        "2 where the command could not do its work (usage, project file, unreadable file).",
        f"Findings of folders with {MANY} prompts and more are kept in `.promptlang-cache/`, which is safe to delete.",
        "A baseline knows a finding by its file, its rule and what its line says: lines may move, and a line that is "
        "written anew is reported anew. What is gone from it is said. `--fix` mends what it knows, too; findings in "
        "project files are always reported.",
        "What is watched: the prompts, their project files and what those name. Only what has changed is read again.",
        "A comment line silences rules for the next line, or for the whole file: "
        "`# promptlang: ignore[clipskip/high]`, `# promptlang: ignore-file[guidance/*]`.",
    ),
    examples=(
        "promptlang check",
        "promptlang check --fix cow.prompt",
        "promptlang check --baseline known.json --write-baseline",
        "promptlang check --output-format json --select clipskip prompts/",
    ),
)


def run(arguments: Given) -> int:
    """Check everything named; see COMMAND for the exit code."""
    _refuse_opposites(arguments)
    if arguments.flag("watch"):
        from promptlang.cli.findings.watching import watch

        return watch(arguments, _checked_once)
    return _checked_once(arguments)


def _checked_once(arguments: Given, kept: Kept | None = None) -> int:
    """Check everything named; what an earlier round kept need not be found again."""
    work = Work(
        arguments=arguments,
        projects=kept.projects if kept else projects(arguments),
        selection=selection(arguments),
        baseline=_baseline(arguments),
        kept=kept,
        unsafe=arguments.flag("unsafe-fixes"),
        fix=arguments.flag("fix") or arguments.flag("add-ignores"),
        diff=arguments.flag("diff"),
    )
    reader = kept.read if kept else read
    inputs = tuple(several(arguments, unread=work.failed.append, project_files=True, reader=reader))
    # Where standard output carries a text or a diff, findings go to standard error.
    stream = sys.stderr if work.diff or (work.fix and STANDARD_INPUT in arguments.texts("paths")) else sys.stdout
    is_full = arguments.text("output-format") == "full" and not (work.diff or arguments.flag("statistics"))
    print_all = _print_sheets if is_full else _print_reports
    seen, checked = print_all(inputs, work, stream)
    if work.baseline:
        _compare(work.baseline, work)
    if work.checked and not arguments.flag("quiet") and arguments.text("output-format") in {"full", "concise"}:
        say(summary(work, seen, checked), stream)
    _tell_of_pictures(inputs, work)
    if work.failed or any(
        each.severity is Severity.ERROR for report in _of_projects(work) for each in report.diagnostics
    ):
        return FAILED
    found = seen.worst <= Severity.WARNING or (work.diff and bool(work.changed))
    return FOUND if found and not arguments.flag("exit-zero") else CLEAN


def _refuse_opposites(arguments: Given) -> None:
    """Raise UsageError for options that undo each other."""
    if arguments.flag("add-ignores") and (arguments.flag("fix") or arguments.flag("unsafe-fixes")):
        raise UsageError("`--add-ignores` silences what `--fix` mends", "write one of them; `--fix` first")
    if arguments.flag("add-ignores") and arguments.flag("baseline"):
        raise UsageError("`--add-ignores` silences what a baseline knows already", "write one of them")
    if arguments.flag("watch"):
        for other in ("fix", "diff", "add-ignores", "write-baseline"):
            if arguments.flag(other):
                raise UsageError(f"`--watch` and `--{other}` exclude each other", "write one of them")
        if STANDARD_INPUT in arguments.texts("paths"):
            raise UsageError("standard input cannot be watched", "name a file or a folder")
    if arguments.flag("write-baseline"):
        if not arguments.flag("baseline"):
            raise UsageError("`--write-baseline` needs to know where", "write `--baseline FILE --write-baseline`")
        for other in ("fix", "diff"):
            if arguments.flag(other):
                raise UsageError(f"`--write-baseline` and `--{other}` exclude each other", f"`--{other}` first")


def _baseline(arguments: Given) -> Baseline | None:
    name = arguments.text("baseline")
    if name is None:
        return None
    from promptlang.cli.findings.baseline import read_baseline

    return read_baseline(name, written=arguments.flag("write-baseline"))


def _compare(baseline: Baseline, work: Work) -> None:
    """Write the baseline, or say what is gone from it."""
    if baseline.written:
        baseline.write(work.selection.admits_rule)
    elif gone := baseline.gone(work.selection.admits_rule):
        warn(gone)


def _tell_of_pictures(inputs: Sequence[Input], work: Work) -> None:
    """Why `render` draws none here; where a project says where pictures go, it is a finding about that file."""
    is_bare = any(not is_project_file(each.where) and work.projects.of(each.where) is None for each in inputs)
    if is_bare and (fault := Project().out_fault(Path())):
        warn(f"{fault}: nothing is drawn here unless `render --out` names a folder")


def _print_sheets(inputs: Sequence[Input], work: Work, stream: TextIO) -> tuple[Tally, Tally]:
    """Print findings in full; how many there are, and how many of them in what was named."""
    is_coloured = has_colour(work.arguments.text("color") or "auto", stream)
    form = Sheets(work.selection, is_coloured, width(stream))
    if work.baseline or work.kept:
        known = {place: form.of(report) for place, report in _reports(inputs, work).items()}
    else:
        known = _together(inputs, work, form)
    sheets = _each(inputs, work, known, form.of)
    around = [form.of(report) for report in _of_projects(work, unnamed=True)]
    text = "".join(sheet.text for sheet in (*around, *sheets))
    stream.write(fitted(text, stream))  # in one go: a stream may be without a buffer
    checked = total(sheet.tally for sheet in sheets)
    return total((checked, *(sheet.tally for sheet in around))), checked


def _print_reports(inputs: Sequence[Input], work: Work, stream: TextIO) -> tuple[Tally, Tally]:
    """Print findings in every other format, and count them in the same way; a diff is printed already."""
    reports = _each(inputs, work, _reports(inputs, work), lambda report: report)
    around = _of_projects(work, unnamed=True)
    if not work.diff:
        print_reports(work.arguments, [report for report in (*around, *reports) if report.diagnostics], stream)
    checked = total(tally(report.diagnostics) for report in reports)
    return total((checked, *(tally(report.diagnostics) for report in around))), checked


def _reports(inputs: Sequence[Input], work: Work) -> dict[int, Report]:
    """The reports of many prompts, by their place among the inputs; nothing where they are few."""
    from promptlang.many.forms import Findings

    found = _together(inputs, work, Findings())
    if work.kept:
        for place, each in found.items():
            work.kept.keep(inputs[place], each)
    return {place: work.report(inputs[place].file.source, each) for place, each in found.items()}


def _together(inputs: Sequence[Input], work: Work, form: Form[Result]) -> dict[int, Result]:
    """What is wanted of each of many prompts, by its place among the inputs; nothing where they are few."""
    new = [each for each in inputs if work.kept.found(each) is None] if work.kept else inputs
    if len(new) < MANY or work.fix or work.diff:
        return {}
    try:
        return _of_many(inputs, work, form)
    except (OSError, UsageError):
        raise
    except Exception:  # one by one, it shows which text it is
        return {}


def _of_many(inputs: Sequence[Input], work: Work, form: Form[Result]) -> dict[int, Result]:
    from promptlang.many.forms import Text
    from promptlang.many.reviewing import reviews

    wanted: dict[int, Project | None] = {}  # one project with the selection's rules for each project there is
    texts: dict[int, Text] = {}
    for place, each in enumerate(inputs):
        if each.file.problem is None and not is_project_file(each.where):
            project = work.projects.of(each.where)
            if id(project) not in wanted:
                wanted[id(project)] = work.selection.project(project)
            texts[place] = Text(each.file.source.text, each.where, wanted[id(project)], each.file.source.name)
    jobs, remember = work.arguments.number("jobs"), not work.arguments.flag("no-cache")
    return dict(zip(texts, reviews(tuple(texts.values()), form, jobs=jobs, remember=remember), strict=True))


def _each(
    inputs: Sequence[Input], work: Work, known: Mapping[int, Result], made: Callable[[Report], Result]
) -> list[Result]:
    """The result of every input: what is known already, or what is made of its report."""
    results: list[Result] = []
    for place, each in enumerate(inputs):
        if work.fix:
            work.folders.append(each.path.parent)
        name = each.file.source.name
        with spared(name, work.arguments, work.failed):
            results.append(known[place] if place in known else made(checked(each, work)))
            work.checked.append(name)
    if work.fix and not work.diff:
        from promptlang.writing import sweep

        sweep(work.folders)
    if not results and not work.failed:
        warn(f"{NOTHING_FOUND}; `promptlang init` writes a first one")
    return results


def _of_projects(work: Work, *, unnamed: bool = False) -> list[Report]:
    """What is found in project files, those left out that are named and so have been checked like a prompt."""
    named = set(work.checked) if unnamed else set[str]()
    reports = work.projects.reports
    return [
        Report(each.source, work.selection.seen(each.diagnostics)) for each in reports if each.source.name not in named
    ]
