"""What holds for a statement: every option with its value or sweep, and where it comes from."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache
from math import prod

from promptlang.syntax.nodes import OptionUse
from promptlang.tables.options.fills import Decision, Spoken
from promptlang.tables.options.kinds import (
    Choice,
    Integer,
    Name,
    Number,
    Problem,
    Reading,
    Value,
    Word,
    Words,
    along,
    examples,
    problem_names,
    sample,
)
from promptlang.tables.options.reading import read
from promptlang.tables.options.row import Option
from promptlang.tables.options.table import DECIDING, IMAGES, OPTIONS
from promptlang.values import dataclass, replace

ORIGINS = ("statement", "recipe", "set", "project", "concept", "family", "language")
"""Where a value may come from, strongest first."""

_NUMBER = r"[+-]?(?:\d++(?:\.(?!\.(?!\.))\d*+)?+|\.\d++)"  # whose point is none of the two of a range
_RANGE = rf"({_NUMBER})\.\.({_NUMBER})(?:\.\.({_NUMBER}))?"  # compiled by the first file that has one
_OTHER_RANGE = rf"({_NUMBER})(?:[-~\u2013\u2014\u2026:]|to)({_NUMBER})"  # compiled where a value is none
_MOST_LISTED = 10_000  # points of a sweep; more are only counted
_LONGEST_RANGE = 2**31  # whole numbers, which are not listed either; `len` takes no more than this on every computer


@dataclass(frozen=True, slots=True)
class Points:
    """An option's text read: its values in order (None: no plan can be made), and what is wrong with it."""

    values: Sequence[Value] | None
    problems: tuple[Problem, ...] = ()
    swept: bool = False
    merged: int = 0  # points that fell together after flooring
    count: int = 0  # how many were asked for, where there are too many to list

    @property
    def value(self) -> Value | None:
        """The only value, or the first of a sweep."""
        return self.values[0] if self.values else None


@dataclass(frozen=True, slots=True)
class Setting:
    """An option that holds for a statement.

    `use` is where it stands in the statement itself, and `otherwise` what would hold if it did not.
    """

    row: Option
    points: Points
    origin: str
    written: str | None
    use: OptionUse | None = None
    along: str = ""  # the option whose value gave this one as well
    otherwise: Setting | None = None

    @property
    def value(self) -> Value | None:
        """The only value, or the first of a sweep."""
        return self.points.value

    @property
    def is_axis(self) -> bool:
        """Whether each of several values makes a plan of its own, of one and the same text."""
        return self.points.swept and not isinstance(self.row.fills, Spoken)

    @property
    def overrides(self) -> bool:
        """Whether another value would hold if the option did not stand in the statement."""
        return self.otherwise is not None and self.otherwise.points.values != self.points.values


class Settings(dict[str, Setting]):
    """What holds for a statement, by the name of the option.

    The same options in the same context give one object: so they are compared by identity, and key caches cheaply.
    """

    __slots__ = ()
    __eq__ = object.__eq__

    def __hash__(self) -> int:  # pyright: ignore[reportIncompatibleVariableOverride]
        return id(self)


def decided(settings: Settings, what: Decision) -> Setting | None:
    """The setting that settles something about how the statement is read, where there is one."""
    return settings.get(DECIDING[what].name)


@lru_cache(maxsize=4096)
def read_points(name: str, text: str | None) -> Points:
    """The values that one written text gives the option `name`."""
    return points_of(OPTIONS[name], text)


def points_of(row: Option, text: str | None) -> Points:
    """The values that one written text gives an option."""
    if not text:
        return Points((True,)) if row.is_flag else Points(None, (_missing(row),))
    if row.sweeps and ("|" in text or (".." in text and _has_ranges(row))):
        return _sweep(row, text)
    reading = read(row.kind, row.name, text, row.words)
    if reading.value is not None:
        return Points((reading.value,), reading.problems)
    if row.sweeps and "," in text:
        return Points(None, tuple(_listed(row, text, reading.problems)))
    return Points(None, tuple(_ranged(row, text, reading.problems)) if row.sweeps else reading.problems)


