"""What stands in the text itself: characters that nobody sees, and the dialect's own findings, one for each cause."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator

from promptlang.diagnostics import MOST_MENDED, OURS, Diagnostic, Edit, Fix, Rule, Severity, finding, further
from promptlang.dialects.words.rules import NEEDS_NEW_PARSER, NETWORK_PREFIX, SQUARE_WEIGHT
from promptlang.fixes import applied
from promptlang.lints.places import beginning
from promptlang.sentences import and_more
from promptlang.source import Span
from promptlang.statements.scan import scan
from promptlang.syntax.nodes import Statement
from promptlang.tables.options.prompt import PARSER
from promptlang.values import replace

INVISIBLE = Rule(
    name="text/invisible",
    severity=Severity.WARNING,
    summary="a character that nobody sees stands in the text",
    why="Control characters and spaces without width come along when text is copied. The text encoder reads most of "
    "them as words of their own.",
    example="/render a red\u200b cow",
    source=OURS,
)
RULES = (INVISIBLE,)

_GROUPED = (NEEDS_NEW_PARSER, NETWORK_PREFIX, SQUARE_WEIGHT)  # one cause, however often it shows
_UNSEEN = re.compile(
    "[\\0-\\x08\\x0b\\x0c\\x0e-\\x1f\\x7f\\u200b\\u2060]+|[\\u200e\\u200f\\u202a-\\u202e\\u2066-\\u2069](?=/)"
)
"""Marks of direction belong to words of some scripts; before a slash they hide an option or a command."""


def invisible(text: str) -> Iterator[Diagnostic]:
    """Characters that come along when text is copied; they are said once for a statement."""
    if text.isprintable() or _UNSEEN.search(text) is None:
        return
    first, *others = places = [Span(*match.span()) for match in _UNSEEN.finditer(text)]
    behind = sum(place.end - place.start for place in places) - 1
    more = f", and so {'does' if behind == 1 else 'do'} {behind} more" if behind else ""
    edits = tuple(Edit(place, _between(text, place)) for place in places[:MOST_MENDED])
    before, after = map(_options, (text, applied(text, edits)))
    hides = not before <= after  # a `#`, a quote or a name that comes free may
    cure = "write a blank instead" if any(edit.text for edit in edits) else "remove it"
    yield finding(
        INVISIBLE,
        f"U+{ord(text[first.start]):04X} stands here, which nobody sees{more}",
        first,
        help=cure,
        related=further(others, "here too"),
        fixes=() if hides else (Fix(cure.capitalize(), edits, safe=False),),
    )


def _options(text: str) -> Counter[tuple[str, str]]:
    """The options of a text with their values, apart from what nobody sees in those."""
    return Counter((use.name, _UNSEEN.sub("", use.value or "")) for use in scan(text).options)


def _between(text: str, place: Span) -> str:
    """A blank where what goes parts words, as some of these characters do."""
    beside = text[max(place.start - 1, 0) : place.start], text[place.end : place.end + 1]
    is_space = any(map(str.isspace, text[place.start : place.end]))
    return " " if is_space and all(beside) and not any(map(str.isspace, beside)) else ""


def words(statement: Statement) -> Iterator[Diagnostic]:
    """What the dialect says; what has one cause is said once."""
    found = statement.diagnostics
    if not found:
        return
    yield from (each for each in found if each.rule not in _GROUPED)
    ignored = [each for each in found if each.rule is NEEDS_NEW_PARSER]
    if ignored and not _names_dialect(statement):
        at = statement.command.span.end if statement.command else beginning(statement)
        text = " /parser:new" if statement.command else "/parser:new "
        fix = Fix("Insert `/parser:new`", (Edit(Span(at, at), text),), safe=False)
        yield _together(ignored, "ignored too", fix)
    if square := [each for each in found if each.rule is SQUARE_WEIGHT]:
        yield _together(square, "text too", Fix("Add round brackets", _edits(square), safe=False))
    if prefixed := [each for each in found if each.rule is NETWORK_PREFIX]:
        one = prefixed[0].fixes[0]
        yield _together(prefixed, "here too", replace(one, edits=_edits(prefixed)))


def _names_dialect(statement: Statement) -> bool:
    """Whether there is a `/parser`: where the old dialect reads the statement all the same, its value says why."""
    return statement.option(PARSER.name) is not None


def _edits(found: list[Diagnostic]) -> tuple[Edit, ...]:
    """What the fixes of all findings write."""
    return tuple(edit for each in found[:MOST_MENDED] for fix in each.fixes for edit in fix.edits)


def _together(found: list[Diagnostic], label: str, fix: Fix) -> Diagnostic:
    """Findings of one cause as the first of them, the others as related places, with one fix for all."""
    first, *others = found
    related = further((each.label.span for each in others), label)
    return replace(first, message=first.message + and_more(len(others)), related=related, fixes=(fix,))
