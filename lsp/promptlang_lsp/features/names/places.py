"""What the offset of a request lies on: options, names, nodes of the prompt, innermost last."""

from __future__ import annotations

from collections.abc import Iterator

from promptlang.source import Span
from promptlang.statements.extent import body
from promptlang.syntax.nodes import Branch, OptionUse, Part, Parts, Statement, Text, inner
from promptlang.tables.dialects import dialect_row
from promptlang_lsp.texts.page import Page

_MOST_BACKSLASHES = 100  # that are counted


def local(page: Page, offset: int) -> tuple[int, int]:
    """The number of the statement at an offset, and the offset counted from its start."""
    index = page.snapshot.index_at(offset)
    return index, offset - page.snapshot.starts[index]


def option_at(page: Page, index: int, at: int) -> OptionUse | None:
    """The option whose name or value the cursor touches."""
    for use in page.statement(index).options:
        if touches(use.span, at):
            return use
    return None


def nodes_at(page: Page, index: int, at: int) -> Iterator[Part | Branch]:
    """The nodes of the prompt around an offset, outermost first; words only where no sign of the prompt is."""
    for parts in _trees(page, index):
        level: tuple[Part | Branch, ...] = parts
        while level:
            near: list[Part | Branch] = [each for each in level if touches(each.span, at)]
            if not near:
                break
            node = max(near, key=lambda each: (not isinstance(each, Text), at < each.span.end))
            yield node
            level = inner(node)


def _trees(page: Page, index: int) -> Iterator[Parts]:
    """The prompts of a statement; where embeddings are words like others, only its meaning tells them apart."""
    statement = page.statement(index)
    if dialect_row(statement.prompt.dialect).bare_embeddings and not statement.recipes:
        meaning = page.meaning(index)
        yield from (meaning.parts, meaning.negative_parts)
    else:
        yield from (prompt.parts for prompt in statement.prompts)


def says_something(statement: Statement) -> bool:
    """Whether there is more than blanks and comments."""
    span = body(statement)
    return span.end > span.start


def touches(span: Span, at: int) -> bool:
    """Whether the cursor stands in a span or at one of its ends."""
    return span.start <= at <= span.end


def is_escaped(text: str, at: int) -> bool:
    """Whether an odd number of backslashes stands before a character, as in `fate \\(series\\)`."""
    before = text[max(at - _MOST_BACKSLASHES, 0) : at]
    return (len(before) - len(before.rstrip("\\"))) % 2 == 1
