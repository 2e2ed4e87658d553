"""`promptlang compile`: the plans of prompts, as JSON."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

from promptlang.cli.arguments import CLEAN, FAILED, FOUND, Argument, Command, Given, UsageError
from promptlang.cli.inputs import CONFIG, PROMPTS, Input, projects, several
from promptlang.cli.mistakes import DEBUG, tell
from promptlang.cli.terminal import NOTHING_FOUND, complain, hand_out, is_unicode, paint, say, warn, width
from promptlang.files import Report, reason
from promptlang.meaning.project import Project
from promptlang.plans.plan import Plan
from promptlang.writing import write_text

COMMAND = Command(
    name="compile",
    summary="Turn prompts into plans, as JSON.",
    arguments=(
        PROMPTS,
        Argument(names=("--output", "-o"), value="FILE", help="Write the plans to a file that does not exist yet."),
        Argument(names=("--force",), help="Overwrite the output file."),
        *CONFIG,
        Argument(names=("--stdin-filename",), value="NAME", help="The name and place of standard input."),
        Argument(names=("--quiet", "-q"), help="Leave the findings out."),
        DEBUG,
    ),
    details=(
        "The output is a JSON list with one plan for each batch of images; `docs/plan.schema.json` describes a plan. "
        "Findings go to standard error. A statement with an error has no plan.",
        "Exit code: 0, 1 where a statement has no plan because of an error, 2 where the command could not do its work.",
    ),
    examples=("promptlang compile cow.prompt", "promptlang compile prompts/ -o plans.json"),
)


def run(arguments: Given) -> int:
    """Compile everything named into one list."""
    output = arguments.text("output")
    if output and os.path.lexists(output) and not arguments.flag("force"):
        raise UsageError(f"`{output}` is there already", "write `--force` to overwrite it")
    known = projects(arguments)
    plans: list[Plan] = []
    reports: list[Report] = []
    failed = False
    unread: list[str] = []
    for each in several(arguments, unread=unread.append):
        try:
            found, report = compiled(each, known.of(each.path))
        except Exception as error:  # one text's misfortune silences no other
            tell(error, each.file.source.name, arguments)
            failed = True
            continue
        plans.extend(found)
        reports.append(report)
    failed |= bool(unread)
    if not reports and failed:
        return FAILED
    if not reports:
        warn(NOTHING_FOUND)
    if not arguments.flag("quiet"):
        _print_findings((*known.reports, *reports))
    if not _written(plans, output) or failed:
        return FAILED
    errors = any(each.severity.word == "error" for report in reports for each in report.diagnostics)
    return FOUND if errors else CLEAN


def compiled(given: Input, project: Project | None) -> tuple[tuple[Plan, ...], Report]:
    """The plans of one text, and the findings."""
    from promptlang.checks.review import review
    from promptlang.lowering.lower import compile

    source = given.file.source
    if given.file.problem:
        return (), Report(source, (given.file.problem,))
    findings = review(source.text, project=project, path=given.path)
    made = compile(source.text, project=project, name=source.name)
    return made.plans, Report(source, (*findings, *made.refused))


def _print_findings(reports: tuple[Report, ...]) -> None:
    from promptlang.reports.text import full

    style, columns = paint("auto", sys.stderr), width(sys.stderr)
    for report in reports:
        for each in report.diagnostics:
            say(full(report.source, each, paint=style, width=columns) + "\n", sys.stderr)


def _written(plans: list[Plan], output: str | None) -> bool:
    """Print or store the plans; false where the system refuses."""
    from promptlang.plans.json import to_data

    unicode = bool(output) or is_unicode(sys.stdout)
    text = json.dumps([to_data(plan) for plan in plans], indent=2, ensure_ascii=not unicode) + "\n"
    if not output:
        hand_out(text)
        return True
    try:
        write_text(Path(output), text)
    except OSError as error:
        complain(f"cannot write `{output}`: {reason(error)}")
        return False
    return True
