"""The formatter: options in the order of their table, under their own names, one blank apart; never another picture.

The words of a prompt are the writer's: nothing inside them moves. A statement with comments keeps its lines, since
comments speak for the line below them, and one with an option that is unknown, which may be part of what was pasted, or
whose value may go on in the words behind it, as in `/sampler:DPM++ 2M`.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from functools import partial
from itertools import groupby

from promptlang.diagnostics import Edit
from promptlang.fixes import applied
from promptlang.source import LINE_END, Span, line_end
from promptlang.statements.cutting import BLANKS, is_foreign, starts
from promptlang.statements.look_alikes import plain_value
from promptlang.statements.scan import Scan, is_section_mark, scan
from promptlang.syntax.nodes import OptionUse
from promptlang.tables.models.family import ASPECTS
from promptlang.tables.options.kinds import Choice, FilePath, Name, Reading, along
from promptlang.tables.options.reading import read
from promptlang.tables.options.row import Option
from promptlang.tables.options.table import ORDER, option

MOST_BLANK_LINES = 1
_BEHIND = re.compile(r"(?:[ \t]+[^\s/<#]\S*){1,5}")  # words right behind an option
_WORD = re.compile(r"[ \t]+[^\s,.;]+")
_FILE = re.compile(r"\.[A-Za-z]\w{1,10}\b")


def format_text(text: str) -> str:
    """The whole text, formatted; a text that is somebody else's comes back as it is.

    Example: `format_text("/render a cow /STEPS:30")` is `"/render /steps:30 a cow\\n"`.
    """
    if is_foreign(text) or not text.strip(BLANKS):
        return text
    at = starts(text)
    pieces = [text[start:end] for start, end in zip(at, (*at[1:], len(text)), strict=True)]
    formatted = "".join(format_statement(piece, last=piece is pieces[-1]) for piece in pieces)
    return text if is_foreign(formatted) else formatted  # a blank line may be all that keeps a `---` from the top


def makes_foreign(text: str, edits: Iterable[Edit]) -> bool:
    """Whether edits would make the text somebody else's: a blank line may be all that keeps a `---` from the top."""
    return is_foreign(applied(text, edits))


def format_statement(text: str, *, last: bool = False) -> str:
    """One statement with the blank lines behind it; `last` in the file, it ends with one line end."""
    before = scan(text)
    mark = "\ufeff" if text.startswith("\ufeff") else ""
    tail = _tail(text, last)
    body = text.strip(BLANKS)
    if not body:
        return text if not last else mark + tail
    doubtful = _doubtful(before, text)
    in_place = partial(_in_place, before, text, doubtful)
    tries = (in_place,) if before.comments or doubtful else (partial(_in_order, before, text), in_place)
    for written in (write() for write in tries):
        new = mark + written.strip(BLANKS) + tail
        if starts(new) == (0,) and _says_the_same(before, after := scan(new)):
            # what stands before words now may go on in them, and stays where it is then
            return format_statement(new, last=last) if not doubtful and _doubtful(after, new) else new
    return text


def _doubtful(read: Scan, text: str) -> frozenset[OptionUse]:
    """The options that have to stay where they are."""
    return frozenset(use for use in read.options if option(use.name) is None or _goes_on(use, text))


def _tail(text: str, last: bool) -> str:
    """The line ends behind a statement: the one of its last line, and at most one blank line."""
    kept = len(text.rstrip(BLANKS))
    ends = LINE_END.findall(text, kept)
    if last:
        return ends[0] if ends else line_end(text) or "\n"
    return "".join(ends[: MOST_BLANK_LINES + 1])


# --- options moved to the front ---------------------------------------------------------------------------------------


def _in_order(before: Scan, text: str) -> str:
    """Command, name, options, words, and the negative section."""
    mark = next((use for use in before.options if is_section_mark(use)), None)
    options = [use for use in before.options if not is_section_mark(use)]
    gone = [use.span for use in options]
    head: list[str] = []
    if before.command:
        gone.append(before.command.span)
        head.append(f"/{before.command.name}")
    if before.label:
        gone.append(before.label.span)
        head.append(text[before.label.span.start : before.label.span.end])
    head += (_written(use, text, is_doubtful=False) for use in _ordered(options))
    end = mark.span.start if mark else len(text)
    result = " ".join(head)
    result = _joined(result, *_kept(text, Span(0, end), gone))
    if mark:
        result = _joined(result, f"/{mark.name}", _between(text[: mark.span.start]))
        result = _joined(result, *_kept(text, Span(mark.span.end, len(text)), gone))
    return result


def _kept(text: str, span: Span, gone: Iterable[Span]) -> tuple[str, str]:
    """The text of a span without what is gone from it, and what stands before it."""
    parts: list[str] = []
    at = span.start
    first = None
    for hole in (*sorted(each for each in gone if span.contains(each)), Span(span.end, span.end)):
        piece = text[at : hole.start]
        if piece.strip(BLANKS):
            first = at + len(piece) - len(piece.lstrip(BLANKS)) if first is None else first
            if parts:
                blanks = parts[-1][len(parts[-1].rstrip(BLANKS)) :] + piece[: len(piece) - len(piece.lstrip(BLANKS))]
                parts[-1] = parts[-1].rstrip(BLANKS)
                parts.append(_between(blanks))
                piece = piece.lstrip(BLANKS)
            parts.append(piece)
        elif parts:
            parts[-1] += line_end(piece)
        at = hole.end
    return "".join(parts).strip(BLANKS), " " if first is None else _between(text[:first])


