"""The texts of a statement, one for each of its variants, concepts, strengths and words, counted before they are made.

The expander of `/variants` is imported when a statement first turns variants on: few do, and a check should not wait
for it.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from itertools import islice, product
from math import prod
from pathlib import Path
from typing import TYPE_CHECKING

from promptlang.dialects.dialect import dialect
from promptlang.meaning.settings import decided, image_count
from promptlang.meaning.view import View, view
from promptlang.plans.plan import WORDS
from promptlang.sentences import counted
from promptlang.source import Passage, Span, pointing
from promptlang.tables.dialects import dialect_row
from promptlang.tables.options.table import SEED, SWAP
from promptlang.values import dataclass
from promptlang.variants.choices import choices, chosen, swapped

if TYPE_CHECKING:
    from promptlang.variants.context import Mode
    from promptlang.variants.count import Survey
    from promptlang.variants.nodes import Template
    from promptlang.variants.wildcards import Wildcards

Texts = tuple[tuple[str, str], ...]
"""Which of its statement's texts one is: the axes, and the place on each."""


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
        count = counted(self.number, "image")
        return count if self.exact or self.number == 1 else f"at most {count}"


def surveyed(seen: View) -> Survey | None:
    """How many texts the variants of a statement stand for, all of them taken; None where nobody can count them."""
    from promptlang.variants.count import Uncountable, survey

    folders = seen.project.wildcards
    try:
        return survey(_template(chosen_from(seen.written, seen), folders), _wildcards(folders))
    except Uncountable:
        return None


def images(seen: View) -> Images:
    """How many images a statement makes: its sweeps, its concepts to compare, its variants and `/images`."""
    others = image_count(seen.settings) * prod(each.count for each in seen.choices)
    if not has_variants(seen):
        return Images(others)
    from promptlang.variants.context import Mode

    found = surveyed(seen) if _mode(seen) is Mode.ALL else None
    return Images(others * found.count.number, found.count.exact) if found else Images(others)


def spread(seen: View) -> Iterator[View]:
    """The view of each text; at most the project's limit, which the checks hold beforehand."""
    if not has_variants(seen):
        yield from _compared(seen, seen.written, ())
        return
    from promptlang.variants.context import Mode
    from promptlang.variants.expand import expand

    folders = seen.project.wildcards
    seed = seen.settings[SEED.name].value if SEED.name in seen.settings else 0
    mode = _mode(seen)
    texts = expand(
        _template(chosen_from(seen.written, seen), folders),
        _wildcards(folders),
        mode,
        seed=seed if isinstance(seed, int) else 0,
    )
    most = 1 if mode is Mode.RANDOM else seen.project.image_limit
    several = list(islice(texts, most))
    for text in several:
        point = ((WORDS, text.strip()),) if len(several) > 1 else ()
        yield from _compared(seen, _expanded(seen, text), point)


def every_text(seen: View) -> Iterator[View]:
    """The view of each text that the variants stand for, whichever `/variants` draws; none where they are too many."""
    from promptlang.variants.context import Mode
    from promptlang.variants.expand import expand

    found = surveyed(seen)
    if found is None or found.count.number > seen.project.image_limit:
        return
    folders = seen.project.wildcards
    for text in expand(_template(chosen_from(seen.written, seen), folders), _wildcards(folders), Mode.ALL, seed=0):
        yield view(seen.statement, seen.context, _expanded(seen, text))


def apart(seen: View) -> Iterator[View]:
    """The views that differ from that of the first text in one concept, strength or word alone."""
    for choice in seen.choices:
        first = {each: each.points[0] for each in seen.choices if each.points}
        for point in choice.points[1:]:
            text = chosen(seen.written, tuple({**first, choice: point}.items()))
            yield view(seen.statement, seen.context, text, ((choice.axis, point.text),))
    words, *others = _swaps(seen) or ("",)
    for other in others:
        yield view(seen.statement, seen.context, swapped(seen.positive, words, other), ((SWAP.name, other),))


def has_several(seen: View) -> bool:
    """Whether a statement has several texts."""
    if seen.choices or seen.point or len(_swaps(seen)) > 1:
        return True
    if not has_variants(seen):
        return False
    from promptlang.variants.context import Mode

    found = surveyed(seen) if _mode(seen) is Mode.ALL else None
    return found is not None and found.count.number > 1


def _compared(seen: View, text: Passage, point: Texts) -> Iterator[View]:
    """The views of the concepts, strengths and words to compare in one text."""
    among = choices(text) if dialect_row(seen.statement.prompt.dialect).compares else ()
    words, *others = _swaps(seen) or ("",)
    if not (among or others or point):
        yield seen if text is seen.written else view(seen.statement, seen.context, text)
        return
    for picks in product(*(each.points for each in among)):
        picked = chosen(text, zip(among, picks, strict=True)) if among else text
        here = (*point, *((each.axis, pick.text) for each, pick in zip(among, picks, strict=True)))
        if not others:
            yield view(seen.statement, seen.context, picked, here)
        for other in (words, *others) if others else ():
            yield view(seen.statement, seen.context, swapped(picked, words, other), (*here, (SWAP.name, other)))


def _swaps(seen: View) -> tuple[str, ...]:
    """The words that `/swap` looks for, and those that take their place."""
    found = decided(seen.settings, "swap")
    return tuple(each for each in (found.points.values or () if found else ()) if isinstance(each, str))


def signs(seen: View) -> tuple[tuple[Span, ...], tuple[Span, ...]]:
    """Where variants are written, and the marks between their options, which are drawn in no text."""
    from promptlang.variants.nodes import Choice, Literal

    written: list[Span] = []
    marks: list[Span] = []
    waiting = list(_template(chosen_from(seen.written, seen), seen.project.wildcards).chunks)
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


def _expanded(seen: View, text: str) -> Passage:
    """Every character of an expanded text points at the start of the text it came from."""
    return pointing(text, seen.written.at(0))


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
