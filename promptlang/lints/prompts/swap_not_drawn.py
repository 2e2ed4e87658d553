"""Words that are swapped while they are drawn, which no plan holds."""

from __future__ import annotations

from collections.abc import Iterator

from promptlang.diagnostics import Diagnostic, Rule, Severity, finding
from promptlang.meaning.view import View
from promptlang.syntax.nodes import Swap, walk

RULE = Rule(
    name="swap/not-drawn",
    severity=Severity.ERROR,
    summary="words that are swapped cannot be drawn yet",
    why="Compel draws the first words with the attention maps of the second. No plan can hold that yet, and the first "
    "words alone would be another picture.",
    example="/render /parser:compel a cat.swap(dog)",
    source="Compel 2.5.1, `CrossAttentionControlSubstitute`",
)
RULES = (RULE,)
ABOUT = frozenset({Swap})


def check(seen: View) -> Iterator[Diagnostic]:
    """One finding for each."""
    for node in walk((*seen.parts, *seen.negative_parts)):
        if isinstance(node, Swap):
            yield finding(RULE, "a swap cannot be drawn yet", node.span, help="write one of the two")