def _between(head: str) -> str:
    """What joins a text with the next: the line end among its last blanks, as the file writes it, or a blank."""
    return line_end(head[len(head.rstrip(BLANKS)) :]) or " "


def _joined(left: str, right: str, between: str) -> str:
    return f"{left}{between}{right}" if left and right else left or right


# --- options left in their lines --------------------------------------------------------------------------------------


def _in_place(before: Scan, text: str, doubtful: Collection[OptionUse]) -> str:
    """The same lines; options that stand side by side are put in order, all get their own names."""
    result: list[str] = []
    at = 0
    if before.command:
        result += (text[: before.command.span.start], f"/{before.command.name}")
        at = before.command.span.end
    for run in _runs(before, text, doubtful):
        between = text[at : run[0].span.start]
        result.append(" " if at and between and not between.strip(" \t") else between)
        result.append(" ".join(_written(use, text, is_doubtful=use in doubtful) for use in _ordered(run)))
        at = run[-1].span.end
    result.append(text[at:])
    return "".join(result)


def _runs(before: Scan, text: str, doubtful: Collection[OptionUse]) -> Iterator[list[OptionUse]]:
    """Options with nothing but blanks of one line between them; those that may not move stay where they are."""
    run: list[OptionUse] = []
    for use in before.options:
        between = text[run[-1].span.end : use.span.start] if run else ""
        if run and (between.strip(" \t") or any(each in doubtful or is_section_mark(each) for each in (use, run[-1]))):
            yield run
            run = []
        run.append(use)
    if run:
        yield run


def _goes_on(use: OptionUse, text: str) -> bool:
    """Whether the value of an option may go on in the words behind it, which were to stay there then."""
    row = option(use.name)
    behind = _BEHIND.match(text, use.span.end)
    if row is None or behind is None or is_section_mark(use) or (row.is_flag and use.value is None):
        return False
    value = use.value or ""
    if not _reads(row, value):
        return True
    if text[use.span.end - 1] == '"':
        return False
    if isinstance(row.kind, FilePath | Name):
        return "." not in value and _FILE.search(behind[0]) is not None
    if not isinstance(row.kind, Choice) or not row.kind.endings:
        return False
    return any(_reads(row, value + behind[0][: word.end()]) for word in _WORD.finditer(behind[0]))


def _reads(row: Option, value: str) -> bool:
    """Whether an option takes a value, or each of several; a number beyond its limits is one."""
    if row.is_flag:
        return not value
    value = plain_value(value)
    values = re.split(r"\||\.\.", value) if row.sweeps else [value]
    readings = [read(row.kind, row.name, each) if each else Reading(None) for each in values]
    return all(each.value is not None or [one.name for one in each.problems] == ["out-of-range"] for each in readings)


# --- one option -------------------------------------------------------------------------------------------------------


def _ordered(uses: Sequence[OptionUse]) -> list[OptionUse]:
    """Options in the order of the table; sweeps keep theirs, which is that of a grid's axes and of file numbers."""
    swept = iter([use for use in uses if _is_swept(use)])
    return [next(swept) if _is_swept(use) else use for use in sorted(uses, key=_place)]


def _is_swept(use: OptionUse) -> bool:
    row = option(use.name)
    return row is not None and row.sweeps and ("|" in (use.value or "") or ".." in (use.value or ""))


def _place(use: OptionUse) -> int:
    """The option's place in the table; names that are not there stay behind, in their order."""
    row = option(use.name)
    if row is None:
        return len(ORDER)
    # of several aspects the last one counts, so their order stays
    return ORDER[ASPECTS[0]] if row.name in ASPECTS else ORDER[row.name]


def _written(use: OptionUse, text: str, *, is_doubtful: bool) -> str:
    """The option under its own name, a named value under its own name as well, unless it may not be the whole one."""
    row = option(use.name)
    name = row.name if row else text[use.name_span.start + 1 : use.name_span.end]
    if use.value is None:
        return f"/{name}"
    value = text[use.name_span.end : use.span.end]
    if row and not value.endswith('"') and not is_doubtful and (name_of := _chosen(row, use.value)):
        value = f":{name_of}"
    return f"/{name}{value}"


# --- never another picture --------------------------------------------------------------------------------------------


def _says_the_same(before: Scan, after: Scan) -> bool:
    """Whether the two statements have the same words, names, options and comments."""
    return (
        before.positive.text == after.positive.text
        and before.negative.text == after.negative.text
        and (before.command.name if before.command else "") == (after.command.name if after.command else "")
        and (before.label.name if before.label else "") == (after.label.name if after.label else "")
        and [use.name for use in before.recipes] == [use.name for use in after.recipes]
        and [each.text for each in before.comments] == [each.text for each in after.comments]
        and _meaning(before) == _meaning(after)
    )


def _meaning(read: Scan) -> list[tuple[str, list[str]]]:
    """Options by name, each with its values in order; the last one of a name counts, and of the aspects."""
    uses = sorted(read.options, key=_group)
    return [(name, [_value(use) for use in group]) for name, group in groupby(uses, key=_group)]


def _group(use: OptionUse) -> str:
    row = option(use.name)
    return "aspect" if row and row.name in ASPECTS else row.name if row else use.name


def _value(use: OptionUse) -> str:
    row = option(use.name)
    name = row.name if row else use.name
    return f"{name}={(row and use.value and _chosen(row, use.value)) or use.value}"


def _chosen(row: Option, value: str) -> str | None:
    """The row's own name for what is chosen; None where the text says more than that, such as a schedule."""
    if not isinstance(row.kind, Choice) or along(row.kind, value):
        return None
    chosen = read(row.kind, row.name, value).value
    return chosen if isinstance(chosen, str) else None
