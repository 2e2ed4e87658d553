"""Taking options or comments out of a text, with the blanks and line ends that held them apart."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator
from functools import lru_cache

from promptlang.diagnostics import Edit, Fix
from promptlang.fixes import applied
from promptlang.source import Span, line_start
from promptlang.statements.cutting import is_foreign, opening
from promptlang.statements.scan import scan
from promptlang.syntax.nodes import Statement
from promptlang.tables.options.table import OPTIONS

_BLANKS = " \t"
_LINE_ENDS = "\r\n"
_LINE_END = re.compile(r"\r\n|\r")  # an edit has one sign for all: the first of those it replaces
_HASH = re.compile(r"[ \t\ufeff]*#(?=[ \t\r\n]|\Z)")  # a comment, where a line begins
_WORDLESS = re.compile(r"(?:[ \t\ufeff]*(?:#[^\r\n]*)?[\r\n])*")


def removal(title: str, text: str, *spans: Span) -> Fix:
    """A fix that takes options or comments, given in order, from a statement's text; the prompt stays the same.

    It is safe, unless a value opens a quote that may find its partner in what comes nearer, a command inside a line
    would begin one, also one of another program, what some dialects take for a comment would become words, a byte
    order mark inside the text would be left alone, or `---` would stand alone where a file begins.
    """
    runs = tuple(_runs(text, spans))
    edits = tuple(_without(text, run) for run in runs)
    frees = any(_frees_command(text, run) for run in runs) or any(each.text.endswith("\\") for each in edits)
    frees |= any(text[1 : run[0].start].endswith("\ufeff") for run in runs)  # which would be left as a word
    is_first = text.removeprefix("\ufeff").startswith("---") and is_foreign(applied(text, edits))
    return Fix(title, edits, safe=not (frees or is_first or opens_quote(text)))


def taken_out(statement: Statement, name: str) -> Fix:
    """A fix that takes an option out, however often it is given: an earlier value counts where the last one is gone."""
    return removal(f"Remove `/{name}`", statement.text, *(use.span for use in statement.uses(name)))


def opens_quote(text: str) -> bool:
    """Whether a value in a statement opens a quote that nothing closes, until what stands between is taken away."""
    return any(use.value and use.value.startswith('"') for use in scan(text).options)


def whole_line(text: str, span: Span) -> Span | None:
    """The line of a span with its line end, or None where something else stands on it.

    The line end stays where nothing else keeps what follows from the top of a file.
    """
    start, end = span.start, span.end
    while start and text[start - 1] in _BLANKS:
        start -= 1
    while end < len(text) and text[end] in _BLANKS:
        end += 1
    if (start and text[start - 1] not in _LINE_ENDS) or (end < len(text) and text[end] not in _LINE_ENDS):
        return None
    after = min(end + (2 if text.startswith("\r\n", end) else 1), len(text))
    return Span(start, end if _would_open(text, start, after) else after)


def _would_open(text: str, start: int, end: int) -> bool:
    """Whether what follows a stretch means something else where a file begins, as `---` and a byte order mark do."""
    is_sign = text.startswith(("---", "\ufeff"), end) and (text[end] == "\ufeff" or is_foreign(text[end:]))
    return is_sign and _WORDLESS.fullmatch(text, 0, start) is not None


def _frees_command(text: str, run: list[Span]) -> bool:
    """Whether a command stands behind a run that begins a line."""
    before = text[: run[0].start].rstrip(f"{_BLANKS}\ufeff")
    if before and before[-1] not in _LINE_ENDS:
        return False
    if opening(text, run[-1].end) is not None:
        return True
    return not before.strip() and _is_unknown(text, run[-1].end)


def _is_unknown(text: str, at: int) -> bool:
    """Whether an option that nobody knows comes next, which another program may know as a command, as `/imagine`."""
    begin = len(text) - len(text[at:].lstrip(f"{_BLANKS}{_LINE_ENDS}\ufeff"))
    return text.startswith("/", begin) and any(
        use.span.start == begin and use.name not in OPTIONS for use in scan(text).options
    )


def _runs(text: str, spans: tuple[Span, ...]) -> Iterator[list[Span]]:
    """The spans in runs with nothing but white space inside."""
    run: list[Span] = []
    for span in spans:
        if run and text[run[-1].end : span.start].strip():
            yield run
            run = []
        run.append(span)
    if run:
        yield run


def _without(text: str, run: list[Span]) -> Edit:
    """The edit that takes a run out: words on both sides are joined as they were read, lines of its own go whole.

    It takes all blanks around along, so that of two removals that meet in them the second is worked out anew.
    """
    start, end = len(text[: run[0].start].rstrip()), len(text) - len(text[run[-1].end :].lstrip())
    if _stands_in_words(text, start, end):
        has_line_end = any(mark in text[start:end] for mark in _LINE_ENDS)  # no option has one inside
        return _edit(text, start, end, "\n" if has_line_end else " ")
    line = whole_line(text, Span(run[0].start, run[-1].end))
    gone = (line,) if line else tuple(_with_blank(text, span) for span in run)
    ends = (start, *(at for span in gone for at in (span.start, span.end)), end)
    blanks = "".join(text[at:to] for at, to in zip(ends[::2], ends[1::2], strict=True))
    return _edit(text, start, end, _LINE_END.sub("\n", blanks))


def _edit(text: str, start: int, end: int, blanks: str) -> Edit:
    """The edit that leaves blanks; words that would be a comment at the start of a line get a backslash."""
    sign = _HASH.match(text, end)
    if sign and _begins_line(text, start, blanks):
        at = sign.end() - 1
        comments = scan(text).comments
        place = bisect_right(comments, at, key=lambda each: each.span.start) - 1
        if place < 0 or at >= comments[place].span.end:
            return Edit(Span(start, at), f"{blanks}{text[end:at]}\\")
    return Edit(Span(start, end), blanks)


def _begins_line(text: str, at: int, blanks: str) -> bool:
    """Whether what stands behind `text[:at]` and some blanks begins a line."""
    return not re.split(r"[\r\n]", text[line_start(text, at) : at] + blanks)[-1].strip(f"{_BLANKS}\ufeff")


def _stands_in_words(text: str, start: int, end: int) -> bool:
    """Whether words of the prompt stand before `start` and after `end`, rather than an option, a comment or nothing."""
    starts, ends = _edges(text)
    return start not in ends and end not in starts


@lru_cache(maxsize=4)
def _edges(text: str) -> tuple[frozenset[int], frozenset[int]]:
    """Where no words follow: at what is none and at the end. Where none stand before: behind it and at the start."""
    read = scan(text)
    pieces = (*read.options, *read.comments, *filter(None, (read.command, read.label)))
    return (
        frozenset((len(text), *(each.span.start for each in pieces))),
        frozenset((0, *(each.span.end for each in pieces))),
    )


def _with_blank(text: str, span: Span) -> Span:
    """The span and one blank: the one after it, or before it at the end of a line."""
    if text[span.end : span.end + 1] in (" ", "\t") and not _would_open(text, span.start, span.end + 1):
        return Span(span.start, span.end + 1)
    if text[span.start - 1 : span.start] in (" ", "\t"):
        return Span(span.start - 1, span.end)
    return span
