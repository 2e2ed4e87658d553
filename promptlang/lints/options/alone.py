"""Options that say how something is done which nothing asks for."""

from __future__ import annotations

from collections.abc import Iterator

from promptlang.diagnostics import OURS, Diagnostic, Rule, Severity, finding
from promptlang.lints.places import inherited, left_out, option_span
from promptlang.meaning.view import View
from promptlang.tables.options.kinds import sample
from promptlang.tables.options.table import OPTIONS, ROWS

RULE = Rule(
    name="option/alone",
    severity=Severity.WARNING,
    summary="the option counts beside another one only, which is not given",
    why="It says how something is done that only the other option asks for, and is left out of the plan.",
    example="/render /hires-steps:10 a cow",
    source=OURS,
    tags=("unnecessary",),
)
RULES = (RULE,)
ABOUT = frozenset(row.name for row in ROWS if row.beside)


def check(seen: View) -> Iterator[Diagnostic]:
    """What the statement or a recipe says; what `/set` and the project say may wait for its option."""
    for setting in seen.settings.values():
        row = setting.row
        if not row.beside or row.beside in seen.settings or setting.origin not in ("statement", "recipe"):
            continue
        partner = OPTIONS[row.beside]
        written = f"/{partner.name}" if partner.is_flag else f"/{partner.name}:{sample(partner.kind)}"
        yield finding(
            RULE,
            f"`/{row.name}` counts beside `/{partner.name}` only, which is not given{inherited(setting)}",
            option_span(seen, setting),
            "no effect",
            help=f"write `{written}` as well, or remove it",
            fixes=left_out(seen, setting),
        )
