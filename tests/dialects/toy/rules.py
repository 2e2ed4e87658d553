"""The rule of the toy dialect."""

from promptlang.diagnostics import Rule, Severity

HEAVY = Rule(
    name="toy/heavy",
    severity=Severity.WARNING,
    summary="a toy counts for much",
    why="Toys are light.",
    example="/render /parser:toy a [cow=9]",
    source="the toy",
)

RULES = (HEAVY,)
