"""From the settings of a statement to the fields of its plan: every row of the option table fills its own."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache, lru_cache
from typing import assert_never

from promptlang.filling.whose import arithmetic_of
from promptlang.meaning.effects import needs_parser
from promptlang.meaning.settings import ORIGINS, Setting, Settings, read_points
from promptlang.meaning.view import View
from promptlang.tables.models.abilities import ability
from promptlang.tables.models.clip_skip import effective_clip_skip
from promptlang.tables.models.concepts import native_side
from promptlang.tables.models.families import aspect_size, family
from promptlang.tables.models.family import Aspect, Family
from promptlang.tables.options.fills import Layer, Nothing, Owners, Shape, Sides, Spoken, Without
from promptlang.tables.options.fills import Value as Kept
from promptlang.tables.options.kinds import Name, Number, Value
from promptlang.tables.options.row import Option
from promptlang.tables.options.table import ROWS

Point = Mapping[str, Value]
"""One point of the statement's sweeps: the value of every option that is swept."""

_FILLING = tuple(row for row in ROWS if not isinstance(row.fills, Shape | Spoken | Nothing))
_ASKED = frozenset(row.name for row in _FILLING if isinstance(row.fills, Sides | Owners))
_SHAPES: tuple[tuple[str, Aspect], ...] = tuple(
    (row.name, row.fills.aspect) for row in ROWS if isinstance(row.fills, Shape)
)
_FROM_FAMILY = tuple(
    row
    for row in ROWS
    if isinstance(row.fills, Sides) or (isinstance(row.fills, Kept) and row.fills.family is not None)
)


class _Wordless:
    """A view and a point of its sweeps, equal to those that differ from them in words alone."""

    __slots__ = ("_settled", "point", "seen")

    def __init__(self, seen: View, point: Point) -> None:
        self.seen, self.point = seen, point
        prompt = seen.statement.prompt.dialect, arithmetic_of(seen)
        self._settled = (
            *prompt,
            seen.statement.command_name,
            seen.settings,
            seen.context,
            seen.checkpoint,
            *point.items(),
        )

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Wordless) and self._settled == other._settled

    def __hash__(self) -> int:
        return hash(self._settled)


def filled(seen: View, point: Point) -> Mapping[str, object]:
    """The fields of the plan that options fill, at one point of the sweeps."""
    if _name_files(seen.settings):
        return _fields(seen, point)  # files come and go
    return _kept_fields(_Wordless(seen, point))


@lru_cache(maxsize=256)
def _name_files(settings: Settings) -> bool:
    return any(isinstance(each.row.kind, Name) for each in settings.values())


@lru_cache(maxsize=64)
def _kept_fields(each: _Wordless) -> Mapping[str, object]:
    """Kept, because most statements of a file differ in words alone."""
    return _fields(each.seen, each.point)


def _fields(seen: View, point: Point) -> Mapping[str, object]:
    command, settings = seen.statement.command_name, seen.settings
    fields = dict(_of_none(command, seen.family.name))  # most options are in no statement, and mean the same in each
    for row in _rows(command, _ASKED.union(settings, point)):  # in any case what other parts of the statement may give
        if isinstance(row.fills, Layer) or ability(row.name, seen.family, seen.variant).acts:
            field, value = _filled(seen, row, point)
            fields[field] = value
        elif isinstance(row.fills, Kept) and (value := _recommended(seen, row)) is not None:
            fields[row.fills.field] = _kept(row, value)
    return fields


@lru_cache(maxsize=256)
def _rows(command: str, given: frozenset[str]) -> tuple[Option, ...]:
    """The rows that fill fields under a command where those options are given: the same for most statements."""
    return tuple(
        row
        for row in _FILLING
        if row.name in given and _is_taken(row, command) and not (row.beside and row.beside not in given)
    )


def _recommended(seen: View, row: Option) -> Value | None:
    """The model's own value of an option, which holds where its family makes nothing of any other."""
    options = dict(seen.checkpoint.options) if seen.checkpoint else {}
    return read_points(row.name, options[row.name]).value if row.name in options else None


