"""How many texts a template stands for, found without making them."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Mapping
from math import factorial, prod
from typing import assert_never

from promptlang.values import dataclass, field, replace
from promptlang.variants.context import DEEPEST, Context, new_context
from promptlang.variants.entries import Value
from promptlang.variants.expand import (
    as_written,
    defined_context,
    is_drawn,
    opened_wildcard,
    values,
    wildcard_choice,
    wildcard_name,
)
from promptlang.variants.nodes import Choice, Chunk, Chunks, Define, Literal, Sampling, Template, Use, WildcardUse, Wrap
from promptlang.variants.parsing import is_plain, parse
from promptlang.variants.wildcards import NO_WILDCARDS, Wildcards

COMPARED = 4096  # texts of one option that are looked at, to find options that share a text
MOST_COMPARED = 2_000_000  # characters of all those texts
MOST_STEPS = 200_000  # marks that are looked at; wildcards that call one another may hold more than anybody can count
LONGEST = 200_000  # characters and marks of one text


@dataclass(frozen=True, slots=True)
class Count:
    """A number of texts; `exact` is false where options may share texts, and the number is then an upper bound.

    `steady` is false where something in them is drawn, which is another text each time. `longest` is how many
    characters and marks the longest of them may take, before the marks are gone.
    """

    number: int
    exact: bool = True
    steady: bool = True
    longest: int = field(default=0, compare=False)

    def __mul__(self, other: Count) -> Count:
        return Count(
            self.number * other.number,
            self.exact and other.exact,
            self.steady and other.steady,
            self.longest + other.longest,
        )

    def __add__(self, other: Count) -> Count:
        return Count(
            self.number + other.number,
            self.exact and other.exact,
            self.steady and other.steady,
            max(self.longest, other.longest),
        )


@dataclass(frozen=True, slots=True)
class Survey:
    """How many texts there are, and the wildcards that lead back to themselves."""

    count: Count
    circles: frozenset[str] = frozenset()


class Uncountable(Exception):
    """The marks lead to one another so often that a text has no end, or nobody can count the texts."""


@dataclass(slots=True)
class _Work:
    """What is left of `MOST_STEPS` and `MOST_COMPARED`, and what was found before."""

    left: int = MOST_STEPS
    compared: int = MOST_COMPARED
    known: dict[Hashable, Count] = field(default_factory=dict[Hashable, Count])
    circles: set[str] = field(default_factory=set[str])

    def take(self, steps: int) -> None:
        self.left -= steps
        if self.left < 0:
            raise Uncountable

    def compare(self, counts: Iterable[Count]) -> bool:
        """Whether the texts of options may be made to compare them: they are few, short and the same each time."""
        found = tuple(counts)
        if any(each.number > COMPARED or not each.steady for each in found):
            return False
        self.compared -= sum(each.number * each.longest for each in found)
        return self.compared >= 0


def count(template: Template, wildcards: Wildcards = NO_WILDCARDS) -> Count:
    """The number of texts that `expand` yields in the mode `ALL`; raises `Uncountable`."""
    return survey(template, wildcards).count


def survey(template: Template, wildcards: Wildcards = NO_WILDCARDS) -> Survey:
    """What a template stands for, without its texts; raises `Uncountable`."""
    work = _Work()
    return Survey(_row(template.chunks, new_context(wildcards), work), frozenset(work.circles))


def _row(chunks: Chunks, context: Context, work: _Work) -> Count:
    if len(chunks) == 1:
        return _chunk(chunks[0], context, work)
    for chunk in chunks:
        if isinstance(chunk, Define) and chunk.immediate:  # whose text is made while its row is read
            work.take(_row(chunk.value, context, work).longest)
    kept, inner = defined_context(chunks, context)
    found = prod((_chunk(chunk, inner, work) for chunk in kept), start=Count(1))
    if found.longest > LONGEST:
        raise Uncountable
    return found


def _chunk(chunk: Chunk, outer: Context, work: _Work) -> Count:
    work.take(1)
    found = _any(chunk, outer, work)
    return replace(found, longest=found.longest + 1)


def _any(chunk: Chunk, outer: Context, work: _Work) -> Count:
    context = outer.for_chunk(chunk)
    if context.depth > DEEPEST:
        return Count(1, longest=len(as_written(chunk)))
    found = _counted(chunk, context, work)
    return Count(1, exact=False, steady=False, longest=found.longest) if is_drawn(chunk) else found


def _counted(chunk: Chunk, context: Context, work: _Work) -> Count:
    match chunk:
        case Literal(text=text):
            return Count(1, longest=len(text))
        case Define():
            return Count(1)
        case Choice():
            return _choice(chunk, context, work)
        case WildcardUse():
            return _wildcard(chunk, context, work)
        case Use():
            value = context.variables.get(chunk.name, chunk.default)
            if not value or chunk.name in context.sampled:
                return Count(1, longest=len(chunk.name))
            inner = replace(context, sampled=context.sampled | {chunk.name})
            return _remembered((chunk.name, value), inner, work, lambda: _row(value, inner, work))
        case Wrap():
            if not chunk.wrapper or not chunk.wrapped:
                return Count(0)
            return _row(chunk.wrapper, context, work) * _row(chunk.wrapped, context, work)
        case _:
            assert_never(chunk)


def _remembered(what: Hashable, context: Context, work: _Work, counted: Callable[[], Count]) -> Count:
    """A count that is made once for what is the same: what is counted, and all that it may depend on."""
    around = (context.sampling, context.sampled, context.opened, context.depth)
    key = (what, around, frozenset(context.variables.items()))
    if key not in work.known:
        work.known[key] = counted()
    return work.known[key]


def _wildcard(use: WildcardUse, context: Context, work: _Work) -> Count:
    if any(not isinstance(chunk, Literal) for chunk in use.path):
        work.take(_row(use.path, context, work).longest)
    name = wildcard_name(use, context)
    found, inner = opened_wildcard(use, name, context)
    if name in context.opened:
        work.circles.add(name)
    if not found:
        return Count(1, longest=len(name) + len("____"))
    return _remembered(name, inner, work, lambda: _values(found, inner, work))


def _values(found: tuple[Value, ...], context: Context, work: _Work) -> Count:
    total, plain, longest = Count(0), 0, 0
    for value in found:
        if is_plain(value.text):  # of which a file may have thousands, and every statement counts them
            plain += int(value.weight)
            longest = max(longest, len(value.text))
        else:
            texts = _value(value.text, context, work)
            total += replace(texts, number=texts.number * int(value.weight))
    return total + Count(plain, longest=longest)


def _value(text: str, context: Context, work: _Work) -> Count:
    match parse(text).chunks:
        case (Literal(text=words),):
            return Count(1, longest=len(words))
        case chunks:
            return _row(chunks, context, work)


def _choice(choice: Choice, context: Context, work: _Work) -> Count:
    if len(choice.options) == 1 and len(choice.options[0].chunks) == 1:
        only = choice.options[0].chunks[0]
        if isinstance(only, WildcardUse):
            choice, context = wildcard_choice(choice, only, context)
    if not choice.options:
        return Count(0)
    length = len(choice.options)
    low, high = min(choice.low, length), min(choice.high, length)
    counts = {option.chunks: _row(option.chunks, context, work) for option in choice.options}
    number = _number(choice, counts, (low, high), context, work)
    longest = high * max(found.longest for found in counts.values()) + max(high - 1, 0) * len(choice.separator)
    return replace(number, steady=all(found.steady for found in counts.values()), longest=longest)


def _number(
    choice: Choice, counts: Mapping[Chunks, Count], lengths: tuple[int, int], context: Context, work: _Work
) -> Count:
    """How many picks there are; the texts of the options are compared where that can be done."""
    low, high = lengths
    if context.sampling is not Sampling.ALL or not work.compare(counts.values()):
        # Options that are alike make one text, unless something in them is drawn.
        upper = _picks([counts[option.chunks].number for option in choice.options], low, high)
        return Count(upper, exact=False)
    texts = [frozenset(values(chunks, context)) for chunks in counts]
    different = len(frozenset[str]().union(*texts))
    upper = _picks(list(map(len, texts)), low, high)
    if sum(map(len, texts)) == different:
        return Count(upper)
    if high == 1:
        return Count(different + (low == 0))
    return Count(sum(1 for _ in values((choice,), context))) if upper <= COMPARED else Count(upper, exact=False)


def _picks(sizes: list[int], low: int, high: int) -> int:
    """Ordered picks of `low` to `high` options: k! times the k-th elementary symmetric polynomial of the sizes."""
    sums = [1] + [0] * high
    for size in sizes:
        for length in range(high, 0, -1):
            sums[length] += sums[length - 1] * size
    return sum(factorial(length) * sums[length] for length in range(low, high + 1))
