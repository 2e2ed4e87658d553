"""Weights that are plain words: a number without brackets or with a comma, and signs of an Asian keyboard."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from unicodedata import normalize

from promptlang.diagnostics import OURS, Diagnostic, Edit, Fix, Rule, Severity, finding
from promptlang.dialects.words.rules import BAD_WEIGHT
from promptlang.meaning.view import View
from promptlang.sentences import and_more
from promptlang.source import Passage, Span
from promptlang.tables.dialects import DialectRow, dialect_row
from promptlang.tables.options.table import ELSEWHERE, OPTIONS, VARIANTS

BARE = Rule(
    name="weight/without-brackets",
    severity=Severity.HINT,
    summary="a number behind words has no brackets around it or no colon before it, so it is drawn like a word",
    why="Lists of tags from elsewhere say `masterpiece:1.2`; a weight counts only inside the brackets of its dialect.",
    example="/render /parser:new masterpiece:1.2, 1girl",
    source=OURS,
)
WIDE = Rule(
    name="text/wide-brackets",
    severity=Severity.HINT,
    summary="brackets of an Asian keyboard are plain words",
    why="`（x）`, `(x：1.2)` and `［x］` look like signs of the prompt and are none; the text encoder reads them.",
    example="/render /parser:new （masterpiece）",
    source=OURS,
)
COMMA = Rule(
    name="weight/decimal-comma",
    severity=Severity.WARNING,
    summary="a weight is written with a comma, and is another number or none",
    why="Half of Europe writes `1,2`; programs read `1.2` alone, and what stands before or behind the comma as words.",
    example="/render /parser:a1111 (red fur:1,2), a cow",
    source=OURS,
)
RULES = (BARE, WIDE, COMMA)

# Few prompts have the signs that `check` looks for first, so only those compile what follows.
_WORDS = r"(?P<words>[^,:()\[\]{}<>|\\\r\n]{1,200}+)"
_NUMBER = r":[ \t]*(?P<number>[01]\.[0-9]{1,2})"
_BEHIND = r"(?=[ \t]*(?:[,\r\n]|\Z)|[ \t]+[0-9]{0,3}[^\W\d])"
_ENDED = rf"{_NUMBER}{_BEHIND}"  # what `_BARE` ends with: most numbers end with a bracket
_BARE = rf"(?:(?<=,)|(?<=\n)|\A|(?:(?<=[01]\.[0-9])|(?<=[01]\.[0-9][0-9]))(?=[ \t])){_WORDS}{_ENDED}"
_OUTSIDE = rf"(?<!\\)\((?P<words>[^():\[\]{{}}<>|\\\r\n]{{1,200}}+)\)[ \t]*{_ENDED}"  # the bracket was closed too early
_BLANK = r"(?<![\\\w])\((?P<words>[^():\[\]{}<>|\\\r\n]{1,200}?(?<=\w))[ \t]+(?P<number>[01]\.[0-9]{1,2})\)"  # no colon
_BLANK_SIGNS = (" 0.", " 1.", "\t0.", "\t1.")
_NUMBERED = frozenset({"ver", "version", "sd", "sdxl", "lens", "aperture", "ratio"})
_SIGN = r"\b(?:AND(?:_[A-Z]+)?|BREAK)\b"
_WEIGHT = r"(?=[0-9]?(?:\.[0-9]+)?[ \t]*(?:[)）\]］>＞,，\r\n]|\Z))"
_WIDE = rf"[（）［］＜＞]|(?<=[^\W\d])(?:：{_WEIGHT}|[：:][0-9.]*[０-９．][0-9０-９.．]*(?=[)）]))"
_PAIRS = r"［[^［］\r\n]*］|＜[^＜＞\r\n]*＞"  # whose colons and bars are signs as well
_INSIDE = r"[：｜]|(?<=：)[0-9.]*[０-９．][0-9０-９.．]*"
_CHOICE = r"｛[^｛｝｜]*｜[^｛｝]*｝"
_DOUBLED = r"(?:(?<!\w)[-−]?[0-9０-９]+(?:[.．][0-9０-９]+)?)?：："
_RAISED = r"(?<=[\w)\"”])(?:＋+|－－+)(?=[\s,.;:!?、。，)]|\Z)"  # behind words, where signs raise them
_COMMAS = r"(?P<number>[0-9][,，。][0-9]{1,2})(?![0-9])"
_PARTED = r"[0-9][,，。][0-9]"  # which few prompts have
_MOST = 20  # edits of one fix are shown to the writer


def check(seen: View) -> Iterator[Diagnostic]:
    """One hint for each kind, with a fix for all of its places."""
    statement = seen.statement
    row = dialect_row(statement.prompt.dialect)
    for passage in (statement.positive, statement.negative):
        if not passage.text:
            continue
        if ":" in passage.text and re.search(_ENDED, passage.text):
            yield from _bare(passage, row)
        if "(" in row.group and "(" in passage.text and any(map(passage.text.__contains__, _BLANK_SIGNS)):
            yield from _without_colon(passage, row)
        if not passage.text.isascii():
            yield from _wide(passage, row, braces=VARIANTS.name in seen.settings)
        if row.numbers and re.search(_PARTED, passage.text):
            yield from _comma(passage, row.group, statement.diagnostics)


def _bare(passage: Passage, row: DialectRow) -> Iterator[Diagnostic]:
    end = len(passage.text.rstrip())
    patterns = (_BARE, *((_OUTSIDE,) if "(" in row.group else ()))
    each_place = (each for pattern in patterns for each in re.finditer(pattern, passage.text))
    places = sorted((each for each in each_place if _are_weighed(_words(each))), key=re.Match[str].start)
    # a number at the end is the weight of the whole branch where prompts are joined, or would be where they come from
    mixes = (row.conjunctions and not row.concatenates) or re.search(r"\bAND(?:\b|_[A-Z])", passage.text)
    found = [each for each in places if not (mixes and each.end("number") == end)][:_MOST]
    if not found:
        return
    group, also = _weighing(row)
    edits = tuple(Edit(_span(passage, each), group.format(words=_words(each), weight=each["number"])) for each in found)
    first = edits[0]
    yield finding(
        BARE,
        f"the number `{found[0]['number']}` is drawn like a word, for no brackets stand around it"
        f"{and_more(len(found) - 1)}",
        first.span,
        help=f"write `{first.text}`{also} if it is a weight",
        fixes=(Fix("Put brackets around the weights", edits, safe=False),) if row.numbers else (),
    )


def _without_colon(passage: Passage, row: DialectRow) -> Iterator[Diagnostic]:
    """Numbers in brackets behind a blank: `(a red cow 1.2)`."""
    places = [each for each in re.finditer(_BLANK, passage.text) if _are_weighed(each["words"])]
    found = [each for each in places if not _is_numbered(each["words"].lower().split()[-1])][:_MOST]
    if not found:
        return
    group, also = _weighing(row)
    written = [group.format(words=each["words"], weight=each["number"]) for each in found]
    edits = tuple(Edit(passage.span(*each.span()), text) for each, text in zip(found, written, strict=True))
    why, title = "no colon stands before it", "Write colons before the weights"
    if ":" not in group:
        why, title = "it stands inside the brackets", "Write the weights behind the brackets"
    yield finding(
        BARE,
        f"the number `{found[0]['number']}` is drawn like a word, since {why}{and_more(len(found) - 1)}",
        edits[0].span,
        help=f"write `{written[0]}`{also} if it is a weight",
        fixes=(Fix(title, edits, safe=False),) if row.numbers else (),
    )


def _is_numbered(word: str) -> bool:
    """Whether a word has a number of its own: a version, or a lens."""
    return word in _NUMBERED or len(word) == 1 or re.fullmatch(r"[0-9]+mm", word) is not None


def _weighing(row: DialectRow) -> tuple[str, str]:
    """How words are weighed, in the dialect that has numbers, and what names that one where it is another."""
    if row.numbers or not row.successor:
        return row.group, ""
    return dialect_row(row.successor).group, f" and `/parser:{row.successor}`"


def _are_weighed(words: str) -> bool:
    """Whether a number behind words can be their weight: none of a setting (`denoise: 0.5`), of a lens (`f:1.8`), and
    no side of a ratio.
    """
    name = "-".join(words.lower().split())
    is_setting = name in OPTIONS or name in ELSEWHERE
    return sum(map(str.isalpha, words)) > 1 and not is_setting and not words.split()[-1].isdigit()


def _words(found: re.Match[str]) -> str:
    """The words that a number stands behind; those of another branch or chunk are not meant."""
    return re.split(_SIGN, found["words"])[-1].strip()


def _span(passage: Passage, found: re.Match[str]) -> Span:
    end = found.start("words") + len(found["words"].rstrip())
    start = found.start() if found[0].startswith("(") else end - len(_words(found))
    return passage.span(start, found.end("number"))


def _wide(passage: Passage, row: DialectRow, *, braces: bool) -> Iterator[Diagnostic]:
    """Signs of an Asian keyboard, also those that are signs only between others."""
    text = passage.text
    within = [(_PAIRS, _INSIDE), *([(_CHOICE, "[｛｜｝]")] if braces else [])]
    spans = {each.span() for each in re.finditer(_WIDE, text)}
    spans |= {
        sign.span()
        for pair, inside in within
        for around in re.finditer(pair, text)
        for sign in re.compile(inside).finditer(text, *around.span())
    }
    if not row.signed_words:
        spans |= {each.span() for each in re.finditer(_RAISED, text)}
    if row.group.startswith("{weight}"):  # and words stand between doubled colons and in braces
        spans |= {each.span() for each in re.finditer(rf"{_DOUBLED}|[｛｝]", text)}
    found = sorted(spans)[:_MOST]
    if not found:
        return
    edits = tuple(Edit(passage.span(start, end), normalize("NFKC", text[start:end])) for start, end in found)
    written = ", ".join(f"`{sign}`" for sign in dict.fromkeys(edit.text for edit in edits))
    yield finding(
        WIDE,
        f"`{text[slice(*found[0])]}` is plain text, though it looks like a sign of the prompt",
        edits[0].span,
        help=f"write {written} if a sign is meant",
        fixes=(Fix("Write plain signs", edits, safe=False),),
    )


def _comma(passage: Passage, group: str, said: Sequence[Diagnostic]) -> Iterator[Diagnostic]:
    """Numbers with a comma where the dialect has weights, but for those that it speaks of itself."""
    before, after = (re.escape(re.sub(r".*\}|\{.*", "", side)) for side in group.split("{weight}"))
    start = rf"(?<=[^\W\d]{before})" if before else r"(?<![\w.,:])"
    told = sorted(each.label.span for each in said if each.rule is BAD_WEIGHT)
    found = [
        (span, each["number"])
        for each in re.finditer(rf"{start}{_COMMAS}{f'(?={after})' if after else ''}", passage.text)
        for span in (passage.span(*each.span("number")),)
        if not span.meets_one(told)
    ][:_MOST]
    if not found:
        return
    edits = tuple(Edit(span, re.sub("[,，。]", ".", number)) for span, number in found)
    yield finding(
        COMMA,
        f"a weight is written with a point, found `{found[0][1]}`{and_more(len(found) - 1)}",
        edits[0].span,
        help=f"write `{edits[0].text}` if it is one",
        fixes=(Fix("Write points", edits, safe=False),),
    )
