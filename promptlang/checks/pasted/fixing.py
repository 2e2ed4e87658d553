"""Statements in place of what was pasted."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import TYPE_CHECKING

from promptlang.diagnostics import Edit, Fix
from promptlang.dialects.dialect import dialect
from promptlang.lints.places import beginning
from promptlang.source import Span
from promptlang.statements.cutting import starts
from promptlang.statements.scan import scan
from promptlang.syntax.nodes import Statement

if TYPE_CHECKING:
    from promptlang.importers.imported import Imported


def comments_of(statement: Statement, place: Span | None = None, *, of_dialect: bool = False) -> list[str]:
    """What stands in comments between the words, or in a place among them; with `of_dialect` behind words as well."""
    place = place or _whole(statement)
    found = comment_spans(statement) if of_dialect else (each.span for each in statement.comments)
    return [statement.text[span.start : span.end].strip() for span in found if place.start <= span.start < place.end]


def comment_spans(statement: Statement) -> list[Span]:
    """Where comments stand, in order: those of the file, and those behind words where the dialect has such."""
    spans = [each.span for each in statement.comments]
    if comments := dialect(statement.prompt.dialect).comments:
        sides = (statement.positive, statement.negative)
        spans += (side.span(*place) for side in sides for place in comments(side))
    return sorted(spans)


def _whole(statement: Statement) -> Span:
    """The statement without the comments above it."""
    return Span(beginning(statement), len(statement.text.rstrip()))


def each_in_place(
    statement: Statement, found: Sequence[Imported | None], model: str, comments: Sequence[str] = ()
) -> tuple[Fix, ...]:
    """A statement for each line, in place of the one; nothing where one of them cannot be written."""
    whole = [each for each in found if each]
    return in_place(statement, whole, model, what="them", comments=comments) if len(whole) == len(found) else ()


def in_place(
    statement: Statement,
    found: Sequence[Imported],
    model: str,
    *,
    what: str = "it",
    comments: Sequence[str] = (),
    own: Sequence[str] = (),
    place: Span | None = None,
    below: str = "",
) -> tuple[Fix, ...]:
    """What was found as statements, in place of the one, or of what stands at a place in it; behind them the `/set`
    that the statements below need, and with what the words `below` the place begin then. The title of the fix calls
    `what` was found so where it is several.
    """
    from promptlang.importers.statement import COMMAND, as_statements

    made = as_statements(found, COMMAND if place else statement.command_name, own, model)
    if made is None or any(map(_is_pasted, made.statements)):
        return ()
    written = "\n".join((*comments, "\n\n".join(made.statements)))
    span = place or _whole(statement)
    edits = [Edit(span, "\n\n".join(filter(None, (written, made.restoring, below))) if below else written)]
    if made.restoring and not below:  # an edit of its own, which is left out where no statement stands below
        edits.append(Edit(Span(span.end, span.end), f"\n\n{made.restoring}"))
    title = "Make a statement of it" if len(found) == 1 else f"Make {len(found)} statements of {what}"
    return (Fix(title, tuple(edits), safe=False),)


def _is_pasted(written: str) -> bool:
    """Whether a statement that was made would be found as well, as where something was pasted twice."""
    from promptlang.importers.programs.flags import of_script
    from promptlang.importers.typed.blocks import blocks

    for start, end in pairwise((*starts(written), len(written))):
        read = scan(written[start:end])
        first, _, _ = read.positive.text.partition("\n")
        sides = (read.positive.text, read.negative.text)
        if of_script(first) is not None or any(block.sign for side in sides for block in blocks(side)):
            return True
    return False
