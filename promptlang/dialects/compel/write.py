"""A tree as Compel text; reading the result again means the same."""

from __future__ import annotations

import re
from collections.abc import Sequence
from enum import Enum, auto
from math import isfinite

from promptlang.dialects.dialect import decimal
from promptlang.syntax.nodes import Blend, Branch, Concept, Conjunction, Part, Parts, Swap, Text, Weight, inner, walk
from promptlang.values import dataclass

_SYNTAX, _OPENING, _CLOSING, _SIGNED_BRACKET = (
    re.compile(rf"(?<!\\)(?:{signs})") for signs in (r'[()"]', r'[("]', r'[)"]', r'\A[("]|(?<=[+\-])[()"]')
)
_BACKSLASHES = re.compile(r'(?<!\\)\\++(?=[()"])')
_WORD = re.compile(r'[^ \t\n\r\x0b\x0c()",.+\-=\\]+')
_NAME = re.compile(r"[A-Za-z0-9_\-]+")
# What no word inside parentheses can be: a sign with nothing behind it, or an equals sign.
_UNREADABLE_INSIDE = re.compile(r'(?<!\\)[+\-](?=[()",.+\-=]|$)|(?<!\\)=')

_STRUCTURE = re.compile(r"\.(?:swap|attend|and|add|blend)\(|(?:use|with)Lora\(|[+\-][()\"]")
_SIGNED = re.compile(r'(?:\\[()",.+\-=]|[+\-](?![()",.+\-=]|$)|[^()",.+\-=])++[+\-]')

# A word that a backslash may not help: with its bracket escaped, its signs may count, before it or behind it.
_DOUBTFUL = re.compile(r'(?:^|(?<= ))[^ ("+\-]*+(?:[("][^ +\-]*[+\-]|[+\-][^ ("]*[("])')
# A sign at the end of a word, which may count once a backslash makes an end of the quote around it.
_LAST_SIGN = re.compile(r"[+\-](?!\w)")

# Words that are written as they are, all at once; a comma that begins one has a law of its own.
_BARE, _BARE_INSIDE = (re.compile(rf"(?!,)(?:[^{signs} ]| (?!,))*+") for signs in (r'()"\\', r'()"\\+\-='))

_CALLS = (".swap", ".attend", "useLora", "withLora")

MOST_SIGNS = 5  # `+++++` is still read at a glance


class Guard(Enum):
    """What gets a backslash at the top of a prompt."""

    STRUCTURES = auto()  # brackets that begin one
    BRACKETS = auto()  # all
    NOTHING = auto()
    LINE_ENDS = auto()  # nothing, but a quote finds no other in its line
    BOTH = auto()  # brackets that begin one, and a quote finds no other in its line


def spellings(parts: Parts) -> tuple[str, ...]:
    """The parts as Compel text, the likeliest first; what the dialect cannot say is the plain words it is about."""
    if not _is_doubtful([part.text for part in walk(parts) if isinstance(part, Text)]):
        return (_written(parts, Guard.STRUCTURES),)
    return tuple(_written(parts, guard) for guard in Guard)


def _is_doubtful(texts: Sequence[str]) -> bool:
    """Whether the likeliest spelling may not be read as the texts; one may have the sign, another the quote."""
    if any(map(_DOUBTFUL.search, texts)):
        return True
    return any("(" in text or '"' in text for text in texts) and any(map(_LAST_SIGN.search, texts))


def _written(parts: Parts, guard: Guard) -> str:
    at = next((at for at, part in enumerate(parts) if isinstance(part, Blend | Conjunction)), None)
    if at is None:
        return _line(parts, guard)
    joined = parts[at]
    assert isinstance(joined, Blend | Conjunction)
    return " ".join(filter(None, (_line(parts[:at], guard), _list(joined, guard), _line(parts[at + 1 :], guard))))


def plain(text: str) -> tuple[str, ...]:
    """Spellings of plain words: with as few escapes as they need, with all, and as inside parentheses."""
    ways = ((False, Guard.STRUCTURES), (False, Guard.BRACKETS), (True, Guard.STRUCTURES))
    return tuple(_spaced(_words(text, inside, guard)) for inside, guard in ways)