@cache
def _of_none(command: str, family_name: str) -> Mapping[str, object]:
    """The fields as the options leave them that nobody gives."""
    of_family = family(family_name)
    return {field: value for row in _FILLING if _is_taken(row, command) for field, value in _absent(row, of_family)}


def _is_taken(row: Option, command: str) -> bool:
    """Whether the command takes the option; the field stays as it is where it does not."""
    return row.commands is None or command in row.commands


def _absent(row: Option, of_family: Family) -> Iterator[tuple[str, object]]:
    """What stands where the row would put a value."""
    match row.fills:
        case Kept(field=field, family=family, otherwise=otherwise):
            yield field, _kept(row, getattr(of_family, family) if family else otherwise)
        case Layer(field=field):
            yield field, None
        case Sides() | Owners() | Shape() | Spoken() | Without() | Nothing():
            pass  # what other parts of a statement may give is asked for in any case
        case _:
            assert_never(row.fills)


def _kept(row: Option, value: object) -> object:
    return float(value) if isinstance(row.kind, Number) and isinstance(value, int) else value


def _filled(seen: View, row: Option, point: Point) -> tuple[str, object]:
    """The field that the row fills, and with what."""
    fills = row.fills
    assert not isinstance(fills, Shape | Spoken | Nothing)  # a shape is seen to with the size it stands for
    match fills:
        case Kept():
            value = seen.file_of(row, _value(seen, row.name, point))
            if value is None:
                value = getattr(seen.family, fills.family) if fills.family else fills.otherwise
            return fills.field, _kept(row, value)
        case Owners():
            return fills.field, arithmetic_of(seen)
        case Without():
            return fills.field, None
        case Sides():
            return fills.field, _size(seen, row.name, point)
        case Layer():
            return fills.field, _layer(seen, row.name, _value(seen, row.name, point))
        case _:
            assert_never(fills)


def from_family(settings: Settings) -> Iterator[str]:
    """The options for which the family's own value holds, because nobody gives one."""
    return (row.name for row in _FROM_FAMILY if row.name not in settings)


def family_values(seen: View) -> Iterator[tuple[str, Value]]:
    """Those options, each with the value that holds for it."""
    for row in _FROM_FAMILY:
        match row.fills:
            case Sides() if row.name not in seen.settings:
                yield row.name, _size(seen, row.name, {})
            case Kept(family=str() as part) if row.name not in seen.settings:
                yield row.name, getattr(seen.family, part)
            case _:
                pass


def _value(seen: View, name: str, point: Point) -> Value | None:
    if name in point:
        return point[name]
    setting = seen.settings.get(name)
    return setting.value if setting else None


def _layer(seen: View, name: str, value: Value | None) -> int | None:
    """The layer that counts; None where the statement asks for none, or where the edition or the family drops it."""
    if not isinstance(value, int):
        return None
    if needs_parser(seen, name):
        return None
    return effective_clip_skip(seen.family, value, force=seen.project.force_clip_skip)


def _size(seen: View, name: str, point: Point) -> tuple[int, int]:
    """The size given, else that of an aspect flag, else the concept's recommendation, else the family's square."""
    explicit, advised = seen.given(name), seen.settings.get(name)
    chosen = point.get(name) or (explicit.value if explicit else None)
    if chosen is None and (shape := _shape(seen, is_sized=advised is not None)) is not None:
        return shape
    match chosen if chosen is not None else advised.value if advised else None:
        case (int() as width, int() as height):
            return width, height
        case _:
            return seen.family.native, seen.family.native


def _shape(seen: View, *, is_sized: bool) -> tuple[int, int] | None:
    """The size of the aspect flag that counts: the strongest origin, and there the last one.

    One that the concept recommends gives way to a size that it recommends.
    """
    flags: list[tuple[Setting, Aspect]] = [
        (setting, aspect)
        for name, aspect in _SHAPES
        if (setting := seen.settings.get(name)) is not None and not (is_sized and seen.given(name) is None)
    ]
    if not flags:
        return None
    _, aspect = min(flags, key=lambda each: _weakness(each[0]))
    return aspect_size(seen.family, aspect, native_side(seen.checkpoint) if seen.checkpoint else None)


def _weakness(setting: Setting) -> tuple[int, int]:
    return ORIGINS.index(setting.origin), -setting.use.span.start if setting.use else 0
