"""How many texts a template stands for, found without making them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import islice
from math import factorial, prod
from types import MappingProxyType
from typing import assert_never

from promptlang.variants.expand import (
    DEEPEST,
    Context,
    defined_context,
    is_drawn,
    new_context,
    values,
    wildcard_choice,
    wildcard_name,
)
from promptlang.variants.nodes import Choice, Chunk, Chunks, Define, Literal, Template, Use, WildcardUse, Wrap
from promptlang.variants.parsing import parse
from promptlang.variants.wildcards import NO_WILDCARDS, Wildcards

COMPARED = 4096  # texts of one option that are looked at, to find options that share a text


@dataclass(frozen=True, slots=True)
class Count:
    """A number of texts; `exact` is false where options may share texts, and the number is then an upper bound."""

    number: int
    exact: bool = True

    def __mul__(self, other: Count) -> Count:
        return Count(self.number * other.number, self.exact and other.exact)

    def __add__(self, other: Count) -> Count:
        return Count(self.number + other.number, self.exact and other.exact)


def count(template: Template, wildcards: Wildcards = NO_WILDCARDS) -> Count:
    """The number of texts that `expand` yields in the mode `ALL`."""
    return _row(template.chunks, new_context(wildcards))


def _row(chunks: Chunks, context: Context) -> Count:
    if len(chunks) == 1:
        return _chunk(chunks[0], context)
    kept, inner = defined_context(chunks, context)
    return prod((_chunk(chunk, inner) for chunk in kept), start=Count(1))


def _chunk(chunk: Chunk, outer: Context) -> Count:
    context = outer.for_chunk(chunk)
    if context.depth > DEEPEST or is_drawn(chunk):
        return Count(1, exact=not is_drawn(chunk))
    match chunk:
        case Literal() | Define():
            return Count(1)
        case Choice():
            return _choice(chunk, context)
        case WildcardUse():
            return _wildcard(chunk, context)
        case Use():
            value = context.variables.get(chunk.name, chunk.default)
            if not value or chunk.name in context.sampled:
                return Count(1)
            return _row(value, replace(context, sampled=context.sampled | {chunk.name}))
        case Wrap():
            if not chunk.wrapper or not chunk.wrapped:
                return Count(0)
            return _row(chunk.wrapper, context) * _row(chunk.wrapped, context)
        case _:
            assert_never(chunk)


def _wildcard(use: WildcardUse, context: Context) -> Count:
    found = context.wildcards.values(wildcard_name(use, context))
    if not found:
        return Count(1)
    inner = replace(context, variables=MappingProxyType({**context.variables, **dict(use.variables)}))
    total = Count(0)
    for value in found:
        texts = _row(parse(value.text).chunks, inner)
        total = total + Count(texts.number * int(value.weight), texts.exact)
    return total


def _choice(choice: Choice, context: Context) -> Count:
    if len(choice.options) == 1 and len(choice.options[0].chunks) == 1:
        only = choice.options[0].chunks[0]
        if isinstance(only, WildcardUse):
            choice = wildcard_choice(choice, only, context)
    if not choice.options:
        return Count(0)
    length = len(choice.options)
    low, high = min(choice.low, length), min(choice.high, length)
    different = tuple(dict.fromkeys(option.chunks for option in choice.options))
    texts = [_texts(chunks, context) for chunks in different]
    known = [found for found in texts if isinstance(found, frozenset)]
    disjoint = len(known) == len(texts) and sum(map(len, known)) == len(frozenset[str]().union(*known))
    sizes = [len(found) if isinstance(found, frozenset) else found.number for found in texts]
    if disjoint:
        return Count(_picks(sizes, low, high))
    if len(known) == len(texts) and high == 1:
        return Count(len(frozenset[str]().union(*known)) + (low == 0))
    upper = _picks(sizes, low, high)
    if len(known) == len(texts) and upper <= COMPARED:
        return Count(sum(1 for _ in values((choice,), context)))
    return Count(upper, exact=False)


def _texts(chunks: Chunks, context: Context) -> frozenset[str] | Count:
    """The different texts of an option, or only their number where they are many."""
    number = _row(chunks, context)
    if number.number > COMPARED:
        return number
    return frozenset(islice(values(chunks, context), COMPARED))


def _picks(sizes: list[int], low: int, high: int) -> int:
    """Ordered picks of `low` to `high` options: k! times the k-th elementary symmetric polynomial of the sizes."""
    sums = [1] + [0] * high
    for size in sizes:
        for length in range(high, 0, -1):
            sums[length] += sums[length - 1] * size
    return sum(factorial(length) * sums[length] for length in range(low, high + 1))
