"""Characters as web pages spell them: `&amp;` and its like are words to a text encoder."""

from __future__ import annotations

import re
from collections.abc import Iterator

from promptlang.diagnostics import MOST_MENDED, OURS, Diagnostic, Edit, Fix, Rule, Severity, finding, further
from promptlang.meaning.view import View
from promptlang.sentences import and_more, listed
from promptlang.tables.dialects import A1111

RULE = Rule(
    name="text/html-escapes",
    severity=Severity.HINT,
    summary="a character is spelled as web pages spell it, and drawn as words",
    why="`&amp;`, `&quot;` and `&lt;` come along when the source of a page is copied. Only stable-diffusion-webui "
    "reads them as `&`, a quote and `<`, and that after the signs of the prompt.",
    example="/render a knight &amp; a dragon",
    source=OURS,
)
RULES = (RULE,)

_ESCAPE = r"&(?:amp|quot|lt|gt|apos|nbsp|#[0-9]{2,5}|#x[0-9a-fA-F]{2,4});"
_MOST_WRITTEN = 5  # characters that the help writes out


def check(seen: View) -> Iterator[Diagnostic]:
    """One hint for all of a side."""
    statement = seen.statement
    for passage in (statement.positive, statement.negative):
        if ";" not in passage.text or "&" not in passage.text or statement.prompt.dialect == A1111.name:
            continue
        found = tuple(re.finditer(_ESCAPE, passage.text))
        if not found:
            continue
        from html import unescape  # few prompts need its table

        letters = [unescape(each[0]).replace("\xa0", " ") for each in found]
        spans = [passage.span(*each.span()) for each in found]
        signs = dict.fromkeys(f"`{letter}`" if letter.strip() else "a blank" for letter in letters[:_MOST_WRITTEN])
        edits = tuple(Edit(span, letter) for span, letter in zip(spans[:MOST_MENDED], letters, strict=False))
        yield finding(
            RULE,
            f"`{found[0][0]}` is plain text here{and_more(len(found) - 1)}",
            spans[0],
            related=further(spans[1:], "this too"),
            help=f"write {listed(signs)}",
            fixes=(Fix("Write the characters themselves", edits, safe=False),),
        )
