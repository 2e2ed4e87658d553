"""What is to be said of a NovelAI text, beside its tree."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from promptlang.diagnostics import Diagnostic, finding, replacement
from promptlang.dialects.dialect import DEEPEST
from promptlang.dialects.novelai import rules
from promptlang.dialects.novelai.sections import Stray
from promptlang.source import Passage
from promptlang.tables.dialects import NETWORK_PREFIXES

_MOST = 20  # strays that are listed
_PARTS = re.compile(r"\|+")
_FOREIGN = re.compile(
    r"\((?P<words>[^()\[\]{}:]+):\s*(?P<number>[0-9]*\.?[0-9]+)\s*\)|\bBREAK\b|\bAND\b"
    rf"|<(?:{'|'.join(NETWORK_PREFIXES)}):[^<>]*>"
)
_NUMBER_AT_END = re.compile(
    r"(?<![\w.\-])-?[0-9.]+::[^:{}\[\]|]*?(?<![\w.\-])(?P<number>[0-9]+\.?[0-9]*)::(?=\s*(?:[,|]|\Z))"
)


def findings(passage: Passage, strays: Sequence[Stray]) -> Iterator[Diagnostic]:
    """Everything, in the order of the rules."""
    yield from _strays(passage, strays)
    text = passage.text
    if "::" in text:
        yield from _numbers_at_end(passage)
    for match in _FOREIGN.finditer(text):
        yield _plain_words(passage, match)
        if match["words"]:
            yield from (_plain_words(passage, inner) for inner in _FOREIGN.finditer(text, *match.span("words")))
    if match := _PARTS.search(text):
        message = f"NovelAI makes several prompts of the text at `{match[0]}`, here it is one"
        help = "write the prompts as statements of their own, or a comma if they are one"
        yield finding(rules.PARTS, message, passage.span(*match.span()), "read as a word", help=help)


def _plain_words(passage: Passage, match: re.Match[str]) -> Diagnostic:
    span, shown = passage.span(*match.span()), match[0] if len(match[0]) < 25 else f"{match[0][:24]}…"
    weighted = f"{match['number']}::{match['words'].strip()}::" if match["words"] else ""
    fixes = (replacement(f"Write `{weighted}`", span, weighted, safe=False),) if weighted else ()
    help = f"write `{weighted}`" if weighted else "remove it, or write `/parser:a1111` if it was made for that"
    message = f"`{shown}` is plain words in NovelAI"
    return finding(rules.PLAIN_WORDS, message, span, "no syntax here", help=help, fixes=fixes)


def _strays(passage: Passage, strays: Sequence[Stray]) -> Iterator[Diagnostic]:
    partner = {"{": "}", "}": "{", "[": "]", "]": "["}
    deep = [each for each in strays if each.problem == "too-deep"]
    for stray in (*deep[:1], *(each for each in strays if each.problem != "too-deep"))[:_MOST]:
        written, span = passage.text[stray.start : stray.end], passage.span(stray.start, stray.end)
        match stray.problem:
            case "unclosed":
                message, rule = f"`{written}` is never closed, so it counts up to the end", rules.UNCLOSED
                help = f"write `{partner[written]}` where the group ends"
            case "unopened":
                message, rule = f"`{written}` ends nothing, so it is left out", rules.UNOPENED
                other = f"`{partner[written]}`" if written in partner else "a number and `::`"
                help = f"write {other} where the group starts, or remove it"
            case _:
                message, rule = f"brackets are nested more than {DEEPEST} deep, the rest is left out", rules.TOO_DEEP
                help = "write a number, such as `1.5::words::`"
        yield finding(rule, message, span, help=help)


def _numbers_at_end(passage: Passage) -> Iterator[Diagnostic]:
    for match in _NUMBER_AT_END.finditer(passage.text):
        number, span = match["number"], passage.span(*match.span("number"))
        message = f"`{number}::` begins a weight of {number}, it does not end the words before it"
        fix = replacement("Insert a blank", span, f"{number} ", safe=False)
        yield finding(rules.ENDS_IN_NUMBER, message, span, "no word", help=f"write `{number} ::`", fixes=(fix,))
