"""Options that mean something on other families only."""

from __future__ import annotations

from collections.abc import Iterator

from promptlang.diagnostics import Diagnostic, Rule, Severity, finding
from promptlang.lints.places import inherited, left_out, option_span
from promptlang.meaning.view import View
from promptlang.sentences import listed
from promptlang.tables.models.abilities import FEATURES, ability, only_in
from promptlang.tables.models.families import UNKNOWN
from promptlang.tables.options.fills import Nothing
from promptlang.tables.options.table import CLIP_SKIP, GUIDANCE, OPTIONS

RULE = Rule(
    name="option/wrong-family",
    severity=Severity.WARNING,
    summary="the option means nothing on this model's family",
    why="It is left out of the plan.",
    example="/render /nofix a cow <sd15>",
    source="pages of the hosted service",
    tags=("unnecessary",),
)
RULES = (RULE,)
OWN_RULES = frozenset({CLIP_SKIP.name, GUIDANCE.name})
ABOUT = frozenset(each.name for each in FEATURES) & OPTIONS.keys() - OWN_RULES


def check(seen: View) -> Iterator[Diagnostic]:
    """Silent where the family is unknown, and on what has a rule of its own."""
    if seen.checkpoint is None or seen.family is UNKNOWN:
        return
    for setting in seen.settings.values():
        row = setting.row
        if row.name in OWN_RULES or ability(row.name, seen.family, seen.variant).acts:
            continue
        if setting.origin == "concept" or (isinstance(row.fills, Nothing) and not setting.use):
            continue  # what does nothing anywhere is said where it stands
        titles = listed(sorted(each.title for each in only_in(row.name)))
        yield finding(
            RULE,
            f"`/{row.name}` works on {titles}, but `{seen.checkpoint.name}` is {seen.family.title}{inherited(setting)}",
            option_span(seen, setting),
            "no effect",
            fixes=left_out(seen, setting),
        )
