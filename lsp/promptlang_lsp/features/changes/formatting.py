"""Formatting of a document, of the statements in a range, and of the line that Enter has just ended."""

from __future__ import annotations

from collections.abc import Iterable

from promptlang.diagnostics import Edit
from promptlang.source import Span
from promptlang_lsp.features.changes.edits import plain_edits
from promptlang_lsp.protocol.words import Json, Steps, finished
from promptlang_lsp.texts.page import Page
from promptlang_lsp.texts.snapshot import Snapshot, common_ends


def formatted(page: Page, spans: Iterable[Span] | None) -> list[Json]:
    """Edits that format the whole text, or the statements that any of the spans touches; none where all is well."""
    return finished(formatting(page, spans))


def formatting(page: Page, spans: Iterable[Span] | None) -> Steps[list[Json]]:
    """The same in steps, for a text of so many statements that others would wait."""
    from promptlang.statements.format import format_statement, makes_foreign

    snapshot = page.snapshot
    numbers = range(len(snapshot.pieces)) if spans is None else _touched(snapshot, spans)
    edits: list[Edit] = []
    for index in numbers:
        text, start = snapshot.pieces[index].text, snapshot.starts[index]
        new = format_statement(text, last=index + 1 == len(snapshot.pieces))
        if new != text:
            edits.append(_smallest(text, new, start))
        yield
    if 0 in numbers and edits and makes_foreign(snapshot.text, edits):
        return []
    return plain_edits(page, edits)


def on_type(page: Page, offset: int) -> list[Json]:
    """Edits that tidy the statement above, when Enter has ended it."""
    line = page.snapshot.position(offset)[0]
    if not line:
        return []
    before = page.snapshot.offset((line - 1, 0))
    index = page.snapshot.index_at(before)
    if index == page.snapshot.index_at(offset):
        return []  # still writing it: nothing moves under the hands
    return formatted(page, (Span(before, before),))


def _touched(snapshot: Snapshot, spans: Iterable[Span]) -> list[int]:
    """The numbers of the statements that spans touch, in order."""
    several = (range(snapshot.index_at(span.start), snapshot.index_at(span.end) + 1) for span in spans)
    return sorted({index for some in several for index in some})


def _smallest(old: str, new: str, start: int) -> Edit:
    """The edit from one text to the other without what they have in common, so that the cursor stays."""
    head, tail = common_ends(old, new)
    while head and _inside_line_end(old, head) | _inside_line_end(new, head):
        head -= 1
    while tail and _inside_line_end(old, len(old) - tail) | _inside_line_end(new, len(new) - tail):
        tail -= 1
    return Edit(Span(start + head, start + len(old) - tail), new[head : len(new) - tail])


def _inside_line_end(text: str, at: int) -> bool:
    """Whether a place lies between the two signs of a line end, where clients know none."""
    return text[at - 1 : at + 1] == "\r\n"
