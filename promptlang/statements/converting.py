"""A statement in another dialect: its words converted, its options and comments as they stand; or a prompt alone."""

from __future__ import annotations

from collections.abc import Callable

from promptlang.diagnostics import Edit
from promptlang.dialects.convert import Conversion, convert
from promptlang.dialects.dialect import dialect
from promptlang.fixes import applied, joined
from promptlang.source import Passage, Span
from promptlang.statements.extent import body
from promptlang.statements.scan import scan_for
from promptlang.statements.wording import as_text
from promptlang.syntax.nodes import Statement
from promptlang.tables.dialects import dialect_row
from promptlang.tables.options.table import DECIDING
from promptlang.values import replace


def convert_alone(
    text: str, source: str, target: str, negative: str = "", *, recompute: bool, kind_of: Callable[[str], str]
) -> Conversion:
    """A bare prompt in another dialect, as it is handed out without a statement around it: what another program read as
    words is no option and no recipe of the prompt file that will hold it.
    """
    owner = dialect(source)
    below = owner.read(Passage(negative), is_negative=True) if negative else None
    found = convert(owner.parse(Passage(text)), target, below, recompute=recompute, kind_of=kind_of)
    if not dialect_row(target).own or dialect_row(source).own:
        return found
    return replace(found, positive=as_text(found.positive), negative=as_text(found.negative))


def edits_for(statement: Statement, found: Conversion, target: str, *, kept: str = "") -> tuple[Edit, ...] | None:
    """The edits that put a conversion into the statement; None where its words would not be read as words.

    `kept` is an option that is written beside the dialect, so that the rest is drawn as before.
    """
    shown = replace(found, positive=as_text(found.positive), negative=as_text(found.negative))
    called = f"/{DECIDING['dialect'].name}:{target}" if dialect_row(target).is_written else ""
    options = " ".join(filter(None, (called, kept)))
    edits = _in_place(statement, shown, options) or _anew(statement, shown, options)
    read = scan_for(applied(statement.text, edits), dialect_row(target))
    if not edits or (read.positive.text, read.negative.text) != (found.positive, found.negative):
        return None
    return edits


def _in_place(statement: Statement, found: Conversion, options: str) -> tuple[Edit, ...]:
    """Edits of the words alone, where nothing else stands between them; none otherwise."""
    text, passages = statement.text, ((statement.positive, found.positive), (statement.negative, found.negative))
    edits: list[Edit] = []
    parser = statement.option(DECIDING["dialect"].name)
    if parser is not None:
        end = parser.span.end
        blank = "" if options else text[end : len(text) - len(text[end:].lstrip())]
        edits.append(Edit(Span(parser.span.start, end + len(blank)), options))
    elif options:
        at = statement.command.span.end if statement.command else body(statement).start
        edits.append(Edit(Span(at, at), f" {options}" if statement.command else f"{options} "))
    for passage, new in passages:
        span = passage.span(0, len(passage.text))
        if text[span.start : span.end] != passage.text:
            return ()
        if passage.text:
            edits.append(Edit(span, new))
    if found.negative and not statement.negative.text:
        section = DECIDING["side"].name
        mark = "" if statement.option(section) else f" /{section}"
        end = body(statement).end
        edits.append(Edit(Span(end, end), f"{mark} {found.negative}"))
    return joined(edits)


def _anew(statement: Statement, found: Conversion, options: str) -> tuple[Edit, ...]:
    """The statement written anew, its options first; comments in it stand in the way."""
    text, whole = statement.text, body(statement)
    if any(whole.contains(comment.span) for comment in statement.comments):
        return ()
    parser, section = DECIDING["dialect"].name, DECIDING["side"].name
    kept = (text[use.span.start : use.span.end] for use in statement.options if use.name not in (parser, section))
    head = " ".join(filter(None, (f"/{statement.command_name}", options, *kept)))
    below = f" /{section} {found.negative}" if found.negative else ""
    return (Edit(whole, f"{head} {found.positive}{below}"),)
