"""What decides a picture, as names and words: what pictures are told apart and found by."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import fields
from functools import cache, reduce
from itertools import groupby
from types import MappingProxyType
from typing import assert_never

from promptlang.exporters.infotext import prompts
from promptlang.plans.plan import WORDS, Model, Network, Plan, called_word
from promptlang.tables.options.fills import Fills, Layer, Nothing, Owners, Shape, Sides, Spoken, Value, Without
from promptlang.tables.options.kinds import written
from promptlang.tables.options.table import OPTIONS, ROWS, SWAP
from promptlang.values import dataclass, replace

UNSAID: Mapping[str, str] = MappingProxyType(
    {
        "command": "what it means stands in the other fields",
        "positive": "the words of the prompt say it",
        "negative": "so they do here",
        "weighting": "the dialect decides it",
        "images": "one picture is told of",
        "origins": "where values come from changes no picture",
        "source": "the prompt is made of it",
        "expanded": "so it is of this",
        "axes": "they name values that are facts themselves",
        "statement": "the place in a file changes no picture",
        "format": "it counts versions of plans",
    }
)
"""The fields of a plan that no fact of their own tells, with the reason."""

_OWN: Mapping[str, str] = MappingProxyType({"model": "concept", "networks": "concepts added"})
_SIDES = {"positive": "", "negative": " in the negative prompt"}


@dataclass(frozen=True, slots=True)
class Difference:
    """What two plans say of the same thing; empty where one of them says nothing."""

    name: str
    first: str
    second: str


def facts(plan: Plan) -> dict[str, str]:
    """What a picture of the plan is drawn by, each under the name that messages give it."""
    return {name: value for name, value in _facts(plan) if value}


def differences(first: Plan, second: Plan) -> tuple[Difference, ...]:
    """Everything that the plans do not say alike, in the order of facts."""
    before, after = facts(first), facts(second)
    names = dict.fromkeys((*before, *after))
    found = (Difference(name, before.get(name, ""), after.get(name, "")) for name in names)
    return tuple(each for each in found if each.first != each.second)


def points(plan: Plan) -> str:
    """Where in a sweep the plan stands: `clip skip 2, guidance 5`; empty for one of no sweep."""
    return ", ".join(f"{lead(axis)}{value}" for axis, value in plan.axes)


def told_apart(plans: Sequence[Plan]) -> tuple[Plan, ...]:
    """The plans of a statement, with those words of its variants on their axis that tell one from another.

    `a red cow`, `a blue cow` are told apart by `red` and `blue`.
    """
    texts = list(dict.fromkeys(value for plan in plans for axis, value in plan.axes if axis == WORDS))
    if len(texts) < 2:
        return tuple(plans)
    own = dict(zip(texts, _own_words(texts), strict=True))
    return tuple(
        replace(plan, axes=tuple((axis, own[value] if axis == WORDS else value) for axis, value in plan.axes))
        for plan in plans
    )


def _own_words(texts: Sequence[str]) -> Sequence[str]:
    """Of each text what not all of them say, with commas for what stands between; whole texts where that is not clear.

    A text that only leaves something out is told by all of it.
    """
    words = [text.split() for text in texts]
    common = reduce(_common, words)
    said = [", ".join(_besides(each, common)) or " ".join(each) for each in words]
    return said if len({*said}) == len(texts) else texts


def _common(first: list[str], second: list[str]) -> list[str]:
    from difflib import SequenceMatcher

    blocks = SequenceMatcher(None, first, second, autojunk=False).get_matching_blocks()
    return [word for block in blocks for word in first[block.a : block.a + block.size]]


def _besides(words: list[str], common: list[str]) -> Iterator[str]:
    """The stretches of words between those of a part of them."""
    place = 0
    marked: list[tuple[bool, str]] = []
    for word in words:
        is_common = place < len(common) and word == common[place]
        place += is_common
        marked.append((is_common, word))
    for is_common, stretch in groupby(marked, key=lambda each: each[0]):
        if not is_common and (said := " ".join(word for _, word in stretch).strip(" ,")):
            yield said


def lead(axis: str) -> str:
    """What stands before a value of an axis; words of a prompt speak for themselves."""
    return "" if axis in (WORDS, SWAP.name) else f"{named(axis)} "


def named(axis: str) -> str:
    """An axis in the words for the option that is swept over; a concept is called as the prompt calls it."""
    return OPTIONS[axis].words if axis in OPTIONS else axis


def _facts(plan: Plan) -> Iterator[tuple[str, str]]:
    positive, negative = prompts(replace(plan, networks=()))
    yield "prompt", positive
    yield "negative prompt", negative
    for field, name in _names().items():
        yield name, _said(getattr(plan, field))


@cache
def _names() -> Mapping[str, str]:
    """The fields of a plan that are told, the model first, each by the words for the option that fills it."""
    filled = {field: row.words for row in reversed(ROWS) for field in _filled(row.fills)}
    told = (each.name for each in fields(Plan) if each.name not in UNSAID)
    return {field: _OWN.get(field) or filled.get(field) or field.replace("_", " ") for field in told}


def _filled(fills: Fills) -> tuple[str, ...]:
    match fills:
        case Value(field=field) | Owners(field=field) | Layer(field=field) | Sides(field=field):
            return (field,)
        case Spoken(fields=(field, *_), decides="dialect" | "edition"):
            return (field,)
        case Spoken() | Shape() | Without() | Nothing():
            return ()
        case _:
            assert_never(fills)


def _said(value: object) -> str:
    match value:
        case None:
            return ""
        case Model(name=name):
            return called_word(name)
        case str():
            return value
        case bool() | int() | float():
            return written(value)
        case (int() as width, int() as height):
            return written((width, height))
        case tuple():
            return ", ".join(map(_item, value))  # pyright: ignore[reportUnknownArgumentType]
        case _:
            raise TypeError(f"no words for {value!r}")


def _item(value: object) -> str:
    if isinstance(value, Network):
        text = "" if value.text_weight is None else f" and {value.text_weight:g} on the text"
        changing = "".join(f", {each.weight:g} to step {each.until}" for each in value.strengths)
        return f"{called_word(value.name)} × {value.weight:g}{text}{changing}{_SIDES[value.side]}"
    return _said(value)
