"""Clip skip in an edition that reads it only with the new parser."""

from __future__ import annotations

from collections.abc import Iterator

from promptlang.diagnostics import Diagnostic, Edit, Fix, Rule, Severity, finding
from promptlang.lints.places import command_end, option_span
from promptlang.meaning.effects import needs_parser
from promptlang.meaning.settings import decided
from promptlang.meaning.view import View
from promptlang.source import Span
from promptlang.tables.editions import EDITIONS

RULE = Rule(
    name="clipskip/needs-new-parser",
    severity=Severity.WARNING,
    summary="clip skip stands without `/parser:new`",
    why="In the edition of June 2023 the setting works only together with the new text parser; the page calls that "
    "temporary. Without it clip skip is left out of the plan. Editions `early` and `guide` need no parser.",
    example="/render /clipskip:2 a cow",
    source="help page on clip skip",
    covers=("SR-01", "SR-02", "SR-04"),
)
RULES = (RULE,)
ABOUT = frozenset(name for each in EDITIONS.values() for name in each.needs_new_parser)


def check(seen: View) -> Iterator[Diagnostic]:
    """A warning where the parser is missing; other parsers than the old one read weights, so they count as new."""
    for name in sorted(seen.edition.needs_new_parser):
        setting = seen.settings.get(name)
        if setting is None or setting.origin == "concept" or not needs_parser(seen, name):
            continue
        if setting.value is None or decided(seen.settings, "dialect"):
            continue
        at = setting.use.span.start if setting.use else command_end(seen)
        text = " /parser:new" if not setting.use and seen.statement.command else "/parser:new "
        yield finding(
            RULE,
            f"`/{name}` has no effect without `/parser:new` in this edition",
            option_span(seen, setting),
            help="write `/parser:new` before it",
            fixes=(Fix("Insert `/parser:new`", (Edit(Span(at, at), text),), safe=False),),
        )
