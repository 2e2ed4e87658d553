"""A negative prompt behind a sign by which another program parts it from the prompt: it is drawn as part of it."""

from __future__ import annotations

import re
from collections.abc import Iterator

from promptlang.diagnostics import Diagnostic, Edit, Fix, Rule, Severity, finding
from promptlang.lints.places import BRACKETS
from promptlang.meaning.remarks import without_remarks
from promptlang.meaning.view import View
from promptlang.source import line_end
from promptlang.tables.options.table import NEGATIVE, VARIANTS
from promptlang.values import replace

RULE = Rule(
    name="text/two-sides",
    severity=Severity.HINT,
    summary="a negative prompt behind a sign of another program is drawn as part of the prompt",
    why="The AI Horde and bots that use it part both sides by `###`, other bots by `|`, people by `Negative prompt:` "
    "in one line. Here it is a word like any other, and what stands behind it asks for what it should keep away. What "
    "follows a bar is taken for a negative prompt only where it names faults such as `blurry`. Under `/parser:a1111` "
    "`###` begins a comment, and nothing behind it is drawn.",
    example="/render a cow in a field ### blurry, lowres",
    source="documentation of the AI Horde",
)
RULES = (RULE,)

# Few prompts have a sign, so only those compile what follows.
_SIGN = r"(?<=[^\s|#])(?:\s*(?P<sign>###)\s*|\s+(?P<bar>\|)\s+)(?=[^\s|#])"
_LABELLED = ("egative", "EGATIVE", "提示", "负面", "負面", "反向", "ネガティブ")  # one of them is in every label
_LABELS = "negative prompt|(?:负面|反向|負面)(?:提示[词詞])?|ネガティブプロンプト"
_LABEL = rf"(?i)(?<=[\s,.;，。；、])(?P<sign>(?:{_LABELS})[ \t]*[:：])\s*(?=\S)"
_FAULT = (
    r"(?i)(?<!\w)(?:blurry|blurred|low[ -]?res|(?:worst|low|bad|poor)[ -]quality|bad[ -](?:anatomy|hands|proportions)"
    r"|ugly|deformed|disfigured|mutated|mutation|watermarks?|jpeg[ -]artifacts|extra[ -](?:fingers|limbs|arms|legs)"
    r"|nsfw|cropped)(?!\w)"
)


def check(seen: View) -> Iterator[Diagnostic]:
    """One hint where there is one such sign, outside brackets, and no negative prompt yet."""
    statement, passage = seen.statement, seen.statement.positive
    text = passage.text
    is_signed, is_labelled = "###" in text or "|" in text, any(map(text.__contains__, _LABELLED))
    if not (is_signed or is_labelled) or statement.negative.text or VARIANTS.name in seen.settings:
        return
    drawn = without_remarks(seen).statement.positive.text
    signs = tuple(re.finditer(_LABEL, drawn)) if is_labelled else ()
    signs = signs or (tuple(re.finditer(_SIGN, drawn)) if is_signed else ())
    is_comment = not signs and drawn != text
    if is_comment:
        signs = tuple(_of_comments(text, drawn))
    if len(signs) != 1:
        return
    (sign,) = signs
    written = "sign" if sign["sign"] else "bar"
    before = text[: sign.start(written)]
    if any(before.count(opening) > before.count(closing) for opening, closing in BRACKETS):
        return
    if written == "bar" and not re.search(_FAULT, text[sign.end() :]):
        return
    span = passage.span(*sign.span(written))
    blanks = ["" if each.isspace() else " " for each in (before[-1:], text[sign.end(written)])]
    edit = Edit(span, f"/{NEGATIVE.name}".join(blanks))
    what, label = "drawn as part of the prompt", "a word like any other"
    if is_comment:
        what, label = "a comment to this program", "not drawn"
    found = finding(
        RULE,
        f"what stands behind `{sign[written]}` is {what}",
        span,
        label,
        help=f"write `/{NEGATIVE.name}` in its place where it is the negative prompt",
        fixes=(Fix(f"Write `/{NEGATIVE.name}`", (edit,), safe=False),),
    )
    yield replace(found, severity=Severity.WARNING) if is_comment else found


def _of_comments(text: str, drawn: str) -> Iterator[re.Match[str]]:
    """The signs of the AI Horde behind words of the same line that are drawn, by which a comment begins."""
    for sign in re.finditer(_SIGN, text):
        is_behind = text[sign.start() - 1] == drawn[sign.start() - 1] and not line_end(sign[0])
        if sign["sign"] and is_behind:
            yield sign
