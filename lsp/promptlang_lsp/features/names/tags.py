"""The tag at the cursor, and the ones it stands among."""

from __future__ import annotations

import re

from promptlang.source import Span
from promptlang.syntax.tagging import Row, Tag, tag_rows
from promptlang_lsp.features.names.places import touches
from promptlang_lsp.texts.page import Page

_ESCAPED = re.compile(r"\\(\W)")


def rows(page: Page, index: int) -> tuple[Row, ...]:
    """The rows of tags of one statement."""
    statement = page.statement(index)
    return page.snapshot.pieces[index].remembered("tags", statement, lambda: tuple(tag_rows(statement)))


def rows_at(page: Page, index: int, at: int) -> list[tuple[Row, int]]:
    """The rows with a tag at an offset of a statement, outer before inner, and the number of the tag in each.

    None where the innermost row around the offset has only blanks there.
    """
    found: list[tuple[Row, int]] = []
    for row in rows(page, index):
        if not touches(Span(row.tags[0].span.start, row.tags[-1].span.end), at):
            continue
        tags = enumerate(row.tags)
        number = next((each for each, tag in tags if touches(tag.span, at) and tag.span.end > tag.span.start), None)
        if number is None:
            return []
        found.append((row, number))
    return found


def row_at(page: Page, index: int, at: int) -> tuple[Row, int] | None:
    """The innermost row with a tag at an offset of a statement, and the number of the tag in it."""
    found = rows_at(page, index, at)
    return found[-1] if found else None


def tag_at(page: Page, index: int, at: int) -> Tag | None:
    """The innermost tag at an offset of a statement, where it is words and nothing else."""
    found = row_at(page, index, at)
    tag = found[0].tags[found[1]] if found else None
    return tag if tag and tag.is_words else None


def tag_words(page: Page, index: int, tag: Tag) -> str:
    """The words of a tag without escapes, with single blanks."""
    written = page.snapshot.pieces[index].text[tag.span.start : tag.span.end]
    return " ".join(_ESCAPED.sub(r"\1", written).split())