def _ranged(row: Option, text: str, problems: tuple[Problem, ...]) -> Iterator[Problem]:
    """What is wrong with a value, which may be a range with the sign of another program between its ends."""
    found = re.fullmatch(_OTHER_RANGE, text) if isinstance(row.kind, Integer | Number) else None
    is_range = (
        found is not None
        and float(found[1]) < float(found[2])
        and all(read(row.kind, row.name, end).value is not None for end in found.groups())
    )
    for problem in problems:
        if found is None or not is_range:
            yield problem
        else:
            written = f"{found[1]}..{found[2]}"
            yield replace(problem, help=f"write `/{row.name}:{written}` for a range", instead=(written,))


def _listed(row: Option, text: str, problems: tuple[Problem, ...]) -> Iterator[Problem]:
    """What is wrong with a value, which may be several with commas where bars belong."""
    pieces = [piece.strip() for piece in text.split(",")]
    listed = "|".join(pieces)
    is_list = all(piece and read(row.kind, row.name, piece).value is not None for piece in pieces)
    for problem in problems:
        if not is_list:
            yield problem
        elif problem.respelled:  # a decimal comma, or two sides of a size: nobody can say which
            several = f"{problem.help}, or `{listed}` for one after the other"
            yield replace(problem, help=several, instead=(*problem.instead, listed), respelled=False)
        else:
            yield replace(problem, help=f"write `/{row.name}:{listed}` for one after the other", instead=(listed,))


def word(row: Option, text: str | None) -> Word | None:
    """The word of an integer option, such as `waymore`, that a text is."""
    if not isinstance(row.kind, Integer) or text is None:
        return None
    return next((each for each in row.kind.words if each.name == text.lower()), None)


@lru_cache(maxsize=256)
def axes(settings: Settings) -> tuple[Setting, ...]:
    """The settings with several values, each of which makes a plan of its own; those of the statement as written."""
    swept = [each for each in settings.values() if each.is_axis]
    return tuple(sorted(swept, key=lambda each: each.use.span.start if each.use else -1))


@lru_cache(maxsize=256)
def swept(settings: Settings) -> tuple[Setting, ...]:
    """The settings that are written as several values."""
    return tuple(each for each in settings.values() if each.points.swept)


@lru_cache(maxsize=256)
def overriding(settings: Settings) -> tuple[str, ...]:
    """The options that have to stand where they do, since others would hold without them."""
    return tuple(name for name, setting in settings.items() if setting.overrides)


@lru_cache(maxsize=256)
def image_count(settings: Settings) -> int:
    """How many images the statement makes, without listing the points of any sweep."""
    points = prod(_size(setting.points) for setting in settings.values() if setting.row is not IMAGES)
    images = settings[IMAGES.name].value if IMAGES.name in settings else 1
    return points * (images if isinstance(images, int) else 1)


def _size(points: Points) -> int:
    return points.count or len(points.values or ()) or 1


def _has_ranges(row: Option) -> bool:
    """Whether two dots are a range, or a mistake for one; in a path and in words they stand for themselves."""
    return not isinstance(row.kind, Name | Words)


def _missing(row: Option) -> Problem:
    return Problem(
        name="missing-value",
        message=f"{row.words} needs a value",
        help=f"write `/{row.name}:{sample(row.kind)}`",
    )


