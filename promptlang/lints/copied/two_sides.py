"""A negative prompt behind a sign by which another program parts it from the prompt: it is drawn as part of it."""

from __future__ import annotations

import re
from collections.abc import Iterator

from promptlang.diagnostics import Diagnostic, Edit, Fix, Rule, Severity, finding, replacement
from promptlang.lints.places import BRACKETS
from promptlang.meaning.remarks import without_remarks
from promptlang.meaning.view import View
from promptlang.source import Passage, Span, line_end
from promptlang.tables.options.table import NEGATIVE, VARIANTS
from promptlang.values import replace

RULE = Rule(
    name="text/two-sides",
    severity=Severity.HINT,
    summary="a negative prompt behind a sign of another program is drawn as part of the prompt",
    why="The AI Horde and bots that use it part both sides by `###`, other bots by `|`, people by `Negative prompt:` "
    "or `Negative:` in one line, by `[Negative]`, or `(negative: …)`. Here these are words like any other, and what "
    "stands behind them asks for what it should keep away. What follows a bar is taken for a negative prompt only "
    "where it names faults such as `blurry`. Under `/parser:a1111` `###` begins a comment, and nothing behind it is "
    "drawn.",
    example="/render a cow in a field ### blurry, lowres",
    source="documentation of the AI Horde",
)
RULES = (RULE,)

# Few prompts have a sign, so only those compile what follows.
_SIGN = r"(?<=[^\s|#])(?:\s*(?P<sign>###)\s*|\s+(?P<bar>\|)\s+)(?=[^\s|#])"
_LABELLED = (
    "egative",
    "EGATIVE",
    "eg:",
    "EG:",
    "提示",
    "负面",
    "負面",
    "反向",
    "ネガティブ",
)  # one of them is in every label
_LABELS = "negative prompts?|(?:负面|反向|負面)(?:提示[词詞])?|ネガティブプロンプト"
_LABEL = (
    rf"(?i)(?<=[\s,.;，。；、\]])(?P<sign>(?:{_LABELS})[ \t]*[:：]|negative prompt[ \t]+[-–—=](?=\s)"
    r"|\[negative(?:[ _]prompt)?\](?:[ \t]*:)?)\s*(?=\S)"
)
_SHORT = r"(?i)(?<=[\s,.;，。；、])(?P<sign>(?:negatives?|neg)[ \t]*[:：])\s*(?=[^\s\d.])"
_ENDS = tuple(",.;，。；、")  # of what stands before a short label, which else is a word of a film
_HEADED = (  # above the other
    r"(?i)\s*(?P<sign>\[(?:positive[ _]prompt|prompt|positive)\](?:[ \t]*:)?\s*+"
    r"|(?:positive )?prompt[ \t]*:\s*+)(?![/#\-])"
)
_BRACKETED = (
    r"(?i)(?<![\\\w])\((?P<label>negative(?:[ _]prompt)?)[ \t]*[:：][ \t]*"
    r"(?P<words>(?=[^()]*?[^\W\d_])[^():]{1,500}+)\)"
)
_FAULT = (
    r"(?i)(?<!\w)(?:blurry|blurred|low[ -]?res|(?:worst|low|bad|poor)[ -]quality|bad[ -](?:anatomy|hands|proportions)"
    r"|ugly|deformed|disfigured|mutated|mutation|watermarks?|jpeg[ -]artifacts|extra[ -](?:fingers|limbs|arms|legs)"
    r"|nsfw|cropped)(?!\w)"
)

_DRAWN = ("drawn as part of the prompt", "a word like any other")
_LEFT_OUT = ("a comment to this program", "not drawn")


