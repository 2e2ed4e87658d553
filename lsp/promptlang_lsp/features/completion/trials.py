"""Offers are tried before they are made: what would raise a warning or an error where it is written is not offered."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from promptlang.diagnostics import Diagnostic, Severity
from promptlang.source import Span
from promptlang.syntax.nodes import Concept
from promptlang_lsp.texts.page import Page
from promptlang_lsp.texts.snapshot import Piece

NEAR = 400  # code points on either side of what is tried that are read; trying in more would be felt


@dataclass(frozen=True, slots=True)
class Place:
    """A hole in a statement, with what stands around it and how often each rule speaks up already."""

    page: Page
    index: int
    before: str
    after: str
    known: Counter[str]

    def raised(self, words: str) -> tuple[Diagnostic, ...]:
        """The warnings and errors that come with the words; spans count from the start of `before`."""
        known = self.known.copy()
        new: list[Diagnostic] = []
        for each in _findings(self.page, self.index, f"{self.before}{words}{self.after}"):
            known[each.rule.name] -= 1
            if known[each.rule.name] < 0:
                new.append(each)
        return tuple(new)

    def takes(self, words: str) -> bool:
        """Whether nothing is wrong with the words here that was not wrong before."""
        return not self.raised(words)


def place(page: Page, index: int, span: Span) -> Place:
    """The place of what is being written at `span`; the option around it, unfinished as it is, is not held against it.

    What is wrong elsewhere while it is unfinished, as with a comparison that locks nothing, stays as wrong as it is.
    """
    text = page.snapshot.pieces[index].text
    uses = page.snapshot.pieces[index].scan.options
    whole = next((use.span for use in uses if use.span.contains(span)), span)
    before, after = _around(page, index, span)
    left, right = span.start - whole.start, whole.end - span.end
    without = before[: len(before) - left] + after[right:]
    now = Span(len(before) - left, len(before) + len(text[span.start : whole.end]))
    known = Counter(each.rule.name for each in _findings(page, index, without))
    known |= Counter(
        each.rule.name
        for each in _findings(page, index, f"{before}{text[span.start : span.end]}{after}")
        if not now.contains(each.label.span)
    )
    return Place(page, index, before, after, known)


def _around(page: Page, index: int, span: Span) -> tuple[str, str]:
    """The text before and behind a place; of what lies far from it the command, options and calls are left."""
    text, statement = page.snapshot.pieces[index].text, page.statement(index)
    low, high = span.start - NEAR, span.end + NEAR
    if low <= 0 and high >= len(text):
        return text[: span.start], text[span.end :]
    calls = (node for node in statement.nodes() if isinstance(node, Concept))
    pieces = (statement.command, statement.label, *statement.options, *statement.recipes, *calls)
    kept = sorted(each.span for each in pieces if each)
    before = " ".join(text[each.start : each.end] for each in kept if each.end <= low)
    after = " ".join(text[each.start : each.end] for each in kept if each.start >= high)
    return f"{before} {text[max(low, 0) : span.start]}", f"{text[span.end : high]} {after}"


def _findings(page: Page, index: int, text: str) -> list[Diagnostic]:
    """The warnings and errors of a statement with that text in the place of this one."""
    from promptlang.checks.checking import check_statement, with_severity

    context = page.context(index)
    found = check_statement(Piece(text).read_in(context.parser), context)
    judged = (with_severity(each, page.project) for each in found)
    return [each for each in judged if each and each.severity <= Severity.WARNING]
