"""Words that become a recipe, and a recipe that becomes words again; offered only where the picture stays the same."""

from __future__ import annotations

from collections.abc import Iterator

from promptlang.diagnostics import Edit
from promptlang.fixes import applied, joined
from promptlang.meaning.settings import decided, image_count
from promptlang.source import Span
from promptlang.statements.cutting import BLANKS
from promptlang.statements.extent import body
from promptlang.statements.inheritance import own_dialect
from promptlang.statements.inlining import inlined
from promptlang.syntax.nodes import Statement
from promptlang.tables.options.table import DECIDING
from promptlang_lsp.features.changes.rewrites import Rewrite, in_file, same_pictures
from promptlang_lsp.features.names.names import recipes, shared
from promptlang_lsp.features.names.places import local, touches
from promptlang_lsp.protocol.legend import EXTRACT, INLINE
from promptlang_lsp.texts.page import Page
from promptlang_lsp.texts.snapshot import Piece

MOST_IMAGES = 100  # of a statement whose plans are compared while somebody waits


def extraction(page: Page, span: Span) -> Iterator[Rewrite]:
    """Selected words of a prompt become a recipe above the statement."""
    index, at = local(page, span.start)
    piece, statement = page.snapshot.pieces[index], page.statement(index)
    text = piece.text[at : span.end - page.snapshot.starts[index]]
    words = text.strip(BLANKS).strip(",").strip(BLANKS)
    if not words or "\n" in words or "\r" in words or piece.declares or not _is_small(page, index):
        return
    begin = at + text.index(words)
    selected = Span(begin, begin + len(words))
    others = [each.span for each in (*statement.comments, *filter(None, (statement.command,)))]
    if not _stands_alone(piece.text, selected) or any(map(selected.meets, others)):
        return
    own = own_dialect(statement)
    parser = f" /{DECIDING['dialect'].name}:{own}" if own else ""
    name = _free_name(page)
    top = body(statement).start
    render = "" if statement.command else "/render "  # text without a command would go on with the recipe
    edits = joined((Edit(Span(top, top), f"/recipe #{name}{parser} {words}\n{render}"), Edit(selected, f"#{name}")))
    if same_pictures(page, index, applied(piece.text, edits)):
        yield "Extract to a recipe", EXTRACT, in_file(page, index, edits)


def inlining(page: Page, span: Span) -> Iterator[Rewrite]:
    """A recipe's text and options take the place of its name."""
    index, at = local(page, span.start)
    statement = page.statement(index)
    use = next((each for each in statement.recipes if touches(each.span, at)), None)
    recipe = _called(page, index, use.name.lower()) if use else None
    if use is None or recipe is None or not _is_small(page, index):
        return
    edits = joined(inlined(statement, use, recipe, body(statement)))
    if same_pictures(page, index, applied(statement.text, edits)):
        yield f"Inline `#{use.name}`", INLINE, in_file(page, index, edits)


def _called(page: Page, index: int, name: str) -> Statement | None:
    """The recipe of that lower-case name, of this file or of another one."""
    number, other = recipes(page).get(name), shared(page, name)
    if number is None:
        return Piece(other.text).read_in(page.context(index).parser) if other else None
    return page.statement(number)


def _is_small(page: Page, index: int) -> bool:
    settings = page.meaning(index).settings
    return not decided(settings, "variants") and image_count(settings) <= MOST_IMAGES


def _stands_alone(text: str, span: Span) -> bool:
    """Whether blanks or the ends of a line surround the words, as a recipe's name needs."""
    before, after = text[span.start - 1 : span.start], text[span.end : span.end + 1]
    return (not before or before.isspace()) and (not after or after.isspace() or after in ",)")


def _free_name(page: Page) -> str:
    taken = page.surroundings.recipes.names
    number = 1
    while f"recipe{number}" in taken:
        number += 1
    return f"recipe{number}"
