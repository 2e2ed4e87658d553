"""A recipe written out in place of the call: the edits that say what the call means."""

from __future__ import annotations

from collections.abc import Iterator

from promptlang.diagnostics import Edit
from promptlang.source import Passage, Span
from promptlang.statements.recipes import SLOT
from promptlang.syntax.nodes import OptionUse, RecipeUse, Statement
from promptlang.tables.options.table import DECIDING, option


def inlined(statement: Statement, use: RecipeUse, recipe: Statement, body: Span) -> Iterator[Edit]:
    """What the recipe says before, instead of and after its call, its options, its negative words.

    `body` is where the statement's own text stands. Edits may begin at one place; they count in the order given.
    """
    given = {_own_name(each) for each in statement.options}
    section = DECIDING["side"].name
    options = [each for each in recipe.options if _own_name(each) not in given and _own_name(each) != section]
    if options:
        end = statement.command.span.end if statement.command else body.start
        written = " ".join(recipe.text[each.span.start : each.span.end] for each in options)
        yield Edit(Span(end, end), f" {written}" if statement.command else f"{written} ")
    yield from _words(statement, use, recipe.positive.text)
    below = recipe.negative.text
    if below and statement.negative.text:
        end = _ends(statement.negative)[1]
        yield Edit(Span(end, end), f", {below}")
    elif below:
        yield Edit(Span(body.end, body.end), f" /{section} {below}")


def _own_name(use: OptionUse) -> str:
    """The option's own name, by whatever alias it is written."""
    row = option(use.name)
    return row.name if row else use.name


def _words(statement: Statement, use: RecipeUse, text: str) -> Iterator[Edit]:
    if SLOT not in text:
        yield Edit(use.span, text)
        return
    head, _, tail = (each.strip() for each in text.partition(SLOT))
    is_positive = use.span.start <= _ends(statement.positive)[1] and statement.positive.text
    passage = statement.positive if is_positive else statement.negative
    first, last = _ends(passage)
    gone = _blanks_around(statement.text, use.span)
    if first == use.span.start:
        yield Edit(Span(first, gone.end), f"{head} " if head else "")
    else:
        yield Edit(Span(first, first), f"{head} " if head else "")
        yield Edit(gone, "")
    if tail:
        yield Edit(Span(last, last), f" {tail}")


def _ends(passage: Passage) -> tuple[int, int]:
    whole = passage.span(0, len(passage.text))
    return whole.start, whole.end


def _blanks_around(text: str, span: Span) -> Span:
    """A span with the blanks behind it, or those before it at the end of a line."""
    start, end = span.start, span.end
    while text[end : end + 1] in (" ", "\t"):
        end += 1
    if end == span.end or not text[end : end + 1].strip():
        while start and text[start - 1] in " \t":
            start -= 1
    return Span(start, end)
