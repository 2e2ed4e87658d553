"""One finding for each cause, where several rules see it."""

from __future__ import annotations

from promptlang.checks.options.endings import CUT_SHORT
from promptlang.checks.statements import EMPTY, ONLY_NEGATIVE
from promptlang.diagnostics import Diagnostic
from promptlang.dialects.words.rules import BAD_CONCEPT, NEEDS_NEW_PARSER, NETWORK_PREFIX
from promptlang.lints.clipskip.in_prose import RULE as CLIP_SKIP_IN_PROSE
from promptlang.lints.copied.marked_lines import SEPARATOR
from promptlang.lints.copied.two_sides import RULE as TWO_SIDES
from promptlang.lints.models.calls_as_text import RULE as CALL_AS_TEXT
from promptlang.lints.models.not_drawn import BAD_FILE
from promptlang.lints.options.not_read import RULE as NOT_READ
from promptlang.lints.prompts.other_dialect import RULE as OTHER_DIALECT
from promptlang.lints.prompts.other_program import RULE as OTHER_PROGRAM
from promptlang.lints.prompts.other_program import is_tag
from promptlang.lints.prompts.weights_as_text import WIDE
from promptlang.syntax.nodes import Statement
from promptlang.tables.dialects import NETWORK_PREFIXES
from promptlang.values import replace

_WITHOUT_PARTNER = ("/unopened", "/unclosed", "/stray-close")
_CHOOSING = "write the `/parser:` of the program that the prompt comes from"


def one_each(statement: Statement, found: list[Diagnostic]) -> list[Diagnostic]:
    """The findings without those that others have said the cause of already."""
    rules = {each.rule for each in found}
    if OTHER_PROGRAM in rules or OTHER_DIALECT in rules:
        found = [each for each in found if not _is_of_others(statement, each)]
    if WIDE in rules:  # the partner of a bracket may be a wide one
        found = [replace(each, fixes=()) if each.rule.name.endswith(_WITHOUT_PARTNER) else each for each in found]
    if CALL_AS_TEXT in rules:
        calls = [label.span for each in found if each.rule is CALL_AS_TEXT for label in (each.label, *each.related)]
        own = {each.rule for each in statement.diagnostics}
        found = [
            each for each in found if each.rule not in own or not any(call.contains(each.label.span) for call in calls)
        ]
    if TWO_SIDES in rules:
        signs = [each.label.span.start for each in found if each.rule is TWO_SIDES]
        own = {each.rule for each in statement.diagnostics}
        found = [each for each in found if each.rule not in own or each.label.span.start not in signs]
    if SEPARATOR in rules:
        found = [each for each in found if each.rule is not EMPTY]
    if CUT_SHORT in rules:  # the file that is not there is one whose name was cut
        cut = [each.label.span for each in found if each.rule is CUT_SHORT]
        found = [each for each in found if each.rule is not BAD_FILE or not any(map(each.label.span.contains, cut))]
    if CLIP_SKIP_IN_PROSE in rules and NOT_READ in rules:
        settings = [label.span for each in found if each.rule is NOT_READ for label in (each.label, *each.related)]
        found = [
            each
            for each in found
            if each.rule is not CLIP_SKIP_IN_PROSE or not any(map(each.label.span.meets, settings))
        ]
    if OTHER_DIALECT in rules:  # two fixes that decide the dialect, each its own way, would undo each other
        found = [each for each in found if each.rule not in (NETWORK_PREFIX, ONLY_NEGATIVE)]
        found = [replace(each, fixes=(), help=_CHOOSING) if each.rule is NEEDS_NEW_PARSER else each for each in found]
    return found


def _is_of_others(statement: Statement, diagnostic: Diagnostic) -> bool:
    """Whether what looks like a call without a number for its weight is one that another program reads."""
    span = diagnostic.label.span
    written = statement.text[span.start : span.end]
    is_network = written[1:].lower().startswith(tuple(f"{kind}:" for kind in NETWORK_PREFIXES))
    return diagnostic.rule is BAD_CONCEPT and (is_network or is_tag(written))
