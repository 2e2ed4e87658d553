"""What the compiler says about a text: a diagnostic points at a span, names its rule and may carry fixes as data."""

from __future__ import annotations

from collections.abc import Iterable
from enum import IntEnum
from itertools import islice

from promptlang.source import Span
from promptlang.values import dataclass

OURS = "decision of this language"
"""The source of a rule or an option that no page of others states."""
CLIP_SKIP_PAGE = "help page on clip skip"
WEIGHTS_PAGE = "help page on prompt weights"
STEPS_PAGE = "help page on steps"

MOST_MENDED = 100
"""Places that one fix mends."""
MOST_RELATED = 5
"""Other places of one cause that a finding shows."""


class Severity(IntEnum):
    """How bad it is; the numbers are those of the language server protocol."""

    ERROR = 1
    WARNING = 2
    INFORMATION = 3
    HINT = 4

    @property
    def word(self) -> str:
        """The lower-case word printed before a message."""
        return self.name.lower()


@dataclass(frozen=True, slots=True)
class Label:
    """A span with a few words about it."""

    span: Span
    text: str = ""

    def moved(self, distance: int) -> Label:
        """The label, `distance` code points further on."""
        return Label(self.span.moved(distance), self.text)


@dataclass(frozen=True, slots=True)
class Edit:
    """Replace a span by a text: an insertion where the span is empty, a deletion where the text is."""

    span: Span
    text: str

    def moved(self, distance: int) -> Edit:
        """The edit, `distance` code points further on."""
        return Edit(self.span.moved(distance), self.text)


@dataclass(frozen=True, slots=True)
class Fix:
    """Edits that answer a diagnostic; safe when the image stays the same or the text was rejected before."""

    title: str
    edits: tuple[Edit, ...]
    safe: bool = True

    def moved(self, distance: int) -> Fix:
        """The fix, `distance` code points further on."""
        return Fix(self.title, tuple(edit.moved(distance) for edit in self.edits), self.safe)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One row of the rule table (`promptlang.checks.rules`).

    `why` explains the surprise, `example` is a prompt that fires it, `source` says who claims it, `covers` lists the
    requirement numbers (`SR-07`) the rule answers.
    """

    name: str
    severity: Severity
    summary: str
    why: str
    example: str
    source: str
    covers: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()  # "unnecessary" and "deprecated", as editors know them
    enabled: bool = True  # whether it fires without being switched on in the project file

    __eq__ = object.__eq__  # there is one object for a rule, and many are looked for among others
    __hash__ = object.__hash__


@dataclass(frozen=True, slots=True, kw_only=True)
class Diagnostic:
    """One finding: rule, words, the smallest text to change, related places, help and fixes."""

    rule: Rule
    severity: Severity
    message: str
    label: Label
    related: tuple[Label, ...] = ()
    help: str = ""
    fixes: tuple[Fix, ...] = ()

    def moved(self, distance: int) -> Diagnostic:
        """The diagnostic of a statement that starts `distance` code points further on."""
        if not distance:
            return self
        return Diagnostic(
            rule=self.rule,
            severity=self.severity,
            message=self.message,
            label=self.label.moved(distance),
            related=tuple(label.moved(distance) for label in self.related),
            help=self.help,
            fixes=tuple(fix.moved(distance) for fix in self.fixes),
        )


def finding(
    rule: Rule,
    message: str,
    span: Span,
    label: str = "",
    *,
    related: tuple[Label, ...] = (),
    help: str = "",
    fixes: tuple[Fix, ...] = (),
) -> Diagnostic:
    """A diagnostic with the rule's own severity; what the message quotes of the text may run over lines, it may not."""
    return Diagnostic(
        rule=rule,
        severity=rule.severity,
        message=message if message.isprintable() else " ".join(message.splitlines()),
        label=Label(span, label),
        related=related,
        help=help,
        fixes=fixes,
    )


def further(spans: Iterable[Span], text: str) -> tuple[Label, ...]:
    """Labels of other places that a finding is about, of many the first few."""
    return tuple(Label(span, text) for span in islice(spans, MOST_RELATED))


def replacement(title: str, span: Span, text: str, *, safe: bool = True) -> Fix:
    """A fix of one edit."""
    return Fix(title, (Edit(span, text),), safe)
