"""A tag moved to the left or right, and tags switched off and on: off, they are a comment where they stood."""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING

from promptlang.diagnostics import Edit
from promptlang.fixes import applied
from promptlang.source import Span, line_start
from promptlang.statements.cutting import starts
from promptlang.statements.scan import scan
from promptlang.syntax.tagging import Row, Tag
from promptlang_lsp.features.changes.rewrites import DIGITS, complaints, in_file, reading
from promptlang_lsp.features.names.places import local
from promptlang_lsp.features.names.tags import row_at, rows_at
from promptlang_lsp.texts.page import Page

if TYPE_CHECKING:
    from promptlang.meaning.view import View

_OFF = "# off: "
_FIRST_OFF = "# off, first: "  # of a tag that began its line
_COMMENT = re.compile(r"[ \t]*(?P<mark>#[ \t]+(?P<off>off(?P<first>, first)?:[ \t]*)?)(?P<words>\S.*?)[ \t]*")
_WORD = re.compile(r"\w+")
_OPENING, _CLOSING = tuple('([{<|:"'), tuple(')]}>|:"')


def moved_tag(page: Page, span: Span, step: int) -> tuple[Edit, ...]:
    """Edits that exchange the tag at the cursor with the one before (`step` -1) or behind it (1).

    The neighbour is what moves, so that the cursor stays in its tag. Nothing where there is no neighbour.
    """
    index, at = local(page, span.start)
    found = row_at(page, index, at)
    if found is None:
        return ()
    row, number = found
    other = number + step
    while 0 <= other < len(row.tags) and row.tags[other].span.start == row.tags[other].span.end:
        other += step
    if not 0 <= other < len(row.tags):
        return ()
    tag, neighbour = row.tags[number], row.tags[other]
    text = page.snapshot.pieces[index].text
    if not (tag.is_whole and neighbour.is_whole):
        return ()
    words = text[neighbour.span.start : neighbour.span.end]
    between = text[min(tag.span.end, neighbour.span.end) : max(tag.span.start, neighbour.span.start)]
    if step < 0:
        edits = (
            Edit(Span(neighbour.span.start, tag.span.start), ""),
            Edit(Span(tag.span.end, tag.span.end), f"{between}{words}"),
        )
    else:
        edits = (
            Edit(Span(tag.span.start, tag.span.start), f"{words}{between}"),
            Edit(Span(tag.span.end, neighbour.span.end), ""),
        )
    return _as_weighed(page, index, in_file(page, index, edits))


def toggled_tags(page: Page, span: Span) -> tuple[Edit, ...]:
    """Edits that switch the tags of a selection, or at the cursor, off; or on, where the cursor stands in a comment."""
    return _on(page, span.start) or _off_for_now(page, span)


# --- off --------------------------------------------------------------------------------------------------------------


def _off_for_now(page: Page, span: Span) -> tuple[Edit, ...]:
    """The edits that switch tags off, where switching them on again brings back all that was there."""
    edits = _off(page, span)
    if not edits:
        return ()
    before = page.snapshot.text
    off = page.with_edits(edits)
    first = min(edits, key=lambda edit: edit.span)
    on = _on(off, first.span.start + len(first.text))
    after = applied(off.snapshot.text, on)
    return edits if on and "".join(after.split()) == "".join(before.split()) else ()


def _off(page: Page, span: Span) -> tuple[Edit, ...]:
    index, at = local(page, span.start)
    around = rows_at(page, index, at)
    if not around:
        return ()
    several = [found for found in around if len(found[0].tags) > 1]  # what stands alone in a group goes with the group
    tags = _selected(*(several[-1] if several else around[0]), span.moved(-page.snapshot.starts[index]))
    text = page.snapshot.pieces[index].text
    start, end = tags[0].span.start, tags[-1].span.end
    if (
        not all(tag.is_whole for tag in tags)
        or not text[start:end].strip()
        or "\n" in text[start:end]
        or "\r" in text[start:end]
    ):
        return ()
    behind = text[end:]
    comma = "," if behind.lstrip(" \t").startswith(",") else ""
    after = end + (behind.index(",") + 1 if comma else 0)
    begins = line_start(text, start)
    before = text[begins:start].rstrip(" \t")
    rest = _rest_of_line(text, after)
    is_first = not before and not _goes_on_below(text[:begins])
    if is_first and not rest.strip() and not _came_from_above(text[after + len(rest) :]):
        edits: tuple[Edit, ...] = (Edit(Span(start, start), "# "),)
    else:
        mark = _FIRST_OFF if is_first and _joinable(text[:begins]) else _OFF
        blanks = len(rest) - len(rest.lstrip(" \t"))
        edits = (  # around the tag, so that the cursor stays in it
            Edit(Span(begins + len(before), start), "\n" * bool(before) + mark),
            Edit(Span(after, after + blanks), "\n" * bool(rest.strip())),
        )
    made = _kept(page, in_file(page, index, edits), gone=text[start:end])
    return _as_weighed(page, index, made, gone=True)


def _selected(row: Row, number: int, span: Span) -> tuple[Tag, ...]:
    last = number
    while last + 1 < len(row.tags) and row.tags[last + 1].span.start < span.end:
        last += 1
    return row.tags[number : last + 1]


# --- on ---------------------------------------------------------------------------------------------------------------


