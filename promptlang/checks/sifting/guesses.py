"""Safe fixes that are guesses where they stand, since what they leave may draw another picture."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable, Sequence

from promptlang.checks.options.endings import CUT_SHORT
from promptlang.diagnostics import Diagnostic, Fix, Severity
from promptlang.lints.prompts.other_dialect import RULE as OTHER_DIALECT
from promptlang.meaning.settings import read_points
from promptlang.meaning.spread import has_variants
from promptlang.meaning.view import View
from promptlang.source import Span
from promptlang.statements.removal import opens_quote
from promptlang.syntax.nodes import OptionUse, Statement
from promptlang.tables.commands import command
from promptlang.tables.options.table import OPTIONS
from promptlang.values import replace

# Few statements have fixes, so only those compile what follows.
_SIGN = r"(?:\A|(?<=\s))[/#]\S*\Z"
_PIECE = r"\s[/#]|[/#]\S*\s+\S"  # where an option or a comment may stand beside words
_LONGEST_NAME = 60  # letters before a place among which a word is looked for


def without_guesses(found: Sequence[Diagnostic], seen: View) -> tuple[Diagnostic, ...]:
    """The findings of a statement with those of their safe fixes for guesses that may draw another picture.

    Once the dialect is named, or the model of a name is known, what they write may mean something else; what was
    rejected and speaks for others would hold for them; of a statement that is nothing but options, nothing may be left;
    what stood in the middle of a word may leave an option, or have one in its own middle; without a sweep there are
    fewer pictures; a quote without an end may find one; and a tab that variants read is as wide as what is before it
    leaves it.
    """
    if not any(each.fixes for each in found):
        return tuple(found)
    statement, row = seen.statement, command(seen.statement.command_name)
    speaks_for_others = row is not None and row.declares
    last = {use.name: use for use in statement.options}.values()  # the last of each counts
    unknown = sorted(each.node.span for each in seen.called if each.known is None)
    is_wordless = statement.command is None and not statement.positive.text
    is_doubtful = (
        any(each.rule is OTHER_DIALECT or each.rule is CUT_SHORT for each in found)
        or ("\t" in statement.text and has_variants(seen))
        or opens_quote(statement.text)
    )

    def is_guess(each: Diagnostic, fix: Fix) -> bool:
        return (
            is_doubtful
            or (speaks_for_others and each.severity is Severity.ERROR)
            or (is_wordless and _deletes(fix))
            or _touches(fix, unknown)
            or _joins(fix, statement)
            or _mixes(fix, statement)
            or _ends_sweep(fix, last)
        )

    return tuple(
        replace(each, fixes=tuple(replace(fix, safe=fix.safe and not is_guess(each, fix)) for fix in each.fixes))
        if each.fixes
        else each
        for each in found
    )


def _deletes(fix: Fix) -> bool:
    return not any(edit.text.strip() for edit in fix.edits)


def _joins(fix: Fix, statement: Statement) -> bool:
    """Whether a fix takes something out of the middle of a word, of which a command, an option or a recipe is left."""
    return any(not edit.text and _is_sign_left(statement, edit.span) for edit in fix.edits)


def _ends_sweep(fix: Fix, uses: Iterable[OptionUse]) -> bool:
    """Whether a fix takes an option out that gives several values, each a picture even where all look alike, or none
    that can be read, of which nobody knows whether they are several.
    """
    gone = [use for use in uses if any(edit.span.contains(use.span) for edit in fix.edits)]
    points = [read_points(use.name, use.value) for use in gone if use.value and use.name in OPTIONS]
    return any(each.swept or each.values is None for each in points)


def _mixes(fix: Fix, statement: Statement) -> bool:
    """Whether a fix for words takes an option or comment along that stands among them."""
    return any(_has_both(statement, edit.span) for edit in fix.edits)


def _has_both(statement: Statement, gone: Span) -> bool:
    text = statement.text[gone.start : gone.end]
    if re.search(_PIECE, text) is None:
        return False
    inside = [each.span for each in (*statement.options, *statement.comments) if gone.contains(each.span)]
    ends = (gone.start, *(at for span in sorted(inside) for at in (span.start, span.end)), gone.end)
    words = (statement.text[at:to] for at, to in zip(ends[::2], ends[1::2], strict=True))
    return bool(inside) and any(map(str.strip, words))


def _is_sign_left(statement: Statement, gone: Span) -> bool:
    text = statement.text
    if gone.start == gone.end or text[gone.start].isspace():
        return False
    if any(use.span.start < gone.start and gone.end <= use.span.end for use in statement.options):
        return False  # a value, without which the option is left
    behind = "" if text[gone.end - 1].isspace() else text[gone.end : gone.end + 1].strip()
    return re.search(_SIGN, text[max(0, gone.start - _LONGEST_NAME) : gone.start] + behind) is not None


def _touches(fix: Fix, spans: Sequence[Span]) -> bool:
    """Whether a fix changes something in one of the spans, which are in order and lie apart."""
    before = (bisect_right(spans, edit.span.start, key=_start) for edit in fix.edits)
    return any(at and spans[at - 1].contains(edit.span) for at, edit in zip(before, fix.edits, strict=True))


def _start(span: Span) -> int:
    return span.start
