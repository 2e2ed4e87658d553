"""Comments behind words: where the dialect has none they are drawn, and where it has, an option in them counts."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator, Sequence

from promptlang.diagnostics import MOST_MENDED, OURS, Diagnostic, Edit, Fix, Rule, Severity, finding, further
from promptlang.meaning.view import View
from promptlang.sentences import and_more
from promptlang.source import Passage, Span
from promptlang.statements.cutting import begins_line
from promptlang.statements.removal import removal
from promptlang.syntax.nodes import Statement
from promptlang.tables.dialects import dialect_row
from promptlang.values import replace

DRAWN = Rule(
    name="text/comment-drawn",
    severity=Severity.HINT,
    summary="what looks like a comment behind words is drawn like them",
    why="A comment of a prompt file has a line of its own that begins with `#` and a blank. Only "
    "stable-diffusion-webui, and so `/parser:a1111`, has comments behind words; `//` and `/* … */` are words to all.",
    example="/render a cow, 8k # this one is good",
    source=OURS,
)
OPTION = Rule(
    name="option/in-comment",
    severity=Severity.WARNING,
    summary="an option stands in a comment behind words, and counts all the same",
    why="Which words are a comment the dialect says, when the options have been read already. A line that begins with "
    "`#` is a comment with all that is in it.",
    example="/render /parser:a1111 a cow # not /steps:50",
    source=OURS,
)
RULES = (DRAWN, OPTION)

_FOREIGN_SIGNS = ("//", "/*")
_FOREIGN = r"(?m:^|(?<=\r))[ \t]*(?P<line>//[ \t]+\S[^\r\n]*)|(?<!\S)/\*[^*]{0,300}\*/"
_BEHIND = r"(?<=[^\s#])[ \t]+(?P<sign>#)[ \t]+[^\s#]"  # compiled where a text has such a sign


def check(seen: View) -> Iterator[Diagnostic]:
    """One finding for all of a side, or for all options of a statement."""
    statement = seen.statement
    for passage in (statement.positive, statement.negative):
        if "/" in passage.text and any(map(passage.text.__contains__, _FOREIGN_SIGNS)):
            yield from _foreign(passage, statement)
    if "#" not in statement.text:
        return
    if dialect_row(statement.prompt.dialect).comments:
        yield from _options(statement)
        return
    for passage in (statement.positive, statement.negative):
        if "# " in passage.text or "#\t" in passage.text:
            yield from _drawn(passage, statement)


def _foreign(passage: Passage, statement: Statement) -> Iterator[Diagnostic]:
    """Comments as programs and pages have them; one that fills its line becomes one of this language."""
    places = [
        (each, passage.span(*each.span("line" if each["line"] else 0))) for each in re.finditer(_FOREIGN, passage.text)
    ]
    found = [(each, span) for each, span in places if not each["line"] or begins_line(statement.text, span.start)]
    if not found:
        return
    (_, first), *others = found
    ends = {*(pieces := _pieces(statement))}  # of comments that would take options and recipes with them
    fills_lines = all(each["line"] and _end(statement.text, pieces, span.start) not in ends for each, span in found)
    edits = tuple(Edit(Span(span.start, span.start + 2), "#") for _, span in found[:MOST_MENDED])
    yield finding(
        DRAWN,
        f"this comment is drawn like other words{and_more(len(others))}",
        first,
        related=further((span for _, span in others), "this too"),
        help="put it on a line of its own that begins with `# ` if it is one",
        fixes=(Fix("Write `#`", edits, safe=False),) if fills_lines else (),
    )


def _drawn(passage: Passage, statement: Statement) -> Iterator[Diagnostic]:
    text = statement.text
    pieces = _pieces(statement)
    found: list[Span] = []
    for each in re.finditer(_BEHIND, passage.text):
        start = passage.at(each.start("sign"))
        if not found or start >= found[-1].end:
            found.append(Span(start, _end(text, pieces, start)))
    if not found:
        return
    first, *others = found
    ends = {*pieces}  # what stands there is to count as before
    places = (at for span in found[:MOST_MENDED] for at in (span.start, *({span.end} & ends)))
    blanks = (Span(len(text[:at].rstrip(" \t")), at) for at in places)
    edits = tuple(Edit(each, "\n") for each in blanks)
    yield finding(
        DRAWN,
        f"what stands behind `#` is drawn like the words before it{and_more(len(others))}",
        Span(first.start, len(text[: first.end].rstrip())),
        related=further(others, "this too"),
        help="put it on a line of its own if it is a comment",
        fixes=(Fix("Start a new line", edits, safe=False),),
    )


def _pieces(statement: Statement) -> list[int]:
    """Where options and recipes begin, in order."""
    return sorted(each.span.start for each in (*statement.options, *statement.recipes))


def _end(text: str, pieces: Sequence[int], start: int) -> int:
    """Where a comment would end: with its line, or before the first option or recipe in it."""
    behind = bisect_left(pieces, start)
    limit = pieces[behind] if behind < len(pieces) else len(text)
    line = re.compile(r"[\r\n]").search(text, start, limit)
    return line.start() if line else limit


def _options(statement: Statement) -> Iterator[Diagnostic]:
    text = statement.text
    recipes = {use.span.start for use in statement.recipes}
    sides = (statement.positive, statement.negative)
    signs = {side.at(each.start()) for side in sides for each in re.finditer(r"(?<!\\)#", side.text)}
    starts = sorted(signs - recipes)
    within = [use for use in statement.options if _is_behind(text, starts, use.span.start)]
    if not within:
        return
    first, *others = within
    one = f"`/{first.name}` stands" if not others else f"`/{first.name}` and {len(others)} more stand"
    does = "counts" if not others else "count"
    yield finding(
        OPTION,
        f"{one} in a comment and {does} all the same",
        first.span,
        related=further((use.span for use in others), "this too"),
        help="remove it, or write it before the `#`",
        fixes=(replace(removal(f"Remove `/{first.name}`", text, first.span), safe=False),) if not others else (),
    )


def _is_behind(text: str, starts: Sequence[int], at: int) -> bool:
    """Whether the nearest comment before a place begins in its line; where comments begin is in order."""
    before = bisect_left(starts, at)
    return bool(before) and all(text.find(end, starts[before - 1], at) < 0 for end in "\r\n")
