"""Words that become a recipe, and a recipe that becomes words again; offered only where the picture stays the same."""

from __future__ import annotations

from collections.abc import Iterator

from promptlang.diagnostics import Edit
from promptlang.fixes import applied
from promptlang.meaning.settings import image_count
from promptlang.source import Passage, Span
from promptlang.statements.cutting import BLANKS
from promptlang.statements.inheritance import own_dialect
from promptlang.statements.recipes import SLOT
from promptlang.syntax.nodes import RecipeUse, Statement
from promptlang_lsp.features.changes.rewrites import Rewrite, blanks_around, in_file, joined, same_pictures
from promptlang_lsp.features.names.names import recipes
from promptlang_lsp.features.names.places import body, local, touches
from promptlang_lsp.protocol.legend import EXTRACT, INLINE
from promptlang_lsp.texts.page import Page

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
    if not _stands_alone(piece.text, selected) or any(
        other.start < selected.end and selected.start < other.end for other in others
    ):
        return
    own = own_dialect(statement)
    parser = f" /parser:{own}" if own else ""
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
    number = next((number for name, number, _ in recipes(page) if use and name.lower() == use.name.lower()), None)
    if use is None or number is None or not _is_small(page, index):
        return
    edits = joined(_inlined(statement, use, page.statement(number)))
    if same_pictures(page, index, applied(statement.text, edits)):
        yield f"Inline `#{use.name}`", INLINE, in_file(page, index, edits)


def _is_small(page: Page, index: int) -> bool:
    settings = page.meaning(index).settings
    return "variants" not in settings and image_count(settings) <= MOST_IMAGES


def _stands_alone(text: str, span: Span) -> bool:
    """Whether blanks or the ends of a line surround the words, as a recipe's name needs."""
    before, after = text[span.start - 1 : span.start], text[span.end : span.end + 1]
    return (not before or before.isspace()) and (not after or after.isspace() or after in ",)")


def _free_name(page: Page) -> str:
    taken = {name.lower() for name, _, _ in recipes(page)}
    number = 1
    while f"recipe{number}" in taken:
        number += 1
    return f"recipe{number}"


def _inlined(statement: Statement, use: RecipeUse, recipe: Statement) -> Iterator[Edit]:
    """The edits of one call: what the recipe says before, instead of and after it, its options, its negative words."""
    given = {each.name for each in statement.options}
    options = [recipe.text[each.span.start : each.span.end] for each in recipe.options if each.name not in given]
    options = [each for each in options if each != "/negative"]
    if options:
        end = statement.command.span.end if statement.command else body(statement).start
        written = " ".join(options)
        yield Edit(Span(end, end), f" {written}" if statement.command else f"{written} ")
    yield from _words(statement, use, recipe.positive.text)
    below = recipe.negative.text
    if below and statement.negative.text:
        end = _ends(statement.negative)[1]
        yield Edit(Span(end, end), f", {below}")
    elif below:
        end = body(statement).end
        yield Edit(Span(end, end), f" /negative {below}")


def _words(statement: Statement, use: RecipeUse, text: str) -> Iterator[Edit]:
    if SLOT not in text:
        yield Edit(use.span, text)
        return
    head, _, tail = (each.strip() for each in text.partition(SLOT))
    is_positive = use.span.start <= _ends(statement.positive)[1] and statement.positive.text
    passage = statement.positive if is_positive else statement.negative
    first, last = _ends(passage)
    gone = blanks_around(statement.text, use.span)
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
