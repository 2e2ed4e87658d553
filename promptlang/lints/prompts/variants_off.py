"""Variants and wildcards that nobody reads: they are not switched on, or stand where they are never read."""

from __future__ import annotations

import re
from collections.abc import Iterator

from promptlang.diagnostics import Diagnostic, Fix, Rule, Severity, finding
from promptlang.lints.places import insertion
from promptlang.meaning.settings import decided
from promptlang.meaning.view import View
from promptlang.source import Passage

RULE = Rule(
    name="variants/off",
    severity=Severity.HINT,
    summary="variants or wildcards are plain text without `/variants`",
    why="`{a|b}` and `__name__` are read only where `/variants:all` or `/variants:random` asks for it.",
    example="/render a {red|blue} cow",
    source="decision of this language",
)
IN_NEGATIVE = Rule(
    name="variants/in-negative",
    severity=Severity.WARNING,
    summary="variants or wildcards stand behind `/negative`, where they are plain text",
    why="`/variants` makes several texts of the prompt; what stands behind `/negative` is the same for all of them.",
    example="/render /variants:all a cow /negative {red|blue}",
    source="decision of this language",
)
RULES = (RULE, IN_NEGATIVE)
_VARIANT = r"\{[^{}|]*\|[^{}]*\}|(?<!\w)__[A-Za-z][\w/*-]*?__(?!\w)"


def check(seen: View) -> Iterator[Diagnostic]:
    """A word on the first variant that nobody reads."""
    is_on = decided(seen.settings, "variants") is not None
    passage = seen.statement.negative if is_on else seen.statement.positive
    found = _first(passage)
    if found is None:
        return
    span = passage.span(found.start(), found.end())
    if is_on:
        message = f"`{found[0][:40]}` is plain text behind `/negative`"
        yield finding(IN_NEGATIVE, message, span, help="write one of the texts, or a statement for each")
        return
    yield finding(
        RULE,
        f"`{found[0][:40]}` is plain text without `/variants`",
        span,
        help="write `/variants:all` for every combination, or `/variants:random` for one",
        fixes=(Fix("Insert `/variants:all`", (insertion(seen, "/variants:all"),), safe=False),),
    )


def _first(passage: Passage) -> re.Match[str] | None:
    if "{" not in passage.text and "__" not in passage.text:
        return None
    return re.search(_VARIANT, passage.text)
