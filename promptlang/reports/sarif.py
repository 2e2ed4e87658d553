"""Diagnostics as SARIF 2.1.0, the exchange format of code scanning services."""

from __future__ import annotations

import json
from collections.abc import Iterable
from urllib.parse import quote

from promptlang.diagnostics import Diagnostic, Fix, Rule, Severity
from promptlang.files import Report
from promptlang.source import Source, Span
from promptlang.tables.options.schema import Json

SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
LEVELS = {
    Severity.ERROR: "error",
    Severity.WARNING: "warning",
    Severity.INFORMATION: "note",
    Severity.HINT: "note",
}


def as_sarif(reports: Iterable[Report], version: str) -> str:
    """One run with its rules, results, related places and fixes."""
    reports = tuple(reports)
    rules = sorted({each.rule.name: each.rule for report in reports for each in report.diagnostics}.items())
    order = {name: index for index, (name, _) in enumerate(rules)}
    log: Json = {
        "$schema": SCHEMA,
        "version": "2.1.0",
        "runs": [
            {
                "tool": {
                    "driver": {"name": "promptlang", "version": version, "rules": [_rule(rule) for _, rule in rules]}
                },
                "columnKind": "unicodeCodePoints",
                "results": [
                    _result(report.source, each, order[each.rule.name])
                    for report in reports
                    for each in report.diagnostics
                ],
            }
        ],
    }
    return json.dumps(log, indent=2)


def _rule(rule: Rule) -> Json:
    return {
        "id": rule.name,
        "shortDescription": {"text": rule.summary or rule.name},
        "fullDescription": {"text": rule.why or rule.summary or rule.name},
        "help": {"text": f"{rule.why}\n\nExample:\n{rule.example}\n\nSource: {rule.source}"},
        "defaultConfiguration": {"level": LEVELS[rule.severity]},
    }


def _result(source: Source, diagnostic: Diagnostic, index: int) -> Json:
    text = f"{diagnostic.message}; {diagnostic.help}" if diagnostic.help else diagnostic.message
    result: dict[str, Json] = {
        "ruleId": diagnostic.rule.name,
        "ruleIndex": index,
        "level": LEVELS[diagnostic.severity],
        "message": {"text": text},
        "locations": [_location(source, diagnostic.label.span)],
    }
    if diagnostic.related:
        result["relatedLocations"] = [
            {**_location(source, label.span), "id": number, "message": {"text": label.text or "related"}}
            for number, label in enumerate(diagnostic.related, 1)
        ]
    if diagnostic.fixes:
        result["fixes"] = [_fix(source, fix) for fix in diagnostic.fixes]
    return result


def _location(source: Source, span: Span) -> dict[str, Json]:
    return {"physicalLocation": {"artifactLocation": _artifact(source), "region": _region(source, span)}}


def _artifact(source: Source) -> Json:
    return {"uri": quote(source.name.replace("\\", "/"), errors="surrogateescape")}


def _region(source: Source, span: Span) -> Json:
    (row, column), (end_row, end_column) = source.position(span.start), source.position(span.end)
    return {"startLine": row, "startColumn": column, "endLine": end_row, "endColumn": end_column}


def _fix(source: Source, fix: Fix) -> Json:
    return {
        "description": {"text": fix.title if fix.safe else f"{fix.title} (unsafe)"},
        "artifactChanges": [
            {
                "artifactLocation": _artifact(source),
                "replacements": [
                    {
                        "deletedRegion": _region(source, edit.span),
                        "insertedContent": {"text": edit.text},
                    }
                    for edit in fix.edits
                ],
            }
        ],
    }
