"""Where an option's value ends up: a closed union that lowering matches on, so that no row silently reaches nothing."""

from __future__ import annotations

from typing import Literal, assert_never

from promptlang.tables.models.family import Aspect
from promptlang.values import dataclass

Decision = Literal["dialect", "variants", "swap", "edition", "side"]
"""What an option settles before the text is read: the dialect that reads it, whether variants are read in it, the words
that others take the place of, which state of the language holds, and (as a mark without a value) that the negative side
begins here."""

FamilyDefault = Literal["steps", "guidance", "sampler"]
"""The parts of a family's row that hold where no option says otherwise."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Value:
    """The value itself fills a field; else the family's own number or name does, else `otherwise`."""

    field: str
    family: FamilyDefault | None = None
    otherwise: int | float | str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Owners:
    """The value itself fills a field; else the arithmetic that the dialect's owner draws in does."""

    field: str = "arithmetic"


@dataclass(frozen=True, slots=True, kw_only=True)
class Without:
    """A flag leaves a field empty, which else holds what the statement or the project names."""

    field: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Sides:
    """Width and height fill a field; an aspect flag that is given stands in for them, else the family's square."""

    field: str = "size"


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """A flag that stands for a size of the family's; it fills the field of `Sides`."""

    aspect: Aspect
    field: str = "size"


@dataclass(frozen=True, slots=True, kw_only=True)
class Layer:
    """The text encoder's layer: what the number means in the family, and nothing where the edition drops it."""

    field: str = "clip_skip"


@dataclass(frozen=True, slots=True, kw_only=True)
class Spoken:
    """Read before there is anything to fill: it decides how the statement itself is read, which fills `fields`.

    `decides` is None where it is short for another option.
    """

    fields: tuple[str, ...]
    how: str
    decides: Decision | None = None


@dataclass(frozen=True, slots=True)
class Nothing:
    """No field at all; the row's remark says why."""


Fills = Value | Owners | Without | Sides | Shape | Layer | Spoken | Nothing


def ending(fills: Fills) -> str:
    """Where a value ends up, as the documentation says it; empty where the row's remark says why nowhere."""
    match fills:
        case Value(field=field) | Owners(field=field) | Without(field=field) | Layer(field=field):
            return f"`{field}` of the plan"
        case Sides(field=field) | Shape(field=field):
            return f"`{field}` of the plan"
        case Spoken(fields=fields, how=how):
            return f"{', '.join(f'`{field}`' for field in fields)} of the plan: {how}"
        case Nothing():
            return ""
        case _:
            assert_never(fills)
