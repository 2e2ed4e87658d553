"""A tree as ComfyUI text; reading the result again means the same."""

from __future__ import annotations

from promptlang.syntax.nodes import Concept, Part, Parts, Text, Weight, inner

FACTOR = 1.1


def write(parts: Parts) -> str:
    """The parts as ComfyUI text; what the dialect cannot say is written without its syntax."""
    pieces: list[str] = []
    waiting: list[Part | str] = list(reversed(parts))
    while waiting:
        part = waiting.pop()
        match part:
            case str():
                pieces.append(part)
            case Text(text=text):
                pieces.append(escaped(text))
            case Concept(name=name, kind="embedding"):
                pieces.append(f"embedding:{escaped(name)}")
            case Weight():
                waiting.append(_closing(part))
                waiting.extend(reversed(part.parts))
                # a backslash would make the bracket a word
                pieces.append(" (" if pieces and pieces[-1].endswith("\\") else "(")
            case _:
                waiting.extend(child for child in reversed(inner(part)) if isinstance(child, Part))
    return "".join(pieces)


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
