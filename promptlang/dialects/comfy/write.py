"""A tree as ComfyUI text; reading the result again means the same."""

from __future__ import annotations

import re

from promptlang.syntax.nodes import Concept, Part, Parts, Text, Weight, inner

FACTOR = 1.1
# Words that call; a colon that is set apart leaves the next `embedding:` at a start. Without a letter behind the last
# one, what follows may be one.
_CALLING = re.compile(r"(?<!\S)((?:embedding:)*)embedding:(?=\s*([^\s<\[])?)")
_ENDS_NAME = re.compile(r",*(?:[\s<\[]|(\Z))")


def write(parts: Parts) -> str:
    """The parts as ComfyUI text; what the dialect cannot say is written without its syntax."""
    pieces: list[str] = []
    counts = [1.0]  # of the groups that are open
    last: Part | None = None  # the neighbour that nothing parts from what comes
    waiting: list[Part | str] = list(reversed(parts))
    while waiting:
        part, before = waiting.pop(), last
        last = part if isinstance(part, Text | Concept) else None
        match part:
            case str():
                pieces.append(part)
                counts.pop()
            case Text(text=text):
                goes_on = bool(waiting) and isinstance(waiting[-1], Text | Concept)
                name = pieces[-1] if isinstance(before, Concept) else ""
                pieces.append(_words(text, counts[-1], name=name, goes_on=goes_on))
            case Concept(name=name, kind="embedding"):
                call = f"embedding:{escaped(name)}"
                if before is None or pieces[-1][-1:].isspace():
                    pieces.append(call)
                else:
                    pieces.append(_apart(call, counts[-1], behind=pieces[-1]))
                    last = None
            case Weight():
                closing = _closing(part)
                counts.append(part.factor if closing[1:] else counts[-1] * FACTOR)
                waiting.append(closing)
                waiting.extend(reversed(part.parts))
                pieces.append(_opening(pieces[-1] if pieces else ""))
            case _:
                waiting.extend(child for child in reversed(inner(part)) if isinstance(child, Part))
    return "".join(pieces)


def _words(text: str, count: float, *, name: str = "", goes_on: bool) -> str:
    """Words that call no embedding and are no part of the `name` before them; `goes_on` where others follow at once.

    A colon in a group of its own begins no name, and a letter in one belongs to none.
    """
    ends = _ENDS_NAME.match(text)
    if name and text and (ends is None or (ends[1] is not None and goes_on)):
        return _apart(escaped(text[0]), count, behind=name) + _words(text[1:], count, goes_on=goes_on)
    written = escaped(text)
    if "embedding:" not in written:
        return written
    apart = f"embedding{_apart(':', count)}"

    def set_apart(found: re.Match[str]) -> str:
        last = apart if found[2] or goes_on else "embedding:"
        return found[1].replace("embedding:", apart) + last

    return _CALLING.sub(set_apart, written)


def _apart(written: str, count: float, *, behind: str = "") -> str:
    """What is written in a group that counts no more than what is around it."""
    return f"{_opening(behind)}{written}:{number(count)})"


def _opening(behind: str) -> str:
    """The `(` of a group; a backslash would make a word of it."""
    return " (" if behind.endswith("\\") else "("


def escaped(text: str) -> str:
    """Text whose parentheses are read as text."""
    return text.replace("(", "\\(").replace(")", "\\)")


def plain(text: str) -> tuple[str, ...]:
    """The spelling of plain words."""
    return (escaped(text),)


def _closing(weight: Weight) -> str:
    """`)` with the number, where the group has one or would seem to have one."""
    if weight.number is not None or weight.factor != FACTOR or _seems_weighted(weight.parts):
        return f":{number(weight.factor)})"
    return ")"


def _seems_weighted(parts: Parts) -> bool:
    """Whether the text before the `)` would be read as a weight; a colon right behind the `(` is not."""
    last = parts[-1] if parts else None
    if isinstance(last, Text) and last.text.endswith("\\"):  # which would make the bracket a word
        return True
    if not isinstance(last, Text) or ":" not in last.text:
        return False
    before, _, digits = last.text.rpartition(":")
    try:
        float(digits)
    except ValueError:
        return False
    return bool(before) or len(parts) > 1


def number(value: float) -> str:
    """The shortest digits that read back as the same double."""
    return repr(value).removesuffix(".0")
