"""Reports on a stream, in every format."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TextIO

from promptlang.cli.arguments import Given
from promptlang.files import Report

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


def _print(text: str, stream: TextIO) -> None:
    if text:
        print(text, file=stream)
