"""What a text encoder is given at once, and the pieces of text that the owners of dialects lay out in it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from types import MappingProxyType

from promptlang.plans.plan import Run, called_word
from promptlang.tokens.vocabulary import END_ID, START_ID
from promptlang.values import dataclass

CHUNK_TOKENS = 75

Ids = tuple[int, ...]
IdsOf = Callable[[str], Ids]

Words = Mapping[str, Ids]
"""Words in lower case that stand for ids beyond the vocabulary, as textual inversions do."""

NO_WORDS: Words = MappingProxyType({})

Token = tuple[int, float, int]
"""An id, its weight, and the number of its piece."""


@dataclass(frozen=True, slots=True)
class Chunk:
    """77 ids, marks and padding included, and a multiplier for each.

    `pieces` numbers the piece of text that each id comes from, from 1; marks and padding are 0.
    """

    ids: Ids
    multipliers: tuple[float, ...]
    pieces: Ids

    @property
    def words(self) -> Ids:
        """The ids without marks and padding."""
        return tuple(token for token, piece in zip(self.ids, self.pieces, strict=True) if piece)


@dataclass(frozen=True, slots=True)
class Chunks:
    """The chunks of a prompt and its token count, as the owner of its dialect counts."""

    chunks: tuple[Chunk, ...]
    token_count: int


@dataclass(frozen=True, slots=True)
class Piece:
    """Ids of one weight; `called` where they are those of a word that stands for them."""

    number: int
    ids: Ids
    weight: float
    called: bool = False
    ends_chunk: bool = False

    @property
    def tokens(self) -> list[Token]:
        """The ids one by one."""
        return [(token, self.weight, self.number) for token in self.ids]


def pieces(runs: Iterable[Run], ids_of: IdsOf, words: Words) -> Iterator[Piece]:
    """The runs with their ids: one piece each, or several around the words that are called."""
    called = re.compile(f"({'|'.join(map(re.escape, words))})", re.IGNORECASE) if words else None
    number = 0
    for run in runs:
        for place, text in enumerate(called.split(run.text) if called else (run.text,)):
            is_called = place % 2 == 1
            if text:
                number += 1
                yield Piece(number, words[text.lower()] if is_called else ids_of(text), run.weight, is_called)
        if run.ends_chunk:
            yield Piece(0, (), 1.0, ends_chunk=True)


def filled(content: Sequence[Token]) -> Chunk:
    """A chunk with its marks, and padded with the end mark."""
    padding = CHUNK_TOKENS - len(content)
    return Chunk(
        (START_ID, *(token for token, _, _ in content), *(END_ID,) * padding, END_ID),
        (1.0, *(weight for _, weight, _ in content), *(1.0,) * padding, 1.0),
        (0, *(piece for _, _, piece in content), *(0,) * padding, 0),
    )


EMPTY = filled(())
"""The chunk of a prompt without words."""


def counted(contents: Sequence[Sequence[Token]]) -> Chunks:
    """Chunks that count for what is in them."""
    return Chunks(tuple(map(filled, contents)), sum(map(len, contents)))


def words_for(names: Iterable[tuple[str, int]], first: int) -> dict[str, Ids]:
    """The words `<name>` of concepts that stand for a number of ids each, which begin at `first`.

    A name that comes again stands for what it stood for before.
    """
    words: dict[str, Ids] = {}
    for name, size in names:
        word = called_word(name).lower()
        if word not in words:
            words[word] = tuple(range(first, first + size))
            first += size
    return words
