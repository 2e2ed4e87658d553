"""The tag at the cursor, and the ones it stands among."""

from __future__ import annotations

import re

from promptlang.syntax.tagging import Row, Tag, tag_rows
from promptlang_lsp.features.names.places import touches
from promptlang_lsp.texts.page import Page

_ESCAPED = re.compile(r"\\(\W)")


def rows(page: Page, index: int) -> tuple[Row, ...]:
    """The rows of tags of one statement."""
    statement = page.statement(index)
    return page.snapshot.pieces[index].remembered("tags", statement, lambda: tuple(tag_rows(statement)))


def row_at(page: Page, index: int, at: int) -> tuple[Row, int] | None:
    """The innermost row with a tag at an offset of a statement, and the number of the tag in it."""
    found: tuple[Row, int] | None = None
    for row in rows(page, index):
        for number, tag in enumerate(row.tags):
            if touches(tag.span, at) and tag.span.end > tag.span.start:
                found = row, number
                break
    return found


def tag_at(page: Page, index: int, at: int) -> Tag | None:
    """The innermost tag at an offset of a statement, where it is words and nothing else."""
    found = row_at(page, index, at)
    tag = found[0].tags[found[1]] if found else None
    return tag if tag and tag.is_words else None


def tag_words(page: Page, index: int, tag: Tag) -> str:
    """The words of a tag without escapes, with single blanks."""
    written = page.snapshot.pieces[index].text[tag.span.start : tag.span.end]
    return " ".join(_ESCAPED.sub(r"\1", written).split())
