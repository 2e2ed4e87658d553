"""The marks that Markdown has around a block of code, copied with the prompt in it."""

from __future__ import annotations

import re
from collections.abc import Iterator

from promptlang.diagnostics import MOST_MENDED, OURS, Diagnostic, Edit, Fix, Rule, Severity, finding, further
from promptlang.meaning.view import View
from promptlang.sentences import and_more

RULE = Rule(
    name="text/code-fence",
    severity=Severity.WARNING,
    summary="the marks around a block of code are drawn like words",
    why="Forums and chats show a prompt in a block of code, between lines of three backticks or tildes. They are no "
    "part of it, and above a command they are a prompt of their own.",
    example="a cow in a field\n~~~",
    source=OURS,
)
RULES = (RULE,)

_FENCE = r"(?:(?<=[\r\n])|\A)[ \t]*(?P<mark>`{3,}|~{3,})[ \t]*\w*[ \t]*(?:\r\n?|\n|\Z)"


def check(seen: View) -> Iterator[Diagnostic]:
    """One warning for all of a side."""
    for passage in (seen.statement.positive, seen.statement.negative):
        if "```" not in passage.text and "~~~" not in passage.text:
            continue
        found = tuple(re.finditer(_FENCE, passage.text))
        if not found:
            continue
        edits = tuple(Edit(passage.span(*each.span()), "") for each in found[:MOST_MENDED])
        first, *others = (passage.span(*each.span("mark")) for each in found)
        yield finding(
            RULE,
            f"the mark of a block of code is drawn like a word{and_more(len(others))}",
            first,
            related=further(others, "this too"),
            help="remove the line",
            fixes=(Fix("Remove the marks", edits, safe=False),),
        )
