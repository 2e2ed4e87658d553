"""Findings as the command line prints them for programs: one form of them, whoever asks."""

from __future__ import annotations

from promptlang.diagnostics import Diagnostic
from promptlang.plans.json import Json
from promptlang.reports.data import record
from promptlang.source import Source


def as_data(source: Source, found: Diagnostic) -> Json:
    """A finding as plain data."""
    return dict[str, Json](record(source, found).items())
