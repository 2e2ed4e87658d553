"""`promptlang compile`: the plans of prompts, as JSON."""

from __future__ import annotations

import json
import sys

from promptlang.cli.arguments import CLEAN, FAILED, FOUND, Command, Given
from promptlang.cli.findings.output import print_reports
from promptlang.cli.inputs import CONFIG, PROMPTS, STDIN_NAME, Input, projects, several
from promptlang.cli.mistakes import DEBUG, spared
from promptlang.cli.outputs import FORCE, output, refuse_existing, stored
from promptlang.cli.terminal import NOTHING_FOUND, hand_out, is_unicode, quiet, warn
from promptlang.diagnostics import Severity
from promptlang.files import Report
from promptlang.meaning.project import Project
from promptlang.plans.plan import Plan

COMMAND = Command(
    name="compile",
    summary="Turn prompts into plans, as JSON.",
    arguments=(
        PROMPTS,
        output("Write the plans to a file that does not exist yet."),
        FORCE,
        *CONFIG,
        STDIN_NAME,
        quiet("findings"),
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
    if file := arguments.text("output"):
        refuse_existing(file, arguments, arguments.texts("paths"))
    known = projects(arguments)
    plans: list[Plan] = []
    reports: list[Report] = []
    failed: list[str] = []
    for each in several(arguments, unread=failed.append):
        with spared(each.file.source.name, arguments, failed):
            found, report = compiled(each, known.of(each.path))
            plans.extend(found)
            reports.append(report)
    if not reports and failed:
        return FAILED
    if not reports:
        warn(NOTHING_FOUND)
    if not arguments.flag("quiet"):
        print_reports(arguments, (*known.reports, *reports), sys.stderr)
    if not _written(plans, arguments) or failed:
        return FAILED
    errors = any(each.severity is Severity.ERROR for report in reports for each in report.diagnostics)
    return FOUND if errors else CLEAN


def compiled(given: Input, project: Project | None) -> tuple[tuple[Plan, ...], Report]:
    """The plans of one text, and the findings."""
    from promptlang.checks.review import review
    from promptlang.lowering.lower import compile

    source = given.file.source
    if given.file.problem:
        return (), Report(source, (given.file.problem,))
    findings = review(source.text, project=project, path=given.path)
    made = compile(source.text, project=project)
    return made.plans, Report(source, (*findings, *made.refused))


def _written(plans: list[Plan], arguments: Given) -> bool:
    """Print or store the plans; false where the system refuses."""
    from promptlang.plans.json import to_data

    file = arguments.text("output")
    unicode = bool(file) or is_unicode(sys.stdout)
    text = json.dumps([to_data(plan) for plan in plans], indent=2, ensure_ascii=not unicode) + "\n"
    if file:
        return stored(file, text, arguments)
    hand_out(text)
    return True
