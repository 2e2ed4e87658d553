"""Word weights that rarely do what they seem to say."""

from __future__ import annotations

from collections.abc import Iterator
from math import inf

from promptlang.diagnostics import Diagnostic, Rule, Severity, finding, replacement
from promptlang.meaning.view import View
from promptlang.syntax.nodes import Weight
from promptlang.tables.dialects import dialect_row

NEGATIVE_WEIGHT = Rule(
    name="weight/negative",
    severity=Severity.WARNING,
    summary="a word has a weight below zero",
    why="A weight below zero does not mean negative prompt; the service calls the result eerie. Zero leaves a thing "
    "out, square brackets ask for its absence.",
    example="/render /parser:new a (cow:-1)",
    source="help page on prompt weights",
)
ABOVE_TWO = Rule(
    name="weight/above-two",
    severity=Severity.WARNING,
    summary="a word has a weight above 2",
    why="The service calls 2 too much; high weights often distort the picture.",
    example="/render /parser:new a (cow:2.5)",
    source="help page on prompt weights",
)
RULES = (NEGATIVE_WEIGHT, ABOVE_TWO)
ABOUT = frozenset({Weight})


def check(seen: View) -> Iterator[Diagnostic]:
    """Numbers below 0 and above 2, in every dialect that counts them."""
    statement = seen.statement
    row = dialect_row(statement.prompt.dialect)
    if not row.numbers:
        return
    for node in statement.nodes():
        if not isinstance(node, Weight) or node.number is None:
            continue
        if node.factor < 0 and row.takes_away:
            message = f"the weight {node.factor:g} takes words away in models of {row.title}, not in those drawn here"
            yield finding(NEGATIVE_WEIGHT, message, node.number, help="put the words behind `/negative`")
        elif node.factor < 0:
            message = f"the weight {node.factor:g} does not mean negative prompt"
            help_text = "write 0 to leave the words out, or put them in the negative prompt"
            fix = replacement("Write `0`", node.number, "0", safe=False)
            yield finding(NEGATIVE_WEIGHT, message, node.number, help=help_text, fixes=(fix,))
        elif 2 < node.factor < inf:
            message = f"a weight above 2 often distorts the picture, found {node.factor:g}"
            fix = replacement("Write `1.5`", node.number, "1.5", safe=False)
            yield finding(ABOVE_TWO, message, node.number, help="write a weight from 0.5 to 1.5", fixes=(fix,))
