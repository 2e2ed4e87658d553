"""How many tokens a prompt takes, and where in the text its chunks begin."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from promptlang.sentences import counted
from promptlang.statements.cutting import LONGEST
from promptlang_lsp.features.display.strength import Stretch, stretches
from promptlang_lsp.texts.page import Page
from promptlang_lsp.texts.variants import variants

if TYPE_CHECKING:
    from promptlang.tokens.chunks import Chunk, Chunks

NEAR = 200  # tokens further on in which the place of a token is looked for

# The vocabulary never joins two of these.
_WORDS = re.compile(r"'(?:s|t|re|ve|m|ll|d)|[^\W\d_]+|\d|(?:[^\s\w]|_)+", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Counts:
    """Tokens as the owner of the dialect counts them, and the chunks of the positive side."""

    positive: int
    negative: int
    chunks: tuple[Chunk, ...]


NOTHING = Counts(0, 0, ())


def counts(page: Page, index: int) -> Counts:
    """What the text encoder is given for a statement when drawing starts, before variants."""
    meaning = page.meaning(index)
    return page.snapshot.pieces[index].remembered("tokens counted", meaning, lambda: _counts(page, index))


def _counts(page: Page, index: int) -> Counts:
    from promptlang.filling.plans import planned
    from promptlang.lowering.laying import laid_out

    meaning = page.meaning(index)
    if len(meaning.positive.text) + len(meaning.negative.text) > LONGEST:
        return NOTHING
    plan = next(planned(meaning), None)
    if plan is None:
        return NOTHING
    laid = laid_out(plan, meaning.called)
    chunks = tuple(chunk for branch in laid.positive for chunk in branch.chunks)
    return Counts(_total(laid.positive), _total(laid.negative), chunks)


def _total(branches: tuple[Chunks, ...]) -> int:
    return sum(branch.token_count for branch in branches)


def length_in_words(page: Page, index: int) -> str:
    """The number of CLIP tokens and chunks of the prompt, in words; empty where nothing is counted."""
    from promptlang.tokens.chunks import CHUNK_TOKENS

    found = counts(page, index)
    if not found.positive and not found.negative:
        return ""
    tokens, chunks = found.positive, len(found.chunks)
    words = f"{counted(tokens, 'token')} in {counted(chunks, 'chunk')} of {CHUNK_TOKENS}"
    below = f", {found.negative:,} in the negative prompt" if found.negative else ""
    return f"{words}{below}{' (as written, before variants)' if variants(page, index) else ''}"


def chunk_edges(page: Page, index: int) -> tuple[tuple[int, int], ...]:
    """Where the second and later chunks of the positive prompt begin: offset in the statement and chunk number."""
    found = counts(page, index)
    if len(found.chunks) < 2:
        return ()
    meaning = page.meaning(index)
    return page.snapshot.pieces[index].remembered(
        "edges", meaning, lambda: tuple(_edges(found.chunks, _written(page, index)))
    )


def _edges(chunks: tuple[Chunk, ...], written: list[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    """The chunks' first tokens among the written ones, which are pairs of offset and id.

    Both rows are alike, but for words that are not drawn at first, or that stand elsewhere, as those of a recipe do.
    """
    at = 0
    for number, chunk in enumerate(chunks, 1):
        begun = number == 1
        ids = chunk.words
        for place, token in enumerate(ids):
            if at < len(written) and written[at][1] != token:
                following = ids[place + 1 : place + 2]
                at = next((near for near in range(at, at + NEAR) if _is_at(written, near, (token, *following))), at)
            if at < len(written) and written[at][1] == token:
                if not begun:
                    yield written[at][0], number
                    begun = True
                at += 1


def _is_at(written: list[tuple[int, int]], at: int, ids: tuple[int, ...]) -> bool:
    return tuple(token for _, token in written[at : at + len(ids)]) == ids


def _written(page: Page, index: int) -> list[tuple[int, int]]:
    """The tokens of the positive prompt as it stands in the statement, each with its offset."""
    from promptlang.tokens.ids import token_ids

    text = page.statement(index).text
    return [
        (match.start(), token)
        for stretch in stretches(page, index)
        if isinstance(stretch, Stretch) and not stretch.negative
        for match in _WORDS.finditer(text, stretch.span.start, stretch.span.end)
        for token in token_ids(match[0])
    ]
