"""Word weights that rarely do what they seem to say."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from math import isfinite

from promptlang.diagnostics import Diagnostic, Rule, Severity, finding, replacement
from promptlang.meaning.view import View
from promptlang.syntax.nodes import Parts, Weight, walk
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
NOT_FINITE = Rule(
    name="weight/not-finite",
    severity=Severity.ERROR,
    summary="the weight of words is infinite or no number",
    why="What the text encoder says of the words is multiplied by their weight, so the picture would be black. ComfyUI "
    "reads `nan` and `inf` as well, and every program reads a number that is too long for one as infinite.",
    example="/render /parser:comfy (a cat:nan)",
    source="decision of this language",
)
RULES = (NEGATIVE_WEIGHT, ABOVE_TWO, NOT_FINITE)
ABOUT = frozenset({Weight})


def check(seen: View) -> Iterator[Diagnostic]:
    """Numbers below 0, above 2 and beyond all numbers, in every dialect that counts them."""
    statement = seen.statement
    row = dialect_row(statement.prompt.dialect)
    if not row.numbers:
        return
    weights = _weights((*seen.parts, *seen.negative_parts))
    yield from _not_finite(seen, weights)
    is_all_here = seen.parts is statement.prompt.parts and not (statement.negative_prompt or seen.negative_parts)
    for node in weights if is_all_here else _weights(tuple(part for each in statement.prompts for part in each.parts)):
        if node.number is None or not isfinite(node.factor):
            continue
        if node.factor < 0 and row.takes_away:
            message = f"the weight {node.factor:g} takes words away in models of {row.title}, not in those drawn here"
            yield finding(NEGATIVE_WEIGHT, message, node.number, help="put the words behind `/negative`")
        elif node.factor < 0:
            message = f"the weight {node.factor:g} does not mean negative prompt"
            help_text = "write 0 to leave the words out, or put them in the negative prompt"
            fix = replacement("Write `0`", node.number, "0", safe=False)
            yield finding(NEGATIVE_WEIGHT, message, node.number, help=help_text, fixes=(fix,))
        elif node.factor > 2:
            message = f"a weight above 2 often distorts the picture, found {node.factor:g}"
            fix = replacement("Write `1.5`", node.number, "1.5", safe=False)
            yield finding(ABOVE_TWO, message, node.number, help="write a weight from 0.5 to 1.5", fixes=(fix,))


def _weights(parts: Parts) -> list[Weight]:
    return [node for node in walk(parts) if isinstance(node, Weight)]


def _not_finite(seen: View, weights: Sequence[Weight]) -> Iterator[Diagnostic]:
    """One finding for each such number; where only the product of several is none, for the outermost."""
    wrong = [node for node in weights if not isfinite(node.factor)]
    for node in wrong:
        message = f"a weight must be a finite number, found {node.factor:g}"
        yield finding(NOT_FINITE, message, node.number or node.span, help="write a weight such as `1.2`")
    runs = (*seen.sides.positive, *seen.sides.negative)
    if not wrong and not all(isfinite(run.weight) for run in runs):
        message = "the weights of brackets inside each other are too much for a number together"
        yield finding(NOT_FINITE, message, weights[0].span, help="write smaller weights, such as `1.2`")
