"""Weights that NovelAI reads and no dialect here does."""

from __future__ import annotations

import re
from collections.abc import Iterator

from promptlang.diagnostics import Diagnostic, Rule, Severity, finding
from promptlang.meaning.view import View
from promptlang.tables.dialects import dialect_row

RULE = Rule(
    name="prompt/other-program",
    severity=Severity.HINT,
    summary="the prompt is written for a program whose signs are plain words here",
    why="NovelAI strengthens by `{{x}}` and `1.5::x::`. No dialect here reads either: the signs are drawn like words.",
    example="/render {{masterpiece}}, a cow",
    source="documentation of NovelAI",
)
RULES = (RULE,)

_NUMBERED = r"(?<![\w:])(?P<number>-?\d{1,2}(?:\.\d+)?)::(?P<words>[^:|{}]*[^\W\d][^:|{}]*)::"
_BRACED = r"\{(?P<more>\{+)(?P<inside>[^{}|$]*[^\W\d_][^{}|$]*)\}\}+"
_LONGEST = 40  # words that are written out
_BRACE = 1.05  # what a brace of NovelAI multiplies by


def check(seen: View) -> Iterator[Diagnostic]:
    """One hint a statement, on the first sign."""
    passage = seen.positive
    if seen.positive is not seen.statement.positive or "variants" in seen.settings:
        return
    text = passage.text
    numbered = re.search(_NUMBERED, text) if "::" in text else None
    braced = re.search(_BRACED, text) if "{{" in text else None
    sign = min(filter(None, (numbered, braced)), key=lambda each: each.start(), default=None)
    if sign is None:
        return
    if sign is numbered:
        weight, words = sign["number"], sign["words"].strip()
    else:
        weight, words = f"{_BRACE ** (1 + len(sign['more'])):.3g}", sign["inside"].strip()
    row = dialect_row(seen.statement.prompt.dialect)
    counts = row.numbers or not row.successor
    group = (row if counts else dialect_row(row.successor)).group
    said = f"`{group.format(words=words if len(words) <= _LONGEST else 'words', weight=weight)}`"
    also = "" if counts else f" and `/parser:{row.successor}`"
    yield finding(
        RULE,
        "this is a weight to NovelAI and plain words here",
        passage.span(sign.start(), sign.end()),
        help=f"write {said}{also}",
    )
