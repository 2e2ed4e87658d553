"""Findings as a table for a page, and as lines for a terminal."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from html import escape

from promptlang.checks.review import review
from promptlang.diagnostics import Diagnostic
from promptlang.files import visible
from promptlang.meaning.project import Project
from promptlang.reports.text import concise
from promptlang.source import Source

HEAD = ("line", "", "found", "what to do", "rule")
MARKS = {"error": "#d1242f", "warning": "#9a6700", "information": "#0969da", "hint": "#57606a"}


@dataclass(frozen=True, slots=True)
class Findings:
    """What is found in a text."""

    source: Source
    found: tuple[Diagnostic, ...]

    @classmethod
    def of(cls, text: str, project: Project | None, name: str) -> Findings:
        """What is found in a text that would lie under this name."""
        from pathlib import Path

        return cls(Source(text, name), review(text, project=project, path=Path(name)))

    def __bool__(self) -> bool:
        return bool(self.found)

    def __repr__(self) -> str:
        return "\n".join(concise(self.source, each) for each in self.found)

    def _repr_html_(self) -> str:
        """The table; IPython looks for this name."""
        head = "".join(f"<th style='text-align:left'>{title}</th>" for title in HEAD)
        return f"<table><tr>{head}</tr>{''.join(self._rows())}</table>"

    def _rows(self) -> Iterator[str]:
        for each in self.found:
            line, column = self.source.position(each.label.span.start)
            colour = MARKS[each.severity.word]
            cells = (
                f"{line}:{column}",
                f"<b style='color:{colour}'>{each.severity.word}</b>",
                *(escape(visible(text)) for text in (each.message, each.help, each.rule.name)),
            )
            yield f"<tr>{''.join(f'<td style=text-align:left>{cell}</td>' for cell in cells)}</tr>"