def _list(joined: Blend | Conjunction, guard: Guard) -> str:
    weights = [number(branch.weight) if isfinite(branch.weight) else f"{branch.weight}" for branch in joined.branches]
    if isinstance(joined, Conjunction):
        call = ".and()" if all(weight == "1" for weight in weights) else f".and({', '.join(weights)})"
    else:
        call = f".blend({', '.join([*weights, *(() if joined.normalized else ('no_normalize',))])})"
    return f"({', '.join(_element(branch, guard) for branch in joined.branches)}){call}"


def _element(branch: Branch, guard: Guard) -> str:
    """A prompt of a list: in parentheses where it can be, else in quotes."""
    inside = _line(branch.parts, guard, inside=True)
    texts = (part.text for part in walk(branch.parts) if isinstance(part, Text))
    is_readable = not any(_UNREADABLE_INSIDE.search(word) for text in texts for word in text.split(" "))
    if is_readable or '"' in inside:
        return f"({_ended(inside)})"
    return '"' + _ended(_line(branch.parts, guard).replace('"', '\\"')) + '"'


def _ended(text: str) -> str:
    """The text as it may stand before a closing sign, of which a backslash would make a word."""
    return f"{text} " if text.endswith("\\") else text


@dataclass(frozen=True, slots=True)
class _Item:
    """A word, bracket or call, and whether it stands directly behind or before its neighbour."""

    text: str
    glued: bool = False
    glues: bool = False


def _line(parts: Parts, guard: Guard, *, inside: bool = False, in_quotes: bool = False) -> str:
    """Parts in a row; words are parted by single spaces, as they are joined when read.

    What stands `in_quotes` is written as far as a group that has to as well, for quotes hold no others.
    """
    line: list[_Item] = []
    waiting: list[tuple[Part | Branch | _Item, bool]] = [(part, inside) for part in reversed(parts)]
    while waiting:
        part, within = waiting.pop()
        match part:
            case _Item():
                line.append(part)
            case Text(text=" ") if line or waiting:
                pass  # between others, where a space stands anyway
            case Text(text=text):
                line.extend(_words(text, within, guard))
            case Weight() | Swap() if in_quotes and _calls(line):
                line.append(_Item('"'))
                break
            case Weight() if _needs_quotes(part, line) and (quoted := _quoted(part.parts, guard)):
                line.append(_Item(f"{quoted}{suffix(part)}"))
            case Weight():
                if (word := _raised_word(part)) is not None:
                    line.append(_Item(word))
                else:
                    line.append(_Item("(", glues=True))
                    waiting.append((_Item(f"){suffix(part)}", glued=True), within))
                    waiting.extend((child, True) for child in reversed(part.parts))
            case Concept(kind="lora", name=name) if _NAME.fullmatch(name):
                strength = "" if part.weight is None else f", {number(part.weight)}"
                line.append(_Item(f"withLora({name}{strength})"))
            case Swap():
                settings = "".join(f", {name}={value}" if value else f", {name}" for name, value in part.settings)
                waiting.append((_Item(f"){settings})", glued=True), within))
                waiting.extend((child, True) for child in reversed(part.after))
                if _calls(line) and (quoted := _quoted(part.before, guard)):
                    line.append(_Item(f"{quoted}.swap((", glues=True))
                    continue
                waiting.append((_Item(").swap((", glued=True, glues=True), within))
                waiting.extend((child, True) for child in reversed(part.before))
                line.append(_Item("(", glues=True))
            case Concept(name=name):
                line.extend(_words(f"<{name}>", within, guard))
            case _:
                waiting.extend((child, within) for child in reversed(inner(part)))
    return _spaced(line, _blank(guard))


def _blank(guard: Guard) -> str:
    """What stands between two words."""
    return "\n" if guard in (Guard.LINE_ENDS, Guard.BOTH) else " "


