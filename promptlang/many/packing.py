"""Findings as plain data and back: what goes from process to process, and what a run leaves for the next one.

Data that is not as it should be gives `Unreadable`, never another finding and never code that runs.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Union

from promptlang.checks.rules import rules
from promptlang.diagnostics import Diagnostic, Edit, Fix, Label, Severity
from promptlang.source import Span

Packed = Union[str, int, bool, "Sequence[Packed]"]


class Unreadable(ValueError):
    """Data that no finding was packed into."""


def packed(diagnostics: Sequence[Diagnostic]) -> list[Packed]:
    """The findings of one text as lists, words and numbers."""
    return [
        [
            each.rule.name,
            each.severity.value,
            each.message,
            _label(each.label),
            [_label(label) for label in each.related],
            each.help,
            [[fix.title, [[*_span(edit.span), edit.text] for edit in fix.edits], fix.safe] for fix in each.fixes],
        ]
        for each in diagnostics
    ]


def unpacked(data: object, size: int) -> tuple[Diagnostic, ...]:
    """The findings of a text of that size; raises `Unreadable`."""
    return tuple(_diagnostic(each, size) for each in _list(data))


def _span(span: Span) -> list[Packed]:
    return [span.start, span.end]


def _label(label: Label) -> list[Packed]:
    return [*_span(label.span), label.text]


def _diagnostic(data: object, size: int) -> Diagnostic:
    name, severity, message, label, related, help, fixes = _list(data, 7)
    rule = rules().get(_text(name))
    if rule is None or severity not in tuple(Severity):
        raise Unreadable
    return Diagnostic(
        rule=rule,
        severity=Severity(_number(severity)),
        message=_text(message),
        label=Label(*_placed(label, size)),
        related=tuple(Label(*_placed(each, size)) for each in _list(related)),
        help=_text(help),
        fixes=tuple(_fix(each, size) for each in _list(fixes)),
    )


def _fix(data: object, size: int) -> Fix:
    title, edits, safe = _list(data, 3)
    return Fix(_text(title), tuple(Edit(*_placed(each, size)) for each in _list(edits)), safe is True)


def _placed(data: object, size: int) -> tuple[Span, str]:
    """A span inside the text, and words."""
    first, last, words = _list(data, 3)
    start, end = _number(first), _number(last)
    if not 0 <= start <= end <= size:
        raise Unreadable
    return Span(start, end), _text(words)


def _list(data: object, size: int | None = None) -> list[object]:
    if not isinstance(data, list) or (size is not None and len(data) != size):  # pyright: ignore[reportUnknownArgumentType]
        raise Unreadable
    return data  # pyright: ignore[reportUnknownVariableType]


def _text(data: object) -> str:
    if not isinstance(data, str):
        raise Unreadable
    return data


def _number(data: object) -> int:
    if not isinstance(data, int):
        raise Unreadable
    return data
