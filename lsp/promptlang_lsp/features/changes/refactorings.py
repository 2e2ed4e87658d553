"""The rewrites of the text at the cursor, as a table: each can fail on its own."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial

from promptlang.source import Span
from promptlang.tables.dialects import DIALECTS
from promptlang_lsp.features.changes.comparison import comparison
from promptlang_lsp.features.changes.conversions import conversion
from promptlang_lsp.features.changes.extractions import extraction, inlining
from promptlang_lsp.features.changes.rewrites import Rewrite
from promptlang_lsp.features.changes.trigger_words import triggers
from promptlang_lsp.features.changes.weights import reweighted, wrapped
from promptlang_lsp.protocol.legend import CONVERT, EXTRACT, INLINE, REWRITE
from promptlang_lsp.texts.page import Page


@dataclass(frozen=True, slots=True)
class Refactoring:
    """A rewrite by its name in the log, the kind of its actions, and the function that finds them.

    One that is not `quick` reads the whole statement several times, so it waits until somebody asks.
    """

    name: str
    kind: str
    find: Callable[[Page, Span], Iterator[Rewrite]]
    selects: bool = False  # wants more than a cursor
    quick: bool = False


def _wrapping(page: Page, span: Span) -> Iterator[Rewrite]:
    if edits := wrapped(page, span):
        yield "Wrap in a weight", REWRITE, edits


def _reweighing(page: Page, span: Span, *, title: str, steps: int) -> Iterator[Rewrite]:
    if edits := reweighted(page, span, steps):
        yield title, REWRITE, edits


REFACTORINGS = (
    Refactoring("insert trigger words", REWRITE, triggers, quick=True),
    Refactoring("wrap in a weight", REWRITE, _wrapping, selects=True, quick=True),
    Refactoring("increase weight", REWRITE, partial(_reweighing, title="Increase weight", steps=1), quick=True),
    Refactoring("decrease weight", REWRITE, partial(_reweighing, title="Decrease weight", steps=-1), quick=True),
    Refactoring("extract to a recipe", EXTRACT, extraction, selects=True),
    Refactoring("inline a recipe", INLINE, inlining),
    Refactoring("compare clip skip", REWRITE, comparison),
    *(
        Refactoring(f"convert to {row.name}", CONVERT, partial(conversion, target=row.name))
        for row in DIALECTS.values()
        if row.is_written
    ),
)
