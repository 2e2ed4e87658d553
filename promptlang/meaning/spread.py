"""`/variants`: one statement as several, one for each text that its variants stand for; counted before it is done.

The expander is imported when a statement first turns variants on: few do, and a check should not wait for it.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

from promptlang.dialects.dialect import dialect
from promptlang.meaning.settings import decided, image_count
from promptlang.meaning.view import View, view
from promptlang.source import Passage, Span
from promptlang.syntax.nodes import Statement
from promptlang.tables.options.table import SEED
from promptlang.values import dataclass

if TYPE_CHECKING:
    from promptlang.variants.context import Mode
    from promptlang.variants.count import Survey
    from promptlang.variants.nodes import Template
    from promptlang.variants.wildcards import Wildcards


def has_variants(seen: View) -> bool:
    """Whether the statement reads `{a|b}` and `__wildcard__`."""
    return (chosen := decided(seen.settings, "variants")) is not None and chosen.value is not None


@dataclass(frozen=True, slots=True)
class Images:
    """How many images a statement makes; `exact` is false where variants may share texts, and it may make fewer."""

    number: int
    exact: bool = True

    @property
    def words(self) -> str:
        """The number as a person would say it."""
        if self.number == 1:
            return "1 image"
        return f"{'' if self.exact else 'at most '}{self.number:,} images"


def surveyed(seen: View) -> Survey | None:
    """How many texts the variants of a statement stand for, all of them taken; None where nobody can count them."""
    from promptlang.variants.count import Uncountable, survey

    folders = seen.project.wildcards
    try:
        return survey(_template(chosen_from(seen.positive, seen), folders), _wildcards(folders))
    except Uncountable:
        return None


def images(seen: View) -> Images:
    """How many images a statement makes: its sweeps, its variants and `/images`."""
    others = image_count(seen.settings)
    if not has_variants(seen):
        return Images(others)
    from promptlang.variants.context import Mode

    found = surveyed(seen) if _mode(seen) is Mode.ALL else None
    return Images(others * found.count.number, found.count.exact) if found else Images(others)


def spread(seen: View) -> Iterator[View]:
    """The view of each text; at most the project's limit, which the checks hold beforehand."""
    if not has_variants(seen):
        yield seen
        return
    from promptlang.variants.context import Mode
    from promptlang.variants.expand import expand

    folders = seen.project.wildcards
    seed = seen.settings[SEED.name].value if SEED.name in seen.settings else 0
    mode = _mode(seen)
    texts = expand(
        _template(chosen_from(seen.positive, seen), folders),
        _wildcards(folders),
        mode,
        seed=seed if isinstance(seed, int) else 0,
    )
    for text in islice(texts, 1 if mode is Mode.RANDOM else seen.project.image_limit):
        yield _with_text(seen.statement, seen, text)


def every_text(seen: View) -> Iterator[View]:
    """The view of each text that the variants stand for, whichever `/variants` draws; none where they are too many."""
    from promptlang.variants.context import Mode
    from promptlang.variants.expand import expand

    found = surveyed(seen)
    if found is None or found.count.number > seen.project.image_limit:
        return
    folders = seen.project.wildcards
    for text in expand(_template(chosen_from(seen.positive, seen), folders), _wildcards(folders), Mode.ALL, seed=0):
        yield _with_text(seen.statement, seen, text)


def signs(seen: View) -> tuple[tuple[Span, ...], tuple[Span, ...]]:
    """Where variants are written, and the marks between their options, which are drawn in no text."""
    from promptlang.variants.nodes import Choice, Literal

    written: list[Span] = []
    marks: list[Span] = []
    waiting = list(_template(chosen_from(seen.positive, seen), seen.project.wildcards).chunks)
    while waiting:
        chunk = waiting.pop()
        if isinstance(chunk, Literal):
            continue
        written.append(chunk.span)
        if isinstance(chunk, Choice) and chunk.options:
            edges = (chunk.span.start, *(at for each in chunk.options for at in (each.span.start, each.span.end)))
            marks += map(Span, edges[::2], (*edges[1::2], chunk.span.end))
            waiting += (inner for each in chunk.options for inner in each.chunks)
    return tuple(written), tuple(marks)


def chosen_from(passage: Passage, seen: View) -> Passage:
    """A text of the statement with the choices of its dialect in the signs of variants."""
    own = dialect(seen.statement.prompt.dialect).choices
    return own(passage) if own else passage


def _with_text(statement: Statement, seen: View, text: str) -> View:
    """Every character of an expanded text points at the start of the text it came from."""
    here = seen.positive.at(0)
    return view(statement, seen.context, Passage(text, tuple(range(len(text))) or (0,), (here,) * max(1, len(text))))


def _mode(seen: View) -> Mode:
    from promptlang.variants.context import Mode

    chosen = decided(seen.settings, "variants")
    return Mode.RANDOM if chosen and chosen.value == Mode.RANDOM.value else Mode.ALL


@lru_cache(maxsize=256)
def _template(passage: Passage, folders: tuple[Path, ...]) -> Template:
    from promptlang.variants.parsing import parse

    return parse(passage, _wildcards(folders))


def _wildcards(folders: tuple[Path, ...]) -> Wildcards:
    from promptlang.variants.wildcards import current

    return current(folders)