def _sweep(row: Option, text: str) -> Points:
    """The points of `1..4`, `10..50..10` or `5|7.5|10`."""
    pieces = text.split("|")
    values: list[Value] = []
    problems: dict[str, Problem] = {}
    asked = 0
    for piece in pieces:
        found = _range(row, piece) if ".." in piece and _has_ranges(row) else _single(row, piece)
        asked += found.count or len(found.values or ())
        for problem in found.problems:
            problems.setdefault(problem.name, problem)
        if found.values is None:
            return Points(None, tuple(problems.values()), swept=True)
        if isinstance(found.values, range) and len(pieces) == 1:
            return Points(found.values, tuple(problems.values()), swept=True)
        if not found.count and asked <= _MOST_LISTED:
            values.extend(found.values)
    if isinstance(row.kind, Choice) and not along(row.kind, text):
        apart = next((piece for piece in pieces if along(row.kind, piece)), None)
        if apart is not None:
            problems.setdefault("unknown-value", _said_apart(row, apart))
            return Points(None, tuple(problems.values()), swept=True)
    if asked > max(len(values), _MOST_LISTED):
        return Points((), tuple(problems.values()), swept=True, count=asked)
    different = list(dict.fromkeys(values))
    return Points(tuple(different), tuple(problems.values()), swept=True, merged=len(values) - len(different))


def _said_apart(row: Option, piece: str) -> Problem:
    """A name that gives another option as well, among others that do not: a sweep has one value of each."""
    ((other, given), *_) = along(row.kind, piece)
    message = f"`{piece}` says the {other} `{given}` as well, which other values of the sweep do not"
    help_text = f"write the names alone, and `/{other}:{given}` beside them if all should have it"
    return Problem(name="unknown-value", message=message, help=help_text)


def _single(row: Option, piece: str) -> Points:
    reading: Reading = read(row.kind, row.name, piece, row.words) if piece else Reading(None, (_missing(row),))
    return Points((reading.value,) if reading.value is not None else None, reading.problems)


def _range(row: Option, piece: str) -> Points:
    from decimal import Decimal  # exact steps; a file without ranges does without it

    found = re.fullmatch(_RANGE, piece, re.ASCII)
    if not isinstance(row.kind, Integer | Number) or not found or max(map(len, piece.split(".."))) > 40:
        return Points(None, (_no_range(row, piece),))
    first, last = Decimal(found[1]), Decimal(found[2])
    step = abs(Decimal(found[3])) if found[3] else Decimal(1)
    if not step:
        message = f"the step of a range must not be 0, found `{piece}`"
        return Points(None, (Problem(name=_misfit(row), message=message),))
    ends = [read(row.kind, row.name, found[at], row.words) for at in (1, 2)]
    problems = {problem.name: problem for end in ends for problem in end.problems}
    if any(end.value is None for end in ends):
        return Points(None, tuple(problems.values()))
    count = int(abs(last - first) / step) + 1
    signed = step if last >= first else -step
    if isinstance(row.kind, Integer) and step == int(step) and first == int(first) and count < _LONGEST_RANGE:
        end = int(first) + int(signed) * count
        return Points(range(int(first), end, int(signed)), tuple(problems.values()))
    if count > _MOST_LISTED:
        return Points((), tuple(problems.values()), count=count)
    values = [read(row.kind, row.name, f"{first + signed * place:f}", row.words) for place in range(count)]
    for value in values:
        problems |= {problem.name: problem for problem in value.problems}
    return Points(tuple(value.value for value in values if value.value is not None), tuple(problems.values()))


def _no_range(row: Option, piece: str) -> Problem:
    """What is wrong with a text that should be a range, or stands where only single values can."""
    if isinstance(row.kind, Integer | Number):
        message = f"a range of {row.words} is written `from..to` or `from..to..step`, found `{piece[:40]}`"
        return Problem(name=_misfit(row), message=message, help=f"write `/{row.name}:{_some_range(row.kind)}`")
    some = "|".join(examples(row.kind)[:2])
    message = f"only numbers have ranges, and {row.words} is none, found `{piece[:40]}`"
    return Problem(name=_misfit(row), message=message, help=f"write one after the other, such as `/{row.name}:{some}`")


def _some_range(kind: Integer | Number) -> str:
    """A range that lies within the limits."""
    if kind.low <= 1 and (kind.high is None or kind.high >= 4):
        return "1..4"
    highest = kind.low + 4 if kind.high is None else kind.high
    return f"{kind.low:g}..{highest:g}..{(highest - kind.low) / 4:g}"


def _misfit(row: Option) -> str:
    """What a kind calls a text that it cannot read."""
    return next(problem_names(row.kind))[0]
