"""Options that mean something on other families only."""

from __future__ import annotations

from collections.abc import Iterator

from promptlang.diagnostics import Diagnostic, Rule, Severity, finding
from promptlang.meaning.view import View
from promptlang.statements.removal import removal
from promptlang.tables.families import family

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


def check(seen: View) -> Iterator[Diagnostic]:
    """Silent where the family is unknown."""
    if seen.checkpoint is None or seen.family.name == "unknown":
        return
    for setting in seen.settings.values():
        row = setting.row
        if row.families is None or seen.family.name in row.families or setting.use is None:
            continue
        titles = " and ".join(sorted(family(name).title for name in row.families))
        yield finding(
            RULE,
            f"`/{row.name}` works on {titles}, but `{seen.checkpoint.name}` is {seen.family.title}",
            setting.use.span,
            "no effect",
            fixes=(removal(f"Remove `/{row.name}`", seen.statement.text, setting.use.span),),
        )
