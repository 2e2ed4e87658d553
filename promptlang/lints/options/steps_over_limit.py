"""More steps than the hosted service takes by number."""

from __future__ import annotations

from collections.abc import Iterator

from promptlang.diagnostics import Diagnostic, Rule, Severity, finding
from promptlang.meaning.settings import word
from promptlang.meaning.view import View
from promptlang.tables.options.table import STEPS

RULE = Rule(
    name="steps/over-limit",
    severity=Severity.WARNING,
    summary="more steps than the limit",
    why="By number the service takes up to 100 steps; only the word `waymore` gives 200. Local backends take more: "
    "`steps` under `[limits]` in the project file lifts the limit.",
    example="/render /steps:150 a cow",
    source="help page on steps; one community post tells of thousands of steps",
    covers=("SR-45",),
)
RULES = (RULE,)
ABOUT = frozenset({STEPS.name})


def check(seen: View) -> Iterator[Diagnostic]:
    """A warning for numbers, never for words."""
    setting, limit = seen.settings.get(STEPS.name), seen.project.step_limit
    if setting is None or setting.use is None or limit is None or word(setting.row, setting.written):
        return
    highest = max((value for value in setting.points.values or () if isinstance(value, int)), default=0)
    if highest > limit:
        message = f"steps by number end at {limit}, found {highest}"
        yield finding(RULE, message, setting.use.value_span, help=f"write `{limit}`, or `waymore` for 200")
