"""A statement in another dialect: its words converted, its options and comments as they stand."""

from __future__ import annotations

from dataclasses import replace

from promptlang.diagnostics import Edit
from promptlang.dialects.convert import Conversion
from promptlang.fixes import applied, joined
from promptlang.source import Span
from promptlang.statements.extent import body
from promptlang.statements.scan import scan_for
from promptlang.statements.wording import as_text
from promptlang.syntax.nodes import Statement
from promptlang.tables.dialects import dialect_row
from promptlang.tables.options.table import DECIDING


def edits_for(statement: Statement, found: Conversion, target: str) -> tuple[Edit, ...] | None:
    """The edits that put a conversion into the statement; None where its words would not be read as words."""
    shown = replace(found, positive=as_text(found.positive), negative=as_text(found.negative))
    edits = _in_place(statement, shown, target) or _anew(statement, shown, target)
    read = scan_for(applied(statement.text, edits), dialect_row(target))
    if not edits or (read.positive.text, read.negative.text) != (found.positive, found.negative):
        return None
    return edits


def _in_place(statement: Statement, found: Conversion, target: str) -> tuple[Edit, ...]:
    """Edits of the words alone, where nothing else stands between them; none otherwise."""
    text, passages = statement.text, ((statement.positive, found.positive), (statement.negative, found.negative))
    edits: list[Edit] = []
    parser = statement.option(DECIDING["dialect"].name)
    if parser is not None:
        edits.append(Edit(parser.value_span, target))
    else:
        at = statement.command.span.end if statement.command else body(statement).start
        option = f"/{DECIDING['dialect'].name}:{target}"
        edits.append(Edit(Span(at, at), f" {option}" if statement.command else f"{option} "))
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


def _anew(statement: Statement, found: Conversion, target: str) -> tuple[Edit, ...]:
    """The statement written anew, its options first; comments in it stand in the way."""
    text, whole = statement.text, body(statement)
    if any(whole.contains(comment.span) for comment in statement.comments):
        return ()
    parser, section = DECIDING["dialect"].name, DECIDING["side"].name
    kept = (text[use.span.start : use.span.end] for use in statement.options if use.name not in (parser, section))
    head = " ".join((f"/{statement.command_name}", f"/{parser}:{target}", *kept))
    below = f" /{section} {found.negative}" if found.negative else ""
    return (Edit(whole, f"{head} {found.positive}{below}"),)
