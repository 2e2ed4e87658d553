"""A written value read by its kind, with what is wrong with it in words.

Reading never raises. A reading holds the value and the problems found, as data.
"""

from __future__ import annotations

import re
from typing import assert_never

from promptlang.suggest import nearest
from promptlang.tables.options.kinds import (
    Choice,
    FilePath,
    Flag,
    Integer,
    Item,
    Kind,
    Name,
    Number,
    Numbers,
    Problem,
    Reading,
    Size,
    Words,
    bound,
    describe,
    quoted,
    sample,
    written,
)

_NUMBER = re.compile(r"[+-]?(?:\d+(?:\.\d*)?|\.\d+)", re.ASCII)
_OFF = frozenset({"false", "off", "no", "none", "0"})
_HIGHEST = 1_000_000  # where a kind names no limit
_PERCENT = re.compile(r"(\d{1,3})%", re.ASCII)
_SIZE = re.compile(r"(\d+)[xX](\d+)", re.ASCII)


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
        case Name() | Words():
            return Reading(text)
        case FilePath():
            return _read_path(words, text)
        case Flag():
            message = f"`/{name}` takes no value, found {_shown(text)}"
            help = f"leave it out, since `/{name}` is on with any value" if is_off(text) else f"write `/{name}`"
            return Reading(True, (Problem(name="unexpected-value", message=message, help=help),))
        case _:
            assert_never(kind)


def is_off(text: str) -> bool:
    """Whether a value turns a flag off in other programs."""
    return text.lower() in _OFF


def _shown(text: str) -> str:
    """A value quoted in a message, cut so that the message stays one line."""
    clean = "".join(letter if letter.isprintable() else "\N{REPLACEMENT CHARACTER}" for letter in text)
    return f"`{clean}`" if len(clean) <= 24 else f"`{clean[:20]}…`"


def _not_a_number(
    kind: Integer | Number,
    name: str,
    words: str,
    wanted: str,
    text: str,
    instead: tuple[str, ...] = (),
    *,
    respelled: bool = False,
) -> Reading:
    message = f"{words} must be {wanted}, found {_shown(text)}"
    otherwise = f", or {kind.outside}" if isinstance(kind, Integer) and kind.outside else ""
    help_text = f"write `{instead[0]}`" if instead else f"write a number, such as `/{name}:{sample(kind)}`{otherwise}"
    problem = Problem(name="not-a-number", message=message, help=help_text, instead=instead, respelled=respelled)
    return Reading(None, (problem,))


def _read_integer(kind: Integer, name: str, words: str, text: str) -> Reading:
    for word in kind.words:
        if word.name == text.lower():
            return Reading(word.number)
    wanted = f"a whole number from {kind.low} to {bound(kind.high)}"
    if not _NUMBER.fullmatch(text):
        guess = nearest(text.lower(), [word.name for word in kind.words])
        return _not_a_number(kind, name, words, wanted, text, (guess,) if guess else ())
    if len(text) > 40:
        return _outside(kind, name, words, text)
    written, point, digits = text.partition(".")
    fraction, is_whole = bool(point), not digits.strip("0")
    whole = int(f"{written}0") // 10 - (written.startswith("-") and not is_whole)  # "." may stand first
    if fraction and not is_whole and not kind.floors:
        return _not_a_number(kind, name, words, wanted, text, (str(max(kind.low, min(kind.high, whole))),))
    if not kind.low <= whole <= kind.high:
        return _outside(kind, name, words, text)
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


def _outside(kind: Integer, name: str, words: str, text: str) -> Reading:
    near = str(kind.low if text.startswith("-") or (len(text) <= 40 and float(text) < kind.low) else kind.high)
    unsigned = read(kind, name, text[1:], words).value if text.startswith("-") and not kind.outside else None
    if unsigned is not None:  # ComfyUI counts layers below 0
        near = str(unsigned)
    other = next((str(number) for number in kind.likely if number != kind.low and str(number) != near), None)
    instead = (near, other) if other and unsigned is None else (near,)
    message = f"{words} must be {kind.low} to {bound(kind.high)}, found {_shown(text).strip('`')}"
    help_text = kind.outside or f"write a number from {kind.low} to {bound(kind.high)}"
    return Reading(None, (Problem(name="out-of-range", message=message, help=help_text, instead=instead),))


