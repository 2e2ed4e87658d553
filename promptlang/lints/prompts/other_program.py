"""Signs that another program reads and this dialect does not: weights of NovelAI and Midjourney, tags of SwarmUI,
marks of extensions."""

from __future__ import annotations

import re
from collections.abc import Iterator

from promptlang.diagnostics import Diagnostic, Rule, Severity, finding
from promptlang.dialects.detect import detect
from promptlang.meaning.settings import decided
from promptlang.meaning.view import View
from promptlang.sentences import and_more
from promptlang.tables.dialects import A1111, NOVELAI, dialect_row
from promptlang.tables.options.table import VARIANTS

RULE = Rule(
    name="prompt/other-program",
    severity=Severity.HINT,
    summary="the prompt is written for a program whose signs are plain words here",
    why="NovelAI strengthens by `{{x}}` and `1.5::x::`, Midjourney by `x::2` and draws each of `{x, y}`, and SwarmUI "
    "draws lots by `<random:a|b>`; extensions of webui know words such as `ADDCOMM` and `AND_PERP`. In any other "
    "dialect the signs are drawn like words.",
    example="/render {{masterpiece}}, a cow",
    source="documentation of NovelAI, Midjourney and SwarmUI",
)
RULES = (RULE,)

_NUMBERED = r"(?<![\w:])(?P<weight>-?\d{1,2}(?:\.\d+)?)::(?P<words>(?=[^:|{}]*?[^\W\d])[^:|{}]++)::"
_LISTED = r"(?<![\w{$\\])\{(?P<words>(?=[^{}|$]*?[^\W\d_])[^{}|$:\"\r\n,]{1,200}+,[^{}|$:\"\r\n]{1,200}+)\}(?![\w}])"
_BRACED = r"(?<!\{)\{(?P<more>\{{1,20}+)(?P<words>(?=[^{}|$]*?[^\W\d_])[^{}|$]++)\}\}+"
_PARTED = r"(?<![^\s,])(?P<words>[^\W\d_][^:\[\](){}<>|,\n]{0,200}+)::(?P<weight>-?\d{1,2}(?:\.\d+)?)(?=[\s,]|\Z)"
_TAGGED = (
    r"<(?P<tag>random|alternate|alt|fromto|repeat|wildcard|wc|setvar|var|setmacro|macro|segment|object|region|"
    r"trigger|comment|preset)(?:\[[^\[\]<>]*\])?(?::(?P<values>[^<>\r\n]*))?>"
)
_LONGEST = 40  # words that are written out
_BRACE = 1.05  # what a brace of NovelAI multiplies by
_SIGNS_OUTSIDE = (("::", _PARTED, "a weight to", "Midjourney"), ("<", _TAGGED, "a tag of", "SwarmUI"))
_REGION = r"\bADD(?:COMM|BASE|COL|ROW)\b"  # parts the prompts of Regional Prompter, an extension of webui
_PERPENDICULAR = r"\bAND_(?:PERP|SALT|TOPK)\b"  # joins prompts with Neutral Prompt, an extension of webui
_LIST = ("{", _LISTED, "a list to Midjourney or a weight to", "NovelAI")  # where no dialect says that it is neither
_SIGNS = (
    ("ADD", _REGION, "a mark of", "Regional Prompter"),
    ("AND_", _PERPENDICULAR, "a mark of", "Neutral Prompt"),
    ("::", _NUMBERED, "a weight to", "NovelAI"),
    ("{{", _BRACED, "a weight to", "NovelAI"),
    *_SIGNS_OUTSIDE,
)


def check(seen: View) -> Iterator[Diagnostic]:
    """One hint a statement, on the first sign."""
    passage = seen.positive
    text = passage.text
    signs = [each for each in (*_SIGNS, _LIST) if each[0] in text]
    if not signs or passage is not seen.statement.positive or VARIANTS.name in seen.settings:
        return
    if decided(seen.settings, "dialect"):
        signs = [each for each in signs if each is not _LIST]
    elif detect(passage):
        return  # `prompt/other-dialect` says it
    row = dialect_row(seen.statement.prompt.dialect)
    if row.steps:  # a step may stand behind a word there
        signs = [each for each in signs if each not in _SIGNS_OUTSIDE]
    found = [
        (sign, f"{what} {program}")
        for _, pattern, what, program in signs
        if program != row.title and (sign := re.search(pattern, text)) is not None
    ]
    if not found:
        return
    sign, says = min(found, key=lambda each: each[0].start())
    others = sum(1 for _ in sign.re.finditer(text, sign.end()))
    yield finding(
        RULE,
        f"this is {says} and plain words here{and_more(others)}",
        passage.span(*sign.span()),
        help=f"write {_instead(seen, sign)}",
    )


def is_tag(text: str) -> bool:
    """Whether a text is a tag of another program."""
    return re.fullmatch(_TAGGED, text) is not None


def _instead(seen: View, sign: re.Match[str]) -> str:
    """What says the same here."""
    if sign.re.pattern == _TAGGED:
        return _of_tag(sign)
    if sign.re.pattern == _REGION:
        return "a statement for each region, since nothing here parts the picture"
    if sign.re.pattern == _PERPENDICULAR:
        dialect = dialect_row(seen.statement.prompt.dialect)
        is_read = dialect.conjunctions and not dialect.concatenates
        return "`AND`, by which the part counts as a whole" + ("" if is_read else f", and `/parser:{A1111.name}`")
    words = sign["words"].strip()
    more = sign.groupdict().get("more") or ""
    weight = sign.groupdict().get("weight") or f"{_BRACE ** (1 + len(more)):.3g}"
    row = dialect_row(seen.statement.prompt.dialect)
    counts = row.numbers or not row.successor
    group = (row if counts else dialect_row(row.successor)).group
    said = f"`{group.format(words=words if len(words) <= _LONGEST else 'words', weight=weight)}`"
    said = said if counts else f"{said} and `/parser:{row.successor}`"
    if sign.re.pattern == _BRACED and not decided(seen.settings, "dialect"):
        said = f"{said}, or `/parser:{NOVELAI.name}` in front of all of it"
    if sign.re.pattern == _LISTED and len(words) <= _LONGEST:
        each = "|".join(each.strip() for each in words.split(","))
        return f"`{{{each}}}` and `/variants:all` for a picture of each, or {said} for a weight"
    return said


def _of_tag(sign: re.Match[str]) -> str:
    """What stands for a tag of SwarmUI, where something does."""
    values = sign["values"] or ""
    match sign["tag"]:
        case "random" if len(values) <= _LONGEST:
            separator = "||" if "||" in values else "|" if "|" in values else ","
            choices = "|".join(each.strip() for each in values.split(separator))
            return f"`{{{choices}}}` and `/variants:random`"
        case "wildcard" | "wc":
            return f"`__{values.strip()[:_LONGEST]}__` and `/variants:random`"
        case "alternate" | "alt":
            return "`[a|b]` and `/parser:a1111`"
        case "fromto":
            return "`[a:b:0.5]` and `/parser:a1111`"
        case _:
            return "the words themselves, since nothing here does the same"
