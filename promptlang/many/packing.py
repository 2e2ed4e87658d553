"""Findings as plain data and back: what goes from process to process, and what a run leaves for the next one.

Data that is not as it should be gives `Unreadable`, never another finding and never code that runs.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Union

from promptlang.checks.rules import rules
from promptlang.diagnostics import Diagnostic, Edit, Fix, Label, Severity
from promptlang.source import Span

Packed = Union[str, int, bool, "Sequence[Packed]"]
Data = dict[str, Packed]


class Unreadable(ValueError):
    """Data that nothing of the kind was packed into."""


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
    return tuple(_diagnostic(each, size) for each in items(data))


def part(data: object, name: str) -> object:
    """What stands under a name; raises `Unreadable`."""
    if not isinstance(data, dict) or name not in data:
        raise Unreadable
    return data[name]  # pyright: ignore[reportUnknownVariableType]


def items(data: object, size: int | None = None) -> list[object]:
    """A list, of so many entries where their number is told; raises `Unreadable`."""
    if not isinstance(data, list) or (size is not None and len(data) != size):  # pyright: ignore[reportUnknownArgumentType]
        raise Unreadable
    return data  # pyright: ignore[reportUnknownVariableType]


def numbers(data: object, count: int) -> tuple[int, ...]:
    """So many whole numbers; raises `Unreadable`."""
    return tuple(_number(each) for each in items(data, count))


def words(data: object) -> Iterator[str]:
    """A list of texts; raises `Unreadable`."""
    return map(_text, items(data))


def _span(span: Span) -> list[Packed]:
    return [span.start, span.end]


def _label(label: Label) -> list[Packed]:
    return [*_span(label.span), label.text]


def _diagnostic(data: object, size: int) -> Diagnostic:
    name, severity, message, label, related, help, fixes = items(data, 7)
    rule = rules().get(_text(name))
    if rule is None or severity not in tuple(Severity):
        raise Unreadable
    return Diagnostic(
        rule=rule,
        severity=Severity(_number(severity)),
        message=_text(message),
        label=Label(*_placed(label, size)),
        related=tuple(Label(*_placed(each, size)) for each in items(related)),
        help=_text(help),
        fixes=tuple(_fix(each, size) for each in items(fixes)),
    )


def _fix(data: object, size: int) -> Fix:
    title, edits, safe = items(data, 3)
    return Fix(_text(title), tuple(Edit(*_placed(each, size)) for each in items(edits)), safe is True)


def _placed(data: object, size: int) -> tuple[Span, str]:
    """A span inside the text, and words."""
    first, last, text = items(data, 3)
    start, end = _number(first), _number(last)
    if not 0 <= start <= end <= size:
        raise Unreadable
    return Span(start, end), _text(text)


def _text(data: object) -> str:
    if not isinstance(data, str):
        raise Unreadable
    return data


def _number(data: object) -> int:
    if not isinstance(data, int):
        raise Unreadable
    return data
