"""Reports on a stream, in every format, and the line that sums them up."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TextIO

from promptlang.cli.arguments import Given
from promptlang.cli.findings.sheets import Tally
from promptlang.diagnostics import Severity
from promptlang.files import Report
from promptlang.sentences import counted

FORMATS = ("full", "concise", "json", "json-lines", "github", "sarif")


def print_reports(arguments: Given, reports: Sequence[Report], stream: TextIO) -> None:
    """Print the findings as asked for."""
    from promptlang.cli.terminal import paint, say, width

    found = [each for report in reports for each in report.diagnostics]
    if arguments.flag("statistics"):
        from promptlang.reports.text import statistics

        _print(statistics(found), stream)
        return
    style = paint(arguments.text("color") or "auto", stream)
    match arguments.text("output-format"):
        case "json":
            from promptlang.reports.data import as_json

            _print(as_json(reports), stream)
        case "json-lines":
            from promptlang.reports.data import as_json_lines

            _print(as_json_lines(reports), stream)
        case "github":
            from promptlang.reports.data import as_github

            _print(as_github(reports), stream)
        case "sarif":
            from promptlang.reports.sarif import as_sarif
            from promptlang.version import VERSION

            _print(as_sarif(reports, VERSION), stream)
        case "concise" if found:
            from promptlang.reports.text import concise

            for report in reports:
                for each in report.diagnostics:
                    _print(concise(report.source, each, paint=style), stream)
        case _ if found:
            from promptlang.reports.text import full

            columns = width(stream)
            for report in reports:
                for each in report.diagnostics:
                    say(full(report.source, each, paint=style, width=columns) + "\n", stream)
        case _:
            pass


def summary(
    seen: Tally,
    checked: Tally,
    *,
    files: int,
    known: int,
    fixed: int,
    changed: int,
    comments: int,
    diff: bool,
    verb: str = "fix",
) -> str:
    """`2 files checked: 1 error, 3 warnings; 2 fixable with --fix`.

    `seen` may hold project files beside the files `checked`; only those are fixed. `known` are those of a baseline.
    `verb` is what is done to findings, `comments` are those that do it.
    """
    how = f" with {counted(comments, 'comment')}" if comments else ""
    if diff:
        return f"would {verb} {fixed} in {counted(changed, 'file')}{how}" if changed else f"nothing to {verb}"
    counts = ", ".join(
        counted(number, severity.word, "information" if severity is Severity.INFORMATION else "")
        for severity, number in zip(Severity, seen.severities, strict=True)
        if number
    )
    parts = [f"{counted(files, 'file')} checked: {counts or 'no findings'}"]
    if known:
        parts.append(f"{known} known")
    if fixed:
        parts.append(f"{fixed} {verb.rstrip('e')}ed{how}")
    if fixable := _fixable(checked):
        parts.append(fixable)
    return "; ".join(parts)


def _fixable(checked: Tally) -> str:
    if checked.safe:
        more = f", {checked.unsafe} more with --unsafe-fixes" if checked.unsafe else ""
        return f"{checked.safe} fixable with --fix{more}"
    return f"{checked.unsafe} fixable with --fix --unsafe-fixes" if checked.unsafe else ""


def _print(text: str, stream: TextIO) -> None:
    if text:
        print(text, file=stream)
