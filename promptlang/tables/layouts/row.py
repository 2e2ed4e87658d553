"""How a layout is written down: a line for a tensor, with a letter for each of its sides."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import lru_cache

from promptlang.values import dataclass

Side = int | tuple[tuple[int, str], ...]
"""A size: a number, or so many times what each letter stands for, added up; empty for any size."""
Sides = tuple[Side, ...]
Groups = tuple[tuple[str, str], ...]
"""How the names of blocks begin, several of them apart, and their lines.

`#` in a beginning is the number of a block, and a beginning that ends with its only one is of a list without holes; in
a list of blocks of several kinds it is `*`. A line has a name, after `?` where a network may go without it and after
`!` where it may as long as the first two sides are the same, as `a/b` where it may be called otherwise, and the sides:
a number, a letter that may be multiplied and added up (`3W+2M`), or `~` for any. `|` stands between shapes, and `+` at
the end for a bias as long as the first side. Capital letters are the same size in all of the network, small ones in one
block. A block of which nothing is there is not needed; what stands under no beginning always is.
"""


@dataclass(frozen=True, slots=True)
class Line:
    """A tensor: the names and the shapes that it may have, and whether no network goes without it.

    One that is needed `where_unlike` turns one size into another, and is not where the two are the same.
    """

    names: tuple[str, ...]
    shapes: tuple[Sides, ...]
    is_needed: bool
    where_unlike: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class Layout:
    """The lines of a network by the beginnings of its blocks, as one pattern that has a group for each of them."""

    blocks: re.Pattern[str]
    lines: tuple[Mapping[str, Line], ...]
    lists: frozenset[int]
    alone: Mapping[str, Line]


_WEIGHT = ".weight"
_NUMBER = r"\d{1,4}"


@lru_cache(maxsize=64)
def layout(groups: Groups) -> Layout:
    """The groups as they are matched; a longer beginning stands before a shorter one."""
    begins = sorted(
        ((begin, lines) for begins, lines in groups if begins for begin in begins.split()),
        key=lambda each: -len(each[0]),
    )
    patterns = (re.escape(begin).replace(r"\#", _NUMBER).replace(r"\*", _NUMBER) for begin, _ in begins)
    return Layout(
        re.compile("|".join(f"({each})" for each in patterns) or r"(?!)"),
        tuple(_lines(lines) for _, lines in begins),
        frozenset(at for at, (begin, _) in enumerate(begins) if begin.find("#") == len(begin) - 2),
        {name: line for begin, lines in groups if not begin for name, line in _lines(lines).items()},
    )


@lru_cache(maxsize=256)
def _lines(text: str) -> Mapping[str, Line]:
    found = (line for each in text.splitlines() if each.strip() for line in _of_line(each))
    return {name: line for line in found for name in line.names}


def _of_line(text: str) -> Iterator[Line]:
    written, *sides = text.split()
    has_bias = sides[-1] == "+"
    shapes = tuple(
        tuple(_side(each) for each in shape.split()) for shape in " ".join(sides[: len(sides) - has_bias]).split("|")
    )
    names = tuple(written.lstrip("?!").split("/"))
    is_needed, where_unlike = written[0] not in "?!", written[0] == "!"
    if has_bias and shapes[0][0] == ():  # as long as each other all the same
        shapes = tuple((((1, names[0]),), *shape[1:]) for shape in shapes)
    yield Line(names, shapes, is_needed, where_unlike)
    if has_bias:
        biases = tuple(dict.fromkeys(shape[:1] for shape in shapes))
        yield Line(tuple(f"{name.removesuffix('weight')}bias" for name in names), biases, is_needed)


def layer_names(groups: Groups) -> Iterator[str]:
    """The layers that have weights, with `#` or `*` for the number of a block."""
    for begins, lines in groups:
        names = [name.removesuffix(_WEIGHT) for name in _lines(lines) if name.endswith(_WEIGHT)]
        yield from (begin + name for begin in begins.split() or [""] for name in names)


_TERM = re.compile(r"(\d*)([A-Za-z])")


def _side(text: str) -> Side:
    if text.isdecimal():
        return int(text)
    return () if text == "~" else tuple((int(count or 1), letter) for count, letter in _TERM.findall(text))
