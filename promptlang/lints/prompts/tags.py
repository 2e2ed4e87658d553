"""Tags that stand in a prompt twice, and commas with nothing between them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise

from promptlang.diagnostics import MOST_MENDED, OURS, Diagnostic, Edit, Fix, Label, Rule, Severity, finding, further
from promptlang.meaning.spread import has_variants
from promptlang.meaning.view import View
from promptlang.source import Span
from promptlang.syntax.tagging import Row, Tag, tag_rows

REPEATED = Rule(
    name="tag/repeated",
    severity=Severity.HINT,
    summary="a tag stands in the prompt twice",
    why="A tag that is written again counts more, but nobody can say by how much, and it takes the place of other "
    "words. Mostly it is left over from pasting.",
    example="/render a cow, red barn, golden hour, red barn",
    source=OURS,
)
EMPTY = Rule(
    name="tag/empty",
    severity=Severity.HINT,
    summary="nothing stands between two commas",
    why="A comma is a token of its own to a text encoder. Mostly a tag was taken out and its comma forgotten.",
    example="/render a cow, , golden hour",
    source=OURS,
    tags=("unnecessary",),
)
RULES = (REPEATED, EMPTY)

_MOST = 20  # findings of each kind in a statement
_BRACKETS = "()[]{}"
_BAR = re.compile(
    r"(?:\A|[\s,])\|\s"
)  # which parts characters and regions in other programs, each with tags of its own
_NOTHING = re.compile(r",\s*,")


def check(seen: View) -> Iterator[Diagnostic]:
    """One finding for each tag that is there again, and for each run of commas."""
    text = seen.statement.positive.text + seen.statement.negative.text
    if "," not in text:
        return
    is_empty = _NOTHING.search(text)
    if not (is_empty or _may_repeat(text)):
        return
    if "{" in text and has_variants(seen):
        return  # commas between braces are those of the values
    rows = tuple(tag_rows(seen.statement))
    if "|" not in text or not _BAR.search(text):
        yield from _repeated(seen.statement.text, rows)
    if is_empty:
        yield from _empty(seen.statement.text, rows)


def _may_repeat(text: str) -> bool:
    """Whether words stand twice between commas or brackets; mostly they do not, and this is quick."""
    pieces: str = text.lower()
    for each in _BRACKETS:
        if each in pieces:
            pieces = pieces.replace(each, ",")
    words = [each for each in map(str.strip, pieces.split(",")) if each]
    return len(set(words)) != len(words)


def _repeated(text: str, rows: tuple[Row, ...]) -> Iterator[Diagnostic]:
    found: dict[tuple[int, bool, str], list[Tag]] = {}
    for row in rows:
        for tag in row.tags:
            if tag.is_words:
                words = " ".join(text[tag.span.start : tag.span.end].lower().split())
                found.setdefault((row.scope, row.negative, words), []).append(tag)
    several = [(words, tags) for (_, _, words), tags in found.items() if len(tags) > 1 and _has_letters(words)]
    for words, tags in several[:_MOST]:
        first, *others = sorted(tags, key=lambda tag: tag.span)
        times = "twice" if len(others) == 1 else f"{len(tags)} times"
        fix = _single(text, words, (first, *others))
        yield finding(
            REPEATED,
            f"`{words[:60]}` stands here {times}",
            others[0].span,
            "again",
            related=(Label(first.span, "here first"), *further((tag.span for tag in others[1:]), "and again")),
            help="keep one of them",
            fixes=(fix,) if fix else (),
        )


def _has_letters(words: str) -> bool:
    return any(map(str.isalpha, words))


def _single(text: str, words: str, tags: tuple[Tag, ...]) -> Fix | None:
    """What leaves one of several tags: the first, or one that stands first in its bracket and so has no comma."""
    kept = next((tag for tag in tags if tag.comma is None), tags[0])
    gone = [tag for tag in tags if tag is not kept]
    if len(gone) > MOST_MENDED or any(tag.comma is None for tag in gone):
        return None
    edits = tuple(edit for tag in gone for edit in _without(text, tag))
    return Fix(f"Remove the other `{words[:30]}`", edits, safe=False)


def _without(text: str, tag: Tag) -> Iterator[Edit]:
    """Edits that take a tag away, with the comma before it."""
    if tag.comma is None:
        return
    if text[tag.comma.end : tag.span.start].strip():
        yield Edit(tag.comma, "")
        yield Edit(tag.span, "")
    else:
        yield Edit(Span(tag.comma.start, tag.span.end), "")


def _empty(text: str, rows: tuple[Row, ...]) -> Iterator[Diagnostic]:
    found = (span for row in rows for span in _runs(text, row.tags))
    for span, _ in zip(found, range(_MOST), strict=False):
        yield finding(
            EMPTY,
            "nothing stands between these commas",
            span,
            help="remove all but one",
            fixes=(Fix("Remove the empty tag", (Edit(Span(span.start + 1, span.end), ""),), safe=False),),
        )


def _runs(text: str, tags: tuple[Tag, ...]) -> Iterator[Span]:
    """From the first to the last of several commas with nothing between them."""
    begin = end = None
    for tag, following in pairwise(tags):
        commas = tag.comma, following.comma
        if commas[0] and commas[1] and not text[commas[0].end : commas[1].start].strip():
            begin = commas[0].start if begin is None else begin
            end = commas[1].end
        elif begin is not None and end is not None:
            yield Span(begin, end)
            begin = None
    if begin is not None and end is not None:
        yield Span(begin, end)
