"""Taking an option out of a text, with the blank that held it apart."""

from __future__ import annotations

from promptlang.diagnostics import Edit, Fix
from promptlang.source import Span


def removal(title: str, text: str, *spans: Span) -> Fix:
    """A safe fix that removes the spans; the prompt around them stays the same."""
    return Fix(title, tuple(Edit(_with_blank(text, span), "") for span in spans))


def _with_blank(text: str, span: Span) -> Span:
    """The span and one blank: the one after it, or before it at the end of a line."""
    if text[span.end : span.end + 1] in (" ", "\t"):
        return Span(span.start, span.end + 1)
    if text[span.start - 1 : span.start] in (" ", "\t"):
        return Span(span.start - 1, span.end)
    return span
