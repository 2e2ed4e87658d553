"""Diagnostics for programs: JSON, JSON lines and GitHub annotations. Rows and columns count from 1, in code points."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping

from promptlang.diagnostics import Diagnostic, Fix, Label, Rule, Severity
from promptlang.files import Report
from promptlang.source import Source
from promptlang.tables.options.schema import Json

RULE_PAGE = "docs/rules.md"
GITHUB_LEVELS: Mapping[Severity, str] = {
    Severity.ERROR: "error",
    Severity.WARNING: "warning",
    Severity.INFORMATION: "notice",
    Severity.HINT: "notice",
}


def rule_url(rule: Rule) -> str:
    """Where a rule is explained: the page in the repository, and the rule's name as the anchor."""
    return f"{RULE_PAGE}#{rule.name}"


def record(source: Source, diagnostic: Diagnostic) -> dict[str, Json]:
    """One diagnostic as plain data."""
    from promptlang.fixes import applicable

    fix = applicable(diagnostic, unsafe=True)
    return {
        "code": diagnostic.rule.name,
        "severity": diagnostic.severity.word,
        "message": diagnostic.message,
        "filename": source.name,
        "location": location(source, diagnostic.label.span.start),
        "end_location": location(source, diagnostic.label.span.end),
        "label": diagnostic.label.text,
        "help": diagnostic.help or None,
        "related": [_related(source, label) for label in diagnostic.related],
        "fix": _fix(source, fix) if fix else None,
        "url": rule_url(diagnostic.rule),
    }


def as_json(reports: Iterable[Report]) -> str:
    """A list with one record for each diagnostic."""
    return json.dumps([record(report.source, each) for report in reports for each in report.diagnostics], indent=2)


def as_json_lines(reports: Iterable[Report]) -> str:
    """One record on each line; empty where nothing was found."""
    return "\n".join(json.dumps(record(report.source, each)) for report in reports for each in report.diagnostics)


def as_github(reports: Iterable[Report]) -> str:
    """Workflow commands that GitHub shows beside the changed lines."""
    return "\n".join(_annotation(report.source, each) for report in reports for each in report.diagnostics)


def _annotation(source: Source, diagnostic: Diagnostic) -> str:
    span = diagnostic.label.span
    (line, column), (end_line, end_column) = source.position(span.start), source.position(span.end)
    properties = {
        "title": f"promptlang ({diagnostic.rule.name})",
        "file": source.name,
        "line": str(line),
        "col": str(column),
        "endLine": str(end_line),
        "endColumn": str(end_column),
    }
    if end_line != line:  # GitHub takes columns only within one line
        del properties["col"], properties["endColumn"]
    listed = ",".join(f"{name}={_escaped_property(value)}" for name, value in properties.items())
    message = f"{source.name}:{line}:{column}: {diagnostic.rule.name}: {diagnostic.message}"
    if diagnostic.help:
        message += f"\n  help: {diagnostic.help}"
    return f"::{GITHUB_LEVELS[diagnostic.severity]} {listed}::{_escaped(message)}"


def _escaped(text: str) -> str:
    """Workflow commands end at the line end, and take `%` for an escape."""
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _escaped_property(text: str) -> str:
    return _escaped(text).replace(":", "%3A").replace(",", "%2C")


def location(source: Source, offset: int) -> Json:
    """Where an offset stands."""
    row, column = source.position(offset)
    return {"row": row, "column": column}


def _related(source: Source, label: Label) -> Json:
    return {
        "message": label.text,
        "location": location(source, label.span.start),
        "end_location": location(source, label.span.end),
    }


def _fix(source: Source, fix: Fix) -> Json:
    return {
        "applicability": "safe" if fix.safe else "unsafe",
        "message": fix.title,
        "edits": [
            {
                "content": edit.text,
                "location": location(source, edit.span.start),
                "end_location": location(source, edit.span.end),
            }
            for edit in fix.edits
        ],
    }