def check(seen: View) -> Iterator[Diagnostic]:
    """One hint where there is one such sign, outside brackets, and no negative prompt yet."""
    statement, passage = seen.statement, seen.statement.positive
    text = passage.text
    is_signed, is_labelled = "###" in text or "|" in text, any(map(text.__contains__, _LABELLED))
    if not (is_signed or is_labelled) or statement.negative.text or VARIANTS.name in seen.settings:
        return
    drawn = without_remarks(seen).statement.positive.text
    if is_labelled and "(" in drawn and (bracket := re.search(_BRACKETED, drawn)):
        yield _in_brackets(passage, bracket)
        return
    signs = tuple(re.finditer(_LABEL, drawn)) or tuple(_short(drawn)) if is_labelled else ()
    signs = signs or (tuple(re.finditer(_SIGN, drawn)) if is_signed else ())
    is_comment = not signs and drawn != text
    if is_comment:
        signs = tuple(_of_comments(text, drawn))
    if len(signs) == 1 and _parts_sides(text, signs[0]):
        found = _in_line(passage, signs[0], *(_LEFT_OUT if is_comment else _DRAWN))
        yield replace(found, severity=Severity.WARNING) if is_comment else found


def _short(drawn: str) -> Iterator[re.Match[str]]:
    """`Negative:` behind the end of a sentence or part, or before faults."""
    for sign in re.finditer(_SHORT, drawn):
        before = drawn[: sign.start()].rstrip()
        if before.endswith(_ENDS) or (before and re.search(_FAULT, drawn[sign.end() :])):
            yield sign


def _parts_sides(text: str, sign: re.Match[str]) -> bool:
    """Whether a sign stands outside brackets, and what is behind a bar names faults."""
    before = text[: sign.start("sign" if sign["sign"] else "bar")]
    if any(before.count(opening) > before.count(closing) for opening, closing in BRACKETS):
        return False
    return bool(sign["sign"]) or re.search(_FAULT, text[sign.end() :]) is not None


def _in_line(passage: Passage, sign: re.Match[str], what: str, label: str) -> Diagnostic:
    """What is said of a sign between two sides."""
    text, written = passage.text, "sign" if sign["sign"] else "bar"
    span = passage.span(*sign.span(written))
    beside = text[max(sign.start(written) - 1, 0) : sign.start(written)], text[sign.end(written)]
    edits = [Edit(span, f"/{NEGATIVE.name}".join("" if each.isspace() else " " for each in beside))]
    if not sign[written].startswith("#") and (head := re.match(_HEADED, text)):
        heading = passage.span(*head.span("sign"))
        if _is_whole(heading, head["sign"]):
            edits.insert(0, Edit(heading, ""))
    return finding(
        RULE,
        f"what stands behind `{sign[written]}` is {what}",
        span,
        label,
        help=f"write `/{NEGATIVE.name}` in its place where it is the negative prompt",
        fixes=(Fix(f"Write `/{NEGATIVE.name}`", tuple(edits), safe=False),),
    )


def _is_whole(span: Span, written: str) -> bool:
    """Whether no option or comment stands among the words that a span holds."""
    return span.end - span.start == len(written)


def _in_brackets(passage: Passage, sign: re.Match[str]) -> Diagnostic:
    """What is said of `(negative: …)`; what would follow `/negative` must be its words alone."""
    span, words = passage.span(*sign.span()), sign["words"].strip()
    is_last = not passage.text[sign.end() :].strip(" \t\r\n,.") and _is_whole(span, sign[0])
    before = passage.text[: sign.start()]
    written = f"/{NEGATIVE.name} {words}"
    fix = replacement(
        f"Write `/{NEGATIVE.name}`", span, written if not before[-1:].strip() else f" {written}", safe=False
    )
    return finding(
        RULE,
        f"what stands behind `{sign['label']}:` is drawn as part of the prompt",
        span,
        "words like any other",
        help=f"write `/{NEGATIVE.name}` and the words at the end of the prompt",
        fixes=(fix,) if is_last else (),
    )


def _of_comments(text: str, drawn: str) -> Iterator[re.Match[str]]:
    """The signs of the AI Horde behind words of the same line that are drawn, by which a comment begins."""
    for sign in re.finditer(_SIGN, text):
        is_behind = text[sign.start() - 1] == drawn[sign.start() - 1] and not line_end(sign[0])
        if sign["sign"] and is_behind:
            yield sign
