"""What `/variants` turns on in a statement: `{a|b}`, `__wildcard__`, `${name}`, and what a dialect writes in their
place, with where they stand.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import assert_never

from promptlang.dialects.dialect import dialect
from promptlang.meaning.spread import has_variants
from promptlang.source import Passage
from promptlang.variants.nodes import Choice, Chunk, Chunks, Define, Literal, Use, WildcardUse, Wrap
from promptlang_lsp.texts.page import Page

_RECIPE = re.compile(r"(?<!\S)#(?=\S)")  # its words are read in its place; left as it is, it would begin a comment


def variants(page: Page, index: int) -> tuple[Chunk, ...]:
    """Every variant of a statement, outer before inner; none where they are plain text."""
    piece = page.snapshot.pieces[index]
    if not ("{" in piece.text or "__" in piece.text or ("<" in piece.text and _own(page, index))):
        return ()  # the meaning of a statement takes a while to work out
    meaning = page.meaning(index)
    return piece.remembered("variants", meaning, lambda: tuple(_variants(page, index)) if has_variants(meaning) else ())


def _own(page: Page, index: int) -> Callable[[Passage], Passage] | None:
    """How the statement's dialect writes choices of its own in the signs of variants; None where it has none."""
    return dialect(page.statement(index).prompt.dialect).choices


def _variants(page: Page, index: int) -> Iterator[Chunk]:
    from promptlang.variants.parsing import parse

    written, own = page.statement(index).positive, _own(page, index)
    written = own(written) if own else written
    calmed = replace(written, text=_RECIPE.sub(" ", written.text))
    waiting: list[Chunk] = list(reversed(parse(calmed).chunks))
    while waiting:
        chunk = waiting.pop()
        if not isinstance(chunk, Literal):
            yield chunk
        waiting.extend(reversed(_below(chunk)))


def _below(chunk: Chunk) -> Chunks:
    match chunk:
        case Choice(options=options):
            return tuple(below for option in options for below in option.chunks)
        case Define(value=value):
            return value
        case Wrap(wrapper=wrapper, wrapped=wrapped):
            return (*wrapper, *wrapped)
        case Literal() | WildcardUse() | Use():
            return ()
        case _:
            assert_never(chunk)


def written_name(use: WildcardUse) -> str:
    """The name in a wildcard, empty where it is put together of several things."""
    match use.path:
        case (Literal(text=text),):
            return text
        case _:
            return ""
