"""Characters as web pages and JSON spell them: `&amp;`, `\\u003c` and their like are words to a text encoder."""

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
    summary="a character is spelled as web pages or JSON spell it, and drawn as words",
    why="`&amp;`, `&quot;` and `&lt;` come along when the source of a page is copied, `\\u003c` with text out of JSON. "
    "Only stable-diffusion-webui reads the former as `&`, a quote and `<`, and that when it has taken the calls of "
    "networks out.",
    example="/render a knight &amp; a dragon",
    source=OURS,
)
RULES = (RULE,)

_ESCAPE = r"&(?:amp;)*(?:amp|quot|lt|gt|apos|nbsp|#[0-9]{2,5}|#x[0-9a-fA-F]{2,4});"
_TWICE = r"(?<=&)(?:amp;)+(?=[a-z#])"  # what was escaped is escaped again
_OF_CALL = r"&lt;\w+:[^&<>\r\n]*&gt;"  # webui has cut the calls out before it reads escapes
_OF_JSON = r"(?:\\u[0-9a-fA-F]{4}){1,16}"  # a letter beyond four digits is two of them
_MOST_WRITTEN = 5  # characters that the help writes out


def check(seen: View) -> Iterator[Diagnostic]:
    """One hint for all of a side."""
    statement = seen.statement
    for passage in (statement.positive, statement.negative):
        text, is_webui = passage.text, statement.prompt.dialect == A1111.name
        patterns = [_OF_CALL if is_webui else _ESCAPE] if "&" in text and ";" in text else []
        patterns += [_OF_JSON] if "\\u" in text else []
        found = [] if not patterns else [(each, _letters(each[0])) for each in re.finditer("|".join(patterns), text)]
        found = [(each, letters) for each, letters in found if letters]
        if not found:
            continue
        spans = [passage.span(*each.span()) for each, _ in found]
        signs = dict.fromkeys(f"`{letters}`" if letters.strip() else "a blank" for _, letters in found[:_MOST_WRITTEN])
        edits = tuple(Edit(span, letters) for span, (_, letters) in zip(spans[:MOST_MENDED], found, strict=False))
        yield finding(
            RULE,
            f"`{found[0][0][0]}` is plain text here{and_more(len(found) - 1)}",
            spans[0],
            related=further(spans[1:], "this too"),
            help=f"write {listed(signs)}",
            fixes=(Fix("Write the characters themselves", edits, safe=False),),
        )


def _letters(written: str) -> str:
    """What is meant; empty where it is half a letter, or one that nobody can see."""
    if written.startswith("&"):
        from html import unescape  # few prompts need its table

        return unescape(re.sub(_TWICE, "", written)).replace("\xa0", " ")
    units = bytes.fromhex(written.replace("\\u", ""))
    letters = re.sub(r"\s", " ", units.decode("utf-16-be", "replace"))
    return letters if letters.isprintable() and "\ufffd" not in letters else ""