def _read_number(kind: Number, name: str, words: str, text: str) -> Reading:
    if not _NUMBER.fullmatch(text):
        pointed = text.replace(",", ".").removesuffix(".")  # a decimal comma, as half of Europe writes it
        is_number = pointed != text and _NUMBER.fullmatch(pointed) and not _beyond(kind, float(pointed))
        instead = (pointed,) if is_number else ()
        if kind.high == 1 and (share := _PERCENT.fullmatch(text)) and int(share[1]) <= 100:
            return _not_a_number(kind, name, words, f"a {describe(kind)}", text, (f"{int(share[1]) / 100:g}",))
        return _not_a_number(kind, name, words, f"a {describe(kind)}", text, instead, respelled=bool(instead))
    number = float(text)
    if _beyond(kind, number):
        is_low = number < kind.low
        is_open = kind.high is None and is_low
        highest = f"{_HIGHEST}" if kind.high is None else f"{kind.high:g}"
        limit = f"{kind.low:g} or more" if is_open else f"{kind.low:g} to {highest}"
        near = f"{kind.low:g}" if is_low else highest
        message = f"{words} must be {limit}, found {_shown(text).strip('`')}"
        help_text = f"write `{near}` or more" if is_open else f"write a number from {limit}"
        problem = Problem(name="out-of-range", message=message, help=help_text, instead=(near,))
        return Reading(None, (problem,))
    return Reading(number + 0.0)


def _beyond(kind: Number, number: float) -> bool:
    return number < kind.low or number > (_HIGHEST if kind.high is None else kind.high)


def named_item(kind: Choice, wanted: str) -> Item | None:
    """The item of a name in lower case, with or without an ending."""
    for item in kind.items:
        if wanted == item.name or wanted in (alias.lower() for alias in item.aliases):
            return item
    shorter = next((wanted.removesuffix(each.text) for each in kind.endings if wanted.endswith(each.text)), "")
    return named_item(Choice(kind.items), shorter) if shorter else None


def _read_choice(kind: Choice, name: str, words: str, text: str) -> Reading:
    wanted = " ".join(text.lower().split())
    if (item := named_item(kind, wanted)) is not None:
        return Reading(item.name)
    names = [item.name for item in kind.items]
    guess = _nearest_item(kind, " ".join(text.split()))
    instead = (guess,) if guess else tuple(names[:1]) if len(names) <= 4 else ()
    known = ", ".join(f"`{each}`" for each in names) if len(names) <= 6 else f"the known names, such as `{names[0]}`"
    help_text = f"write `/{name}:{quoted(instead[0])}`" if instead else f"write one of {known}"
    message = f"{words} has no value {_shown(text)}"
    return Reading(None, (Problem(name="unknown-value", message=message, help=help_text, instead=instead),))


def _nearest_item(kind: Choice, text: str) -> str | None:
    """The name that is most like a text, with the ending that the text has."""
    known = [name for item in kind.items for name in (item.name, *item.aliases)]
    if guess := nearest(text.lower(), known):
        return guess
    ending = next((each.text for each in kind.endings if text.lower().endswith(each.text)), "")
    guess = nearest(text.lower().removesuffix(ending), known) if ending else None
    return f"{guess}{text[-len(ending) :]}" if guess else None


def _read_size(kind: Size, name: str, words: str, text: str) -> Reading:
    found = _SIZE.fullmatch(text)
    if not found or max(len(found[1]), len(found[2])) > 9:
        digits = re.fullmatch(r"(\d+) ?[xX,*:/ ] ?(\d+)(?: ?px)?", text, re.ASCII)
        sides = (int(digits[1]), int(digits[2])) if digits and max(len(digits[1]), len(digits[2])) < 10 else None
        instead = (written(sides),) if sides and _on_grid(kind, sides, kind.required) == sides else ()
        help_text = f"write `/{name}:{instead[0] if instead else sample(kind)}`"
        message = f"{words} must be width x height, such as {sample(kind)}, found {_shown(text)}"
        return Reading(
            None,
            (Problem(name="not-a-size", message=message, help=help_text, instead=instead, respelled=bool(instead)),),
        )
    sides = int(found[1]), int(found[2])
    good = _on_grid(kind, sides, kind.required)
    if good != sides:
        message = f"each side of {words} must be a multiple of {kind.required} up to {kind.high}, found {text}"
        close = all(side <= 2 * near and near <= 2 * side for side, near in zip(sides, good, strict=True))
        instead = (written(good),) if close else ()
        help_text = f"write `{instead[0]}`" if instead else f"write a size such as `/{name}:{sample(kind)}`"
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
    help_text = f"write numbers from {kind.low:g} to {kind.high:g}, such as `/{name}:{sample(kind)}`"
    return Reading(None, (Problem(name="out-of-range", message=message, help=help_text),))


def _read_path(words: str, text: str) -> Reading:
    parts = text.replace("\\", "/").split("/")
    if text.startswith(("/", "\\", "~")) or ".." in parts or ":" in parts[0] or "\0" in text:
        message = f"{words} must be a path inside the project, found {_shown(text)}"
        help_text = "move the file into the project folder and write its path from there"
        return Reading(None, (Problem(name="outside-project", message=message, help=help_text),))
    return Reading(text)
