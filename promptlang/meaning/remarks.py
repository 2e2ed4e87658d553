"""A statement as it is drawn: without the comments that its dialect has behind words."""

from __future__ import annotations

from functools import lru_cache

from promptlang.dialects.dialect import dialect
from promptlang.meaning.view import View
from promptlang.source import Passage
from promptlang.tables.dialects import dialect_row
from promptlang.values import replace


@lru_cache(maxsize=16)
def without_remarks(seen: View) -> View:
    """The same with blanks for what the dialect takes for comments, so that all places stay."""
    name = seen.statement.prompt.dialect
    if "#" not in seen.statement.text or not dialect_row(name).comments:
        return seen
    statement = seen.statement
    positive, negative = (_blanked(side, name) for side in (statement.positive, statement.negative))
    if positive is statement.positive and negative is statement.negative:
        return seen
    written = replace(statement, positive=positive, negative=negative)
    is_expanded = seen.positive is not statement.positive
    return replace(
        seen,
        statement=written,
        positive=_blanked(seen.positive, name) if is_expanded else positive,
        negative=negative if seen.negative is statement.negative else _blanked(seen.negative, name),
    )


def _blanked(passage: Passage, name: str) -> Passage:
    comments = dialect(name).comments
    places = tuple(comments(passage)) if comments and "#" in passage.text else ()
    if not places:
        return passage
    pieces: list[str] = []
    at = 0
    for start, end in places:
        pieces += (passage.text[at:start], " " * (end - start))
        at = end
    return replace(passage, text="".join((*pieces, passage.text[at:])))
