"""What the offset of a request lies on: options, names, nodes of the prompt, innermost last."""

from __future__ import annotations

from collections.abc import Iterator

from promptlang.nodes import Branch, OptionUse, Part, inner
from promptlang.source import Span
from promptlang_lsp.features.names import prompts
from promptlang_lsp.page import Page


def local(page: Page, offset: int) -> tuple[int, int]:
    """The number of the statement at an offset, and the offset counted from its start."""
    index = page.snapshot.index_at(offset)
    return index, offset - page.snapshot.starts[index]


def option_at(page: Page, index: int, at: int) -> OptionUse | None:
    """The option whose name or value the cursor touches."""
    for use in page.statement(index).options:
        if use.span.start <= at <= use.span.end:
            return use
    return None


def nodes_at(page: Page, index: int, at: int) -> Iterator[Part | Branch]:
    """The nodes of the prompt around an offset, outermost first."""
    for prompt in prompts(page.statement(index)):
        level: tuple[Part | Branch, ...] = prompt.parts
        while level:
            node = next((each for each in level if touches(each.span, at)), None)
            if node is None:
                break
            yield node
            level = inner(node)


def touches(span: Span, at: int) -> bool:
    """Whether the cursor stands in a span or at one of its ends."""
    return span.start <= at <= span.end
