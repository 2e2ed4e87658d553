"""Findings as `check` prints them in full, one sheet a text: made where the findings are, and remembered with them."""

from __future__ import annotations

from collections.abc import Iterable
from operator import add
from typing import TYPE_CHECKING

from promptlang.cli.findings.selection import Selection
from promptlang.diagnostics import Diagnostic, Severity
from promptlang.files import Report
from promptlang.reports.cells import visible
from promptlang.source import Source
from promptlang.values import dataclass

if TYPE_CHECKING:
    from promptlang.many.forms import Found, Text
    from promptlang.many.packing import Data


@dataclass(frozen=True, slots=True)
class Tally:
    """How many findings there are of each severity, the worst first, and how many have a safe or only an unsafe fix."""

    severities: tuple[int, ...] = (0,) * len(Severity)
    safe: int = 0
    unsafe: int = 0

    @property
    def worst(self) -> Severity:
        """The worst severity, a hint where there is nothing."""
        return next((each for each, count in zip(Severity, self.severities, strict=True) if count), Severity.HINT)


@dataclass(frozen=True, slots=True)
class Sheet:
    """The findings of a text as printed, and how many they are."""

    tally: Tally = Tally()
    text: str = ""


CLEAN = Sheet()


def tally(diagnostics: Iterable[Diagnostic]) -> Tally:
    """Findings counted."""
    severities, safe, unsafe = [0] * len(Severity), 0, 0
    for each in diagnostics:
        severities[each.severity - 1] += 1
        is_safe = any(fix.safe for fix in each.fixes)
        safe += is_safe
        unsafe += bool(each.fixes) and not is_safe
    return Tally(tuple(severities), safe, unsafe)


def total(tallies: Iterable[Tally]) -> Tally:
    """Tallies as one."""
    severities, safe, unsafe = Tally().severities, 0, 0
    for each in tallies:
        severities = tuple(map(add, severities, each.severities))
        safe += each.safe
        unsafe += each.unsafe
    return Tally(severities, safe, unsafe)


@dataclass(frozen=True, slots=True)
class Sheets:
    """The form of one run: what it selects, in colour or not, for a terminal of some width."""

    selection: Selection
    is_coloured: bool
    width: int

    def of(self, report: Report) -> Sheet:
        """The sheet of what is to be seen of one text."""
        if not report.diagnostics:
            return CLEAN
        return Sheet(tally(report.diagnostics), visible(report.source.name).join(self._pieces(report)))

    def _pieces(self, report: Report) -> list[str]:
        """What is printed of a text, cut where its name stands: another text that says the same takes it over."""
        from promptlang.reports.text import around_name, coloured, plain

        style = coloured if self.is_coloured else plain
        pieces = [""]
        for each in report.diagnostics:
            before, after = around_name(report.source, each, paint=style, width=self.width)
            pieces[-1] += before
            pieces.append(f"{after}\n\n")
        return pieces

    @property
    def _look(self) -> str:
        return f"{self.width} {self.is_coloured} {self.selection.key}"

    def packed(self, text: Text, found: Found) -> Data:
        """Findings and sheet as plain data; a text without findings needs none."""
        from promptlang.many.forms import Findings

        data = Findings().packed(text, found)
        if not found:
            return data
        report = Report(Source(text.text, text.name), self.selection.seen(found))
        counts = tally(report.diagnostics)
        return {**data, self._look: [self._pieces(report), *counts.severities, counts.safe, counts.unsafe]}

    def unpacked(self, data: object, text: Text) -> Sheet:
        """The sheet of a text, if it is in this form."""
        from promptlang.many.forms import FINDINGS
        from promptlang.many.packing import items, numbers, part, words

        if not items(part(data, FINDINGS)):
            return CLEAN
        pieces, *counts = items(part(data, self._look), 3 + len(Severity))
        *severities, safe, unsafe = numbers(counts, 2 + len(Severity))
        return Sheet(Tally(tuple(severities), safe, unsafe), visible(text.name).join(words(pieces)))
