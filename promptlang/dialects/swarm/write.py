"""A tree as SwarmUI text: tags for what changes and is called, and ComfyUI's brackets for weights."""

from __future__ import annotations

import re
from collections.abc import Iterator

from promptlang.dialects.comfy.write import number
from promptlang.dialects.comfy.write import write as write_comfy
from promptlang.source import Span
from promptlang.syntax.nodes import (
    Alternation,
    Blend,
    Break,
    Concept,
    Conjunction,
    Negative,
    Part,
    Parts,
    Schedule,
    Swap,
    Text,
    Weight,
    inner,
)
from promptlang.values import replace

_HOLE = "\ufdd0"
_SQUARE = re.compile(r"[\[\]]")
_NOWHERE = Span(0, 0)


def write(parts: Parts) -> str:
    """The parts as a prompt; what the dialect cannot say is the words it is about."""
    tags: list[str] = []
    text = write_comfy(tuple(_without_tags(parts, tags)))
    pieces = text.split(_HOLE)
    filled = [pieces[0]]
    for tag, piece in zip(tags, pieces[1:], strict=True):
        filled += (tag, piece)
    return "".join(filled)


def plain(text: str) -> tuple[str, ...]:
    """Spellings of plain words; a tag has none."""
    return (write((Text(_NOWHERE, text),)),)


def _without_tags(parts: Parts, tags: list[str]) -> Iterator[Part]:
    """The parts as ComfyUI can say them, with a hole for each tag."""
    for part in parts:
        match part:
            case Text(text=text):
                written = _SQUARE.sub(r"\\\g<0>", text.replace(_HOLE, "\ufffd"))
                yield part if written == text else replace(part, text=written)
            case Weight():
                yield replace(part, parts=tuple(_without_tags(part.parts, tags)))
            case Negative():
                continue
            case Concept() | Break() | Schedule() | Alternation():
                tags.append(_tag(part))
                yield Text(part.span, _HOLE)
            case Swap() | Blend() | Conjunction():
                inside = tuple(child for child in inner(part) if isinstance(child, Part))
                yield from _without_tags(inside, tags)


def _tag(part: Concept | Break | Schedule | Alternation) -> str:
    match part:
        case Concept(kind="embedding", name=name):
            return f"<embed:{name}>"
        case Concept(name=name, arguments=arguments, loads=False):
            return f"<lora:{':'.join((name, *arguments))}>"
        case Concept(name=name, weight=weight):
            named = dict(each.split("=", 1) for each in part.arguments if "=" in each)
            if "te" in named and "unet" in named:
                return f"<lora:{name}:{named['unet']}:{named['te']}>"
            plain = [each for each in part.arguments if "=" not in each]
            if len(plain) > 1:  # webui names the text encoder first
                return f"<lora:{name}:{plain[1]}:{plain[0]}>"
            return f"<lora:{name}>" if weight is None else f"<lora:{name}:{number(weight)}>"
        case Break():
            return "<break>"
        case Schedule(before=before, after=after, when=when):
            return f"<fromto[{when}]:{_values((before, after))}>"
        case Alternation(choices=choices):
            return f"<alternate:{_values(choices)}>"


def _values(choices: tuple[Parts, ...]) -> str:
    """Values in a tag, parted by a sign that none of them holds."""
    texts = [write(each) for each in choices]
    whole = "".join(texts)
    if "|" in whole:
        separator = " || "
    elif "," in whole:
        separator = " | "
    else:
        separator = ", "
    return separator.join(text.strip() for text in texts)