def _calls(line: list[_Item]) -> bool:
    """Whether brackets would give the last words what they swap; quotes are a group as well."""
    return bool(line) and line[-1].text.endswith(_CALLS)


def _needs_quotes(weight: Weight, line: list[_Item]) -> bool:
    """Whether brackets would be swapped in by the words before them, or would have nothing but blanks inside."""
    return _calls(line) or (weight.parts != () and all(_is_blank(part) for part in weight.parts))


def _is_blank(part: Part) -> bool:
    return isinstance(part, Text) and not part.text.strip(" ")


def _quoted(parts: Parts, guard: Guard) -> str:
    """The parts between quotes, which mean what brackets mean; nothing where quotes stand inside already."""
    inside = _line(parts, guard, inside=True, in_quotes=True)
    if inside in ("", '""'):
        return '""'
    return "" if '"' in inside.replace('\\"', "") else '"' + _ended(inside.replace('"', '\\"')) + '"'


def _spaced(line: list[_Item], blank: str = " ") -> str:
    pieces: list[str] = []
    before = _Item("", glues=True)
    for item in line:
        # Compel puts a space behind a comma, except behind the second of two.
        is_comma_pair = item.text[0] == "," and len(item.text) > 1 and before.text.endswith(",")
        is_glued = item.glued and not before.text.endswith("\\")  # which would make a word of the bracket
        pieces.append(item.text if before.glues or is_glued or is_comma_pair else f"{blank}{item.text}")
        before = item
    return "".join(pieces)


def _words(text: str, inside: bool, guard: Guard) -> list[_Item]:
    if (_BARE_INSIDE if inside else _BARE).fullmatch(text):
        together = _blank(guard).join(filter(None, text.split(" ")))
        return [_Item(together or '""')]
    words = [_deepened(word) for word in text.split(" ") if word]
    return [_Item(_inside(word) if inside else _outside(word, guard)) for word in words] or [_Item('""')]


def _deepened(word: str) -> str:
    """A word with two backslashes more before a bracket that has one, for Compel takes two away."""
    return _BACKSLASHES.sub(r"\g<0>\\\\", word) if "\\" in word else word


def _inside(word: str) -> str:
    """A word between parentheses; signs that would be read as a weight keep a backslash."""
    escaped = _SYNTAX.sub(r"\\\g<0>", word)
    return _UNREADABLE_INSIDE.sub(r"\\\g<0>", escaped)


def _outside(word: str, guard: Guard) -> str:
    """A word at the top, where only what could begin a structure needs a backslash."""
    begins = guard is Guard.BRACKETS or word[0] in '("' or _STRUCTURE.search(word)
    if guard in (Guard.NOTHING, Guard.LINE_ENDS) or not begins:
        return word
    # With a bracket escaped, the sign behind it may be a weight; an unclosed bracket is text as well.
    tries = (signs.sub(r"\\\g<0>", word) for signs in (_SYNTAX, _OPENING, _CLOSING, _SIGNED_BRACKET))
    return next((each for each in tries if not _SIGNED.match(each)), word)


def _raised_word(weight: Weight) -> str | None:
    """`word++` for a single plain word, None for anything else."""
    sign = suffix(weight)
    if len(weight.parts) != 1 or not sign or sign[0] not in "+-":
        return None
    part = weight.parts[0]
    if not isinstance(part, Text):
        return None
    word = part.text.removeprefix(" ")
    return word + sign if _WORD.fullmatch(word) else None


def suffix(weight: Weight) -> str:
    """What stands behind a group: `++`, a number, or nothing where nothing was written."""
    if weight.factor == 1.0 and weight.number is None:
        return ""
    for base, sign in ((1.1, "+"), (0.9, "-")):
        for times in range(1, MOST_SIGNS + 1):
            if weight.factor == base**times:
                return sign * times
    return number(weight.factor)


def number(value: float) -> str:
    """A number that Compel reads, without exponent; it has no sign for a group that counts negatively."""
    return decimal(value) if isfinite(value) else "1"
