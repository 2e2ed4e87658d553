"""Clip skip asked for in words, as pages on the web do."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import islice

from promptlang.diagnostics import MOST_MENDED, Diagnostic, Edit, Fix, Rule, Severity, finding
from promptlang.lints.places import insertion
from promptlang.meaning.settings import decided
from promptlang.meaning.view import View
from promptlang.source import Span
from promptlang.tables.options.table import CLIP_SKIP

RULE = Rule(
    name="text/clip-skip-in-prose",
    severity=Severity.HINT,
    summary="the prompt text asks for clip skip in words",
    why="Words in the prompt are drawn, not obeyed. “Set clip skip to 2” on a web page means the option.",
    example="/render a cow, SET CLIP SKIP TO 2 !!!",
    source="help page on clip skip",
    covers=("SR-05",),
)
RULES = (RULE,)
_WORDS = r"(?:set\s+|use\s+)?clip[\s_-]*skip\s*(?:to|of|at|on|=|:|is)?\s*(\d{1,2})"
_PHRASE = rf"(?:,\s*)?(?:<(?=[^<>\s]*>))?\b{_WORDS}\b\s*!*>?"


def check(seen: View) -> Iterator[Diagnostic]:
    """A hint on the phrase, with a fix that turns it into the option."""
    phrases: list[tuple[str, Span]] = []
    for passage in (seen.statement.positive, seen.statement.negative):
        if "skip" in passage.text.lower():  # the pattern may begin almost anywhere, so it is slow where nothing is
            found = islice(re.finditer(_PHRASE, passage.text, re.IGNORECASE | re.ASCII), MOST_MENDED + 1)
            phrases += ((each[1], passage.span(*each.span())) for each in found)
    if not phrases:
        return
    number, spans = phrases[0][0], [span for _, span in phrases]
    parser = "" if decided(seen.settings, "dialect") else "/parser:new"
    clip_skip = "" if CLIP_SKIP.name in seen.settings else f"/{CLIP_SKIP.name}:{number}"
    options = f"{parser} {clip_skip}".strip()
    edits = [Edit(span, "") for span in spans]
    if options:
        edits.insert(0, insertion(seen, options))
    yield finding(
        RULE,
        f"these words are drawn; the option is `/clipskip:{number}`",
        spans[0],
        help=f"write `{options}` instead" if options else "leave the words out",
        fixes=(Fix("Turn the words into the option", tuple(edits), safe=False),) if len(spans) <= MOST_MENDED else (),
    )