def _on(page: Page, offset: int) -> tuple[Edit, ...]:
    """The comment at an offset as words again, beside those that it was taken from; on its own line otherwise."""
    text = page.snapshot.text
    begin = line_start(text, offset)
    line = _rest_of_line(text, begin)
    found = _COMMENT.fullmatch(line)
    if found is None:
        return ()
    mark = Span(begin + found.start("mark"), begin + found.end("mark"))
    words = found["words"]
    beside = [_beside(text, begin, mark, line, is_first=bool(found["first"]))] if found["off"] else []
    for edits in (*beside, (Edit(mark, ""),)):
        if kept := _kept(page, edits, come=words):
            return _as_weighed(page, page.snapshot.index_at(edits[0].span.start), kept, come=True)
    return ()


def _beside(text: str, begin: int, mark: Span, line: str, *, is_first: bool) -> tuple[Edit, ...]:
    """The comment's line joined with the words above it, and with those below where a comma says that more follows.

    What began its line is not joined with those above, and nothing is joined with another comment.
    """
    above = text[:begin].rstrip("\r\n")
    start = len(above) if not is_first and _joinable(text[:begin]) else begin
    end = begin + len(line.rstrip(" \t"))
    behind = text[begin + len(line) :]
    below = behind.lstrip("\r\n")
    goes_on = line.rstrip().endswith(",") or below[:1] in _CLOSING
    near = below.strip() and _blank_lines(behind[: len(behind) - len(below)]) < 2
    joins = goes_on and near and not _COMMENT.fullmatch(_rest_of_line(below, 0))
    joining = (Edit(Span(end, len(text) - len(below)), _glue(line, below)),) if joins else ()
    return (Edit(Span(start, mark.end), _glue(above, " ") * (start < begin)), *joining)


def _joinable(above: str) -> bool:
    """Whether a tag that is switched on goes into the last line of the text above its comment."""
    words = above.rstrip("\r\n")
    ends_full = bool(words) and words == words.rstrip(" \t")
    return ends_full and _blank_lines(above[len(words) :]) < 2 and not _last_comment(words)


def _goes_on_below(above: str) -> bool:
    """Whether the line above is a tag that is off, and whose line went on with what stands below."""
    found = _last_comment(above.rstrip("\r\n"))
    return found is not None and bool(found["off"]) and found["words"].endswith(",")


def _came_from_above(below: str) -> bool:
    """Whether the next line is a tag that is off and goes back to the end of this line."""
    found = _COMMENT.fullmatch(_rest_of_line(below.lstrip("\r\n"), 0))
    return found is not None and bool(found["off"]) and not found["first"]


def _last_comment(text: str) -> re.Match[str] | None:
    return _COMMENT.fullmatch(text[line_start(text, len(text)) :])


def _glue(above: str, below: str) -> str:
    """What stands between two stretches of text that become one line: nothing inside a bracket's ends."""
    return "" if above[-1:] in _OPENING or below[:1] in _CLOSING else " "


def _blank_lines(ends: str) -> int:
    return ends.replace("\r\n", "\n").replace("\r", "\n").count("\n")


# --- what stays the same ----------------------------------------------------------------------------------------------


def _kept(page: Page, edits: tuple[Edit, ...], *, gone: str = "", come: str = "") -> tuple[Edit, ...]:
    """The edits, where the statements around keep their number, their options and all other words."""
    index = page.snapshot.index_at(edits[0].span.start)
    first = max(index - 1, 0)
    begin = page.snapshot.starts[first]
    text = "".join(piece.text for piece in page.snapshot.pieces[first : index + 2])
    if any(edit.span.end > begin + len(text) for edit in edits):
        return ()
    before, after = _said(text), _said(applied(text, [edit.moved(-begin) for edit in edits]))
    before[0].subtract(_WORD.findall(gone))
    after[0].subtract(_WORD.findall(come))
    return edits if [+each for each in before] == [+each for each in after] else ()


def _as_weighed(
    page: Page, index: int, edits: tuple[Edit, ...], *, gone: bool = False, come: bool = False
) -> tuple[Edit, ...]:
    """The edits, where the statement says the same with the same weights after them, but for what is gone or comes."""
    piece, start = page.snapshot.pieces[index], page.snapshot.starts[index]
    if not edits or any(edit.span.end > start + len(piece.text) for edit in edits):
        return edits
    after = applied(piece.text, [edit.moved(-start) for edit in edits])
    before, now = page.meaning(index), reading(page, index, after)
    less, more = _weighed(before) - _weighed(now), _weighed(now) - _weighed(before)
    wrong = complaints(now.statement) - complaints(before.statement)
    return edits if (gone or not less) and (come or not more) and not wrong else ()


def _weighed(meaning: View) -> Counter[tuple[object, ...]]:
    """How often each word stands on each side with each weight, and what is called."""
    sides = enumerate((meaning.sides.positive, meaning.sides.negative))
    runs = ((side, run) for side, several in sides for run in several)
    said = Counter[tuple[object, ...]](
        (side, word, round(run.weight, DIGITS)) for side, run in runs for word in _WORD.findall(run.text)
    )
    said.update((each.node.name, each.node.weight) for each in meaning.called)
    return said


def _said(text: str) -> list[Counter[str]]:
    """How often words stand in the prompts of a text, and its commands and options."""
    words, signs, at = Counter[str](), Counter[str](), starts(text)
    for start, end in zip(at, (*at[1:], len(text)), strict=True):
        read = scan(text[start:end])
        for passage in (read.positive, read.negative):
            words.update(_WORD.findall(passage.text))
        signs.update(f"/{use.name}:{use.value}" for use in read.options)
        signs[read.command.name if read.command else ""] += 1
    return [words, signs]


def _rest_of_line(text: str, at: int) -> str:
    return re.split(r"[\r\n]", text[at:], maxsplit=1)[0]
