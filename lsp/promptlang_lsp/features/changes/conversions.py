"""A statement in another dialect; the title says what the other cannot say."""

from __future__ import annotations

from collections.abc import Iterator

from promptlang.diagnostics import Edit
from promptlang.dialects.convert import convert
from promptlang.filling.whose import kept_arithmetic
from promptlang.fixes import applied
from promptlang.meaning.settings import decided
from promptlang.source import Span
from promptlang.statements.converting import edits_for
from promptlang.tables.commands import command
from promptlang.tables.dialects import dialect_row
from promptlang_lsp.features.changes.rewrites import Rewrite, first_plan, in_file, same_words
from promptlang_lsp.features.names.places import local
from promptlang_lsp.protocol.legend import CONVERT
from promptlang_lsp.texts.page import Page


def conversion(page: Page, span: Span, target: str) -> Iterator[Rewrite]:
    """The statement at a place in the dialect `target`."""
    index, _ = local(page, span.start)
    statement = page.statement(index)
    row = command(statement.command_name)
    if (
        row is None
        or not row.draws
        or statement.prompt.dialect == target
        or statement.recipes
        or not statement.positive.text
        or decided(page.meaning(index).settings, "variants")
        or (page.meaning(index).choices and not dialect_row(target).compares)
    ):
        return
    name = f"conversion to {target}"
    piece = page.snapshot.pieces[index]
    found = piece.remembered(name, page.context(index), lambda: _converted(page, index, target))
    if found is not None:
        title, edits = found
        yield title, CONVERT, in_file(page, index, edits)


def _converted(page: Page, index: int, target: str) -> tuple[str, tuple[Edit, ...]] | None:
    """The title and the edits; None where the words would turn into options or comments."""
    statement = page.statement(index)
    found = convert(statement.prompt, target, statement.negative_prompt, kind_of=page.project.kind_of)
    edits = edits_for(statement, found, target, kept=kept_arithmetic(page.meaning(index), target))
    if edits is None:
        return None
    losses = list(dict.fromkeys(loss.message for loss in found.losses))
    if not losses and not _keeps_meaning(page, index, applied(statement.text, edits)):
        losses = ["the picture may change"]
    more = f", and {len(losses) - 1} more" if len(losses) > 1 else ""
    return f"Convert to `/parser:{target}`" + (f" ({losses[0]}{more})" if losses else ""), edits


def _keeps_meaning(page: Page, index: int, new: str) -> bool:
    """Whether the same is asked for; of a sweep one point is looked at, for its options stay."""
    texts = (page.snapshot.pieces[index].text, new)
    before, after = (first_plan(page, index, text) for text in texts)
    return same_words([before], [after])
