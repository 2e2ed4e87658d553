"""Variants and wildcards that are not switched on."""

from __future__ import annotations

import re
from collections.abc import Iterator

from promptlang.diagnostics import Diagnostic, Fix, Rule, Severity, finding
from promptlang.lints.places import insertion
from promptlang.meaning.settings import decided
from promptlang.meaning.view import View

RULE = Rule(
    name="variants/off",
    severity=Severity.HINT,
    summary="variants or wildcards are plain text without `/variants`",
    why="`{a|b}` and `__name__` are read only where `/variants:all` or `/variants:random` asks for it.",
    example="/render a {red|blue} cow",
    source="decision of this language",
)
RULES = (RULE,)
_VARIANT = r"\{[^{}]*\|[^{}]*\}|(?<!\w)__[A-Za-z][\w/*-]*?__(?!\w)"


def check(seen: View) -> Iterator[Diagnostic]:
    """A hint on the first variant that nobody reads."""
    passage = seen.statement.positive
    if decided(seen.settings, "variants") or ("{" not in passage.text and "__" not in passage.text):
        return
    found = re.search(_VARIANT, passage.text)
    if found is None:
        return
    yield finding(
        RULE,
        f"`{found[0][:40]}` is plain text without `/variants`",
        passage.span(found.start(), found.end()),
        help="write `/variants:all` for every combination, or `/variants:random` for one",
        fixes=(Fix("Insert `/variants:all`", (insertion(seen, "/variants:all"),), safe=False),),
    )
