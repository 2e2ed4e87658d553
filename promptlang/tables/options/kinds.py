"""The kinds of option values: a closed union that can describe itself and write a value; `reading.py` reads one."""

from __future__ import annotations

from collections.abc import Iterator
from typing import assert_never

from promptlang.values import dataclass

Value = int | float | str | bool | tuple[int, int] | tuple[float, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """What is wrong with a value: the second half of a rule name, the words, and texts that would be right."""

    name: str
    message: str
    label: str = ""
    help: str = ""
    instead: tuple[str, ...] = ()  # texts that would be right, the likeliest first
    respelled: bool = False  # whether the first of them is what was written, in other signs


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
    sets: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Integer:
    """A whole number; `floors` is the reason why a fraction is cut off with a warning, empty where it is refused."""

    low: int
    high: int
    floors: str = ""
    upwards: str = "if you meant the next one"  # said of the next whole number
    words: tuple[Word, ...] = ()
    likely: tuple[int, ...] = ()  # offered first by completion
    outside: str = ""  # what to do instead of a number outside the range


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
    remark: str = ""  # why it is not drawn here


@dataclass(frozen=True, slots=True)
class Ending:
    """What a name may end in besides, and the option it gives with it: `Euler Karras` is `Euler` and a schedule."""

    text: str
    sets: tuple[str, str]


@dataclass(frozen=True, slots=True)
class Choice:
    """One of several names, read case-insensitively; `endings` give another option along with the name."""

    items: tuple[Item, ...]
    endings: tuple[Ending, ...] = ()


@dataclass(frozen=True, slots=True)
class Size:
    """`WxH` in pixels: a multiple of `required`, better of `advised`, and at most `high` a side."""

    required: int = 8
    advised: int = 64
    high: int = 8192
    likely: tuple[tuple[int, int], ...] = ((512, 512), (768, 512))


@dataclass(frozen=True, slots=True)
class Numbers:
    """Exactly `count` numbers in a range, joined by commas; `names` says what each is, where they have names."""

    count: int
    low: float
    high: float
    names: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Name:
    """Any text without spaces, described by `form`; `concept` is the kind of model that it names or leads to."""

    form: str
    concept: str


@dataclass(frozen=True, slots=True)
class Words:
    """Any words, in quotes where they hold blanks."""


@dataclass(frozen=True, slots=True)
class FilePath:
    """A path inside the project, with `/` between folders."""


@dataclass(frozen=True, slots=True)
class Flag:
    """No value at all; one that is short for another option `sets` it."""

    sets: tuple[tuple[str, str], ...] = ()


Kind = Integer | Number | Choice | Size | Numbers | Name | Words | FilePath | Flag


def describe(kind: Kind) -> str:
    """The kind in a few words, as hover and documentation print it."""
    match kind:
        case Integer(low=low, high=high, words=words):
            names = "".join(f", `{word.name}` ({word.number})" for word in words)
            return f"whole number, {low} to {bound(high)}{names}"
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
        case Words():
            return "words, in quotes if they hold blanks"
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
        case Name() | Words():
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
        case Size(likely=likely):
            return tuple(map(written, likely))
        case Numbers() | Name() | Words() | FilePath() | Flag():
            return ()
        case _:
            assert_never(kind)


def sample(kind: Kind) -> str:
    """A value to show how one is written."""
    match kind:
        case Numbers(count=count):
            return ",".join(("1", "1", "1.2", "1.2")[:count])
        case Words():
            return "cow|horse"
        case FilePath():
            return "picture.png"
        case _:
            return next(iter(examples(kind)), describe(kind).split(" ")[0].strip("`"))


def written(value: Value) -> str:
    """A value as the language writes it."""
    match value:
        case bool():
            return ""
        case str():
            return quoted(value)
        case int():
            return str(value)
        case float():
            return f"{value:g}" if abs(value) < 1e6 else repr(value)
        case (int() as width, int() as height) if len(value) == 2:
            return f"{width}x{height}"
        case _:
            return ",".join(f"{number:g}" for number in value)


def quoted(text: str) -> str:
    """A text as a value is written: in quotes where a blank would end it, or two slashes would make a link of it."""
    return f'"{text}"' if text.startswith("//") or any(letter.isspace() for letter in text) else text


def along(kind: Kind, text: str | None) -> tuple[tuple[str, str], ...]:
    """The options that a written value gives besides its own: a number of images, a schedule."""
    match kind:
        case Integer(words=words) if text:
            return next((word.sets for word in words_of(words, text)), ())
        case Choice(endings=endings) if text and endings:
            given = {_ending(endings, piece) for piece in text.split("|")}
            return tuple(each.sets for each in given if each and len(given) == 1)
        case Flag(sets=sets):
            return sets
        case _:
            return ()


def _ending(endings: tuple[Ending, ...], text: str) -> Ending | None:
    return next((each for each in endings if text.lower().endswith(each.text)), None)


def words_of(words: tuple[Word, ...], text: str) -> Iterator[Word]:
    """The word that a text is, if it is one."""
    return (word for word in words if word.name == text.lower())


def bound(number: int) -> str:
    """The end of a range, as messages write it."""
    return "2^64-1" if number == 2**64 - 1 else str(number)
