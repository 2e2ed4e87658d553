"""What the word lists say of a tag, how many tokens it takes, and which chunk they are in."""

from __future__ import annotations

from collections.abc import Iterator

from promptlang.sentences import counted, few, listed, plural
from promptlang.syntax.tagging import Tag
from promptlang_lsp.features.display.chunks import chunk_edges, counts
from promptlang_lsp.features.hover.markdown import code, plain
from promptlang_lsp.features.names.tags import rows, tag_at, tag_words
from promptlang_lsp.texts.page import Page
from promptlang_lsp.texts.word_lists import category_name, own_words, words

FEW = 6  # other names
LONGEST = 400  # code points of words whose tokens are counted


def tag_lines(page: Page, index: int, at: int) -> Iterator[str]:
    """What there is to say of the tag at an offset of a statement."""
    tag = tag_at(page, index, at)
    if tag is None:
        return
    said = tag_words(page, index, tag)
    yield from _listed(page, said)
    if sum(other.is_words for row in rows(page, index) for other in row.tags) > 1:
        yield from _tokens(page, index, tag, said)


def _listed(page: Page, said: str) -> Iterator[str]:
    """The row of the first word list that knows the tag; the list that comes along counts nothing."""
    name, lists = said.lower().replace(" ", "_"), words(page.word_files)
    word = lists.word(name)
    if word and lists is not own_words():
        facts = (plain(category_name(word.category)), f"{word.count:,} uses" if word.count else "")
        yield " · ".join((f"**{code(said)}**", *filter(None, facts)))
    elif (word := word or own_words().word(name)) and (category := category_name(word.category)):
        yield f"**{code(said)}** · {plain(category)}"
    if word and word.aliases:
        names = [code(alias.replace("_", " ")) for alias in word.aliases]
        yield f"Also found as {few(names, FEW)}"


def _tokens(page: Page, index: int, tag: Tag, said: str) -> Iterator[str]:
    """The tokens of a tag alone, and where they lie among the chunks of the positive prompt."""
    from promptlang.tokens.ids import token_ids

    found = counts(page, index)
    if len(said) > LONGEST or not (found.positive or found.negative):
        return
    number = len(token_ids(said))
    edges = chunk_edges(page, index)
    first = max((chunk for at, chunk in edges if at <= tag.span.start), default=1)
    last = max((chunk for at, chunk in edges if at < tag.span.end), default=1)
    chunks = [str(each) for each in range(first, last + 1)]
    where = f", in {plural(len(chunks), 'chunk')} {listed(chunks)}" if edges else ""
    yield f"This tag: {counted(number, 'token')}{where}"
