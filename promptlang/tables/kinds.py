"""The kinds of option values: a closed union that can read a value, describe itself and say what is wrong.

Reading never raises. A reading holds the value (or the points of a sweep) and the problems found, as data.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import assert_never

from promptlang.suggest import nearest
from promptlang.values import dataclass

Value = int | float | str | bool | tuple[int, int] | tuple[float, ...]

_NUMBER = re.compile(r"[+-]?(?:\d+(?:\.\d*)?|\.\d+)", re.ASCII)
_SIZE = re.compile(r"(\d+)[xX](\d+)", re.ASCII)


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """What is wrong with a value: the second half of a rule name, the words, and texts that would be right."""

    name: str
    message: str
    label: str = ""
    help: str = ""
    instead: tuple[str, ...] = ()  # texts that would be right, the likeliest first


@dataclass(frozen=True, slots=True)
class Reading:
    """One value read: `value` is None where no plan can be made from it."""

    value: Value | None
    problems: tuple[Problem, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Word:
    """A word that stands for a number, and options it sets along the way."""

    name: str
    number: int
    sets: tuple[tuple[str, int], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Integer:
    """A whole number; `floors` is the reason why a fraction is cut off with a warning, empty where it is refused."""

    low: int
    high: int
    floors: str = ""
    upwards: str = "if you meant the next one"  # said of the next whole number
    words: tuple[Word, ...] = ()
    likely: tuple[int, ...] = ()  # offered first by completion


@dataclass(frozen=True, slots=True, kw_only=True)
class Number:
    """A decimal number; `high` None is open."""

    low: float
    high: float | None = None
    likely: tuple[float, ...] = ()


@dataclass(frozen=True, slots=True)
class Item:
    """One value of a choice, with the other names it is known by."""

    name: str
    docs: str
    aliases: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Choice:
    """One of several names, read case-insensitively."""

    items: tuple[Item, ...]


@dataclass(frozen=True, slots=True)
class Size:
    """`WxH` in pixels: a multiple of `required`, better of `advised`, and at most `high` a side."""

    required: int = 8
    advised: int = 64
    high: int = 8192


@dataclass(frozen=True, slots=True)
class Numbers:
    """Exactly `count` numbers in a range, joined by commas."""

    count: int
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Name:
    """Any text without spaces, described by `form`."""

    form: str


@dataclass(frozen=True, slots=True)
class FilePath:
    """A path inside the project, with `/` between folders."""


@dataclass(frozen=True, slots=True)
class Flag:
    """No value at all."""


Kind = Integer | Number | Choice | Size | Numbers | Name | FilePath | Flag


def read(kind: Kind, name: str, text: str, title: str = "") -> Reading:
    """The value of one text, for the option `/name` that messages call `title`."""
    words = title or name
    match kind:
        case Integer():
            return _read_integer(kind, name, words, text)
        case Number():
            return _read_number(kind, name, words, text)
        case Choice():
            return _read_choice(kind, name, words, text)
        case Size():
            return _read_size(kind, name, words, text)
        case Numbers():
            return _read_numbers(kind, name, words, text)
        case Name():
            return Reading(text)
        case FilePath():
            return _read_path(words, text)
        case Flag():
            message = f"`/{name}` takes no value, found {_shown(text)}"
            return Reading(True, (Problem(name="unexpected-value", message=message, help=f"write `/{name}`"),))
        case _:
            assert_never(kind)


def describe(kind: Kind) -> str:
    """The kind in a few words, as hover and documentation print it."""
    match kind:
        case Integer(low=low, high=high, words=words):
            names = "".join(f", `{word.name}` ({word.number})" for word in words)
            return f"whole number, {low} to {_short(high)}{names}"
        case Number(low=low, high=None):
            return f"number, {low:g} or more"
        case Number(low=low, high=high):
            return f"number, {low:g} to {high:g}"
        case Choice(items=items):
            return ", ".join(f"`{item.name}`" for item in items)
        case Size(required=required, advised=advised):
            return f"`WxH` in pixels, multiples of {required}, better of {advised}"
        case Numbers(count=count, low=low, high=high):
            return f"{count} numbers, each {low:g} to {high:g}, joined by commas"
        case Name(form=form):
            return form
        case FilePath():
            return "path inside the project, in quotes if it has spaces"
        case Flag():
            return "no value"
        case _:
            assert_never(kind)


def problem_names(kind: Kind) -> Iterator[tuple[str, str]]:
    """Every problem a kind can find, with a summary: each becomes a rule of each option of that kind."""
    match kind:
        case Integer(floors=floors):
            yield "not-a-number", "the value is not a number"
            yield "out-of-range", "the value lies outside the range"
            if floors:
                yield "fraction-ignored", "only whole numbers count, so the fraction is cut off"
                yield "written-as-fraction", "a whole number is written with a fraction"
        case Number():
            yield "not-a-number", "the value is not a number"
            yield "out-of-range", "the value lies outside the range"
        case Choice():
            yield "unknown-value", "the value is not one of the known names"
        case Size():
            yield "not-a-size", "the value is not a width and a height"
            yield "out-of-range", "a side is too small, too large or not a multiple of 8"
            yield "uneven", "a side is not a multiple of 64"
        case Numbers():
            yield "not-a-number", "a value is not a number, or the count is wrong"
            yield "out-of-range", "a value lies outside the range"
        case FilePath():
            yield "outside-project", "the path leads out of the project"
        case Name():
            pass
        case Flag():
            yield "unexpected-value", "the flag is given a value"
        case _:
            assert_never(kind)
    if not isinstance(kind, Flag):
        yield "missing-value", "the value is missing"


def examples(kind: Kind) -> tuple[str, ...]:
    """Values worth offering, the likeliest first."""
    match kind:
        case Integer(likely=likely, words=words):
            return (*(str(number) for number in likely), *(word.name for word in words))
        case Number(likely=likely):
            return tuple(f"{number:g}" for number in likely)
        case Choice(items=items):
            return tuple(item.name for item in items)
        case Size():
            return ("512x512", "768x512")
        case Numbers() | Name() | FilePath() | Flag():
            return ()
        case _:
            assert_never(kind)


def sample(kind: Kind) -> str:
    """A value to show how one is written."""
    match kind:
        case Size():
            return "512x512"
        case Numbers(count=count):
            return ",".join(("1", "1", "1.2", "1.2")[:count])
        case FilePath():
            return "picture.png"
        case _:
            return next(iter(examples(kind)), describe(kind).split(" ")[0].strip("`"))


def written(value: Value) -> str:
    """A value as the language writes it."""
    match value:
        case bool():
            return ""
        case int() | str():
            return str(value)
        case float():
            return f"{value:g}" if abs(value) < 1e6 else repr(value)
        case (int() as width, int() as height) if len(value) == 2:
            return f"{width}x{height}"
        case _:
            return ",".join(f"{number:g}" for number in value)


def _short(number: int) -> str:
    return "2^64-1" if number == 2**64 - 1 else str(number)


def _shown(text: str) -> str:
    """A value quoted in a message, cut so that the message stays one line."""
    clean = "".join(letter if letter.isprintable() else "\N{REPLACEMENT CHARACTER}" for letter in text)
    return f"`{clean}`" if len(clean) <= 24 else f"`{clean[:20]}…`"


def _not_a_number(
    kind: Integer | Number, name: str, words: str, wanted: str, text: str, instead: tuple[str, ...] = ()
) -> Reading:
    message = f"{words} must be {wanted}, found {_shown(text)}"
    help_text = f"write `{instead[0]}`" if instead else f"write a number, such as `/{name}:{sample(kind)}`"
    return Reading(None, (Problem(name="not-a-number", message=message, help=help_text, instead=instead),))


def _read_integer(kind: Integer, name: str, words: str, text: str) -> Reading:
    for word in kind.words:
        if word.name == text.lower():
            return Reading(word.number)
    wanted = f"a whole number from {kind.low} to {_short(kind.high)}"
    if not _NUMBER.fullmatch(text):
        guess = nearest(text.lower(), [word.name for word in kind.words])
        return _not_a_number(kind, name, words, wanted, text, (guess,) if guess else ())
    if len(text) > 40:
        return _outside(kind, words, text)
    written, point, digits = text.partition(".")
    fraction, is_whole = bool(point), not digits.strip("0")
    whole = int(f"{written}0") // 10 - (written.startswith("-") and not is_whole)  # "." may stand first
    if fraction and not is_whole and not kind.floors:
        return _not_a_number(kind, name, words, wanted, text, (str(max(kind.low, min(kind.high, whole))),))
    if not kind.low <= whole <= kind.high:
        return _outside(kind, words, text)
    if not fraction:
        return Reading(whole)
    if is_whole:
        if not kind.floors:
            return Reading(whole)
        problem = Problem(
            name="written-as-fraction",
            message=f"{kind.floors}, so {text} can be written {whole}",
            help=f"write `{whole}`",
            instead=(str(whole),),
        )
        return Reading(whole, (problem,))
    upper = min(whole + 1, kind.high)
    choice = f"write `{whole}`, or `{upper}` {kind.upwards}" if upper > whole else f"write `{whole}`"
    problem = Problem(
        name="fraction-ignored",
        message=f"{kind.floors}, so {text} acts as {whole}",
        label=f"read as {whole}",
        help=choice,
        instead=(str(whole), str(upper)) if upper > whole else (str(whole),),
    )
    return Reading(whole, (problem,))


def _outside(kind: Integer, words: str, text: str) -> Reading:
    near = str(kind.low if text.startswith("-") or (len(text) <= 40 and float(text) < kind.low) else kind.high)
    other = next((str(number) for number in kind.likely if number != kind.low and str(number) != near), None)
    instead = (near, other) if other else (near,)
    message = f"{words} must be {kind.low} to {_short(kind.high)}, found {_shown(text).strip('`')}"
    help_text = "write " + " or ".join(f"`{each}`" for each in instead)
    return Reading(None, (Problem(name="out-of-range", message=message, help=help_text, instead=instead),))


def _read_number(kind: Number, name: str, words: str, text: str) -> Reading:
    if not _NUMBER.fullmatch(text):
        pointed = text.replace(",", ".")  # a decimal comma, as half of Europe writes it
        instead = (pointed,) if _NUMBER.fullmatch(pointed) else ()
        return _not_a_number(kind, name, words, f"a {describe(kind)}", text, instead)
    number = float(text)
    if number < kind.low or number > (kind.high if kind.high is not None else 1e6):
        limit = f"{kind.low:g} to {kind.high:g}" if kind.high is not None else f"{kind.low:g} or more"
        near = f"{kind.low:g}" if number < kind.low else f"{kind.high if kind.high is not None else 1e6:g}"
        message = f"{words} must be {limit}, found {_shown(text).strip('`')}"
        problem = Problem(name="out-of-range", message=message, help=f"write `{near}`", instead=(near,))
        return Reading(None, (problem,))
    return Reading(number + 0.0)


def _read_choice(kind: Choice, name: str, words: str, text: str) -> Reading:
    wanted = text.lower()
    for item in kind.items:
        if wanted == item.name or wanted in (alias.lower() for alias in item.aliases):
            return Reading(item.name)
    names = [item.name for item in kind.items]
    guess = nearest(wanted, [*names, *(alias for item in kind.items for alias in item.aliases)])
    instead = (guess,) if guess else tuple(names[:1]) if len(names) <= 4 else ()
    known = ", ".join(f"`{each}`" for each in names) if len(names) <= 6 else ""
    help_text = f"write `/{name}:{instead[0]}`" if instead else f"write one of {known or 'the known names'}"
    message = f"{words} has no value {_shown(text)}"
    return Reading(None, (Problem(name="unknown-value", message=message, help=help_text, instead=instead),))


def _read_size(kind: Size, name: str, words: str, text: str) -> Reading:
    found = _SIZE.fullmatch(text)
    if not found or max(len(found[1]), len(found[2])) > 9:
        digits = re.fullmatch(r"(\d+)[,*:/ ](\d+)", text, re.ASCII)
        instead = (f"{digits[1]}x{digits[2]}",) if digits else ()
        help_text = f"write `/{name}:{instead[0] if instead else '512x512'}`"
        message = f"{words} must be width x height, such as 512x512, found {_shown(text)}"
        return Reading(None, (Problem(name="not-a-size", message=message, help=help_text, instead=instead),))
    sides = int(found[1]), int(found[2])
    good = _on_grid(kind, sides, kind.required)
    if good != sides:
        message = f"each side of {words} must be a multiple of {kind.required} up to {kind.high}, found {text}"
        close = all(side <= 2 * near and near <= 2 * side for side, near in zip(sides, good, strict=True))
        instead = (written(good),) if close else ()
        help_text = f"write `{instead[0]}`" if instead else f"write a size such as `/{name}:512x512`"
        return Reading(None, (Problem(name="out-of-range", message=message, help=help_text, instead=instead),))
    if any(side % kind.advised for side in sides) and min(sides) >= 256:
        better = written(_on_grid(kind, sides, kind.advised))
        message = f"sides that are multiples of {kind.advised} work best, found {text}"
        return Reading(sides, (Problem(name="uneven", message=message, help=f"write `{better}`", instead=(better,)),))
    return Reading(sides)


def _on_grid(kind: Size, sides: tuple[int, int], grid: int) -> tuple[int, int]:
    width, height = (max(grid, min(kind.high, round(side / grid) * grid)) for side in sides)
    return width, height


def _read_numbers(kind: Numbers, name: str, words: str, text: str) -> Reading:
    pieces = text.split(",")
    wanted = f"{kind.count} numbers joined by commas"
    if len(pieces) != kind.count or not all(_NUMBER.fullmatch(piece) for piece in pieces):
        return Reading(
            None,
            (
                Problem(
                    name="not-a-number",
                    message=f"{words} must be {wanted}, found {_shown(text)}",
                    help=f"write {wanted}, such as `/{name}:{sample(kind)}`",
                ),
            ),
        )
    numbers = tuple(float(piece) for piece in pieces)
    outside = next((piece for piece in pieces if not kind.low <= float(piece) <= kind.high), None)
    if outside is None:
        return Reading(numbers)
    message = f"each number of {words} must be {kind.low:g} to {kind.high:g}, found {outside}"
    return Reading(None, (Problem(name="out-of-range", message=message),))


def _read_path(words: str, text: str) -> Reading:
    parts = text.replace("\\", "/").split("/")
    if text.startswith(("/", "\\", "~")) or ".." in parts or ":" in parts[0] or "\0" in text:
        message = f"{words} must be a path inside the project, found {_shown(text)}"
        help_text = "move the file into the project folder and write its path from there"
        return Reading(None, (Problem(name="outside-project", message=message, help=help_text),))
    return Reading(text)
