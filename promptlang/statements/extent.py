"""Where a statement's own text stands among the comments around it."""

from __future__ import annotations

from promptlang.source import Span
from promptlang.statements.cutting import BLANKS
from promptlang.syntax.nodes import Statement


def body(statement: Statement) -> Span:
    """Where a statement's own text stands: without blanks around it, comments above it and those below it."""
    text = statement.text
    start, end = below_comments(statement), len(text)
    for comment in reversed(statement.comments):
        if comment.span.start < start or text[comment.span.end : end].strip(BLANKS):
            break
        end = comment.span.start
    return trimmed(text, Span(start, end))


def below_comments(statement: Statement) -> int:
    """Where the comments above a statement end."""
    text, at = statement.text, 0
    for comment in statement.comments:
        if text[at : comment.span.start].strip(BLANKS):
            break
        at = comment.span.end
    return at


def trimmed(text: str, span: Span) -> Span:
    """A span without the blanks and line ends at its two ends."""
    words = text[span.start : span.end]
    if not words.strip(BLANKS):
        return Span(span.start, span.start)
    return Span(span.end - len(words.lstrip(BLANKS)), span.start + len(words.rstrip(BLANKS)))
