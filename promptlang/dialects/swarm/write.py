"""A tree as SwarmUI text: tags for what changes and is called, and ComfyUI's brackets for weights."""

from __future__ import annotations

import re

from promptlang.dialects.comfy.write import number
from promptlang.dialects.comfy.write import write as write_comfy
from promptlang.source import Span
from promptlang.syntax.nodes import (
    Alternation,
    Break,
    Concept,
    Negative,
    Part,
    Parts,
    Schedule,
    Text,
    Weight,
    inner,
)
from promptlang.values import dataclass, replace

_HOLE = "\ufdd0"
_SQUARE = re.compile(r"[\[\]]")
_NOWHERE = Span(0, 0)


@dataclass(frozen=True, slots=True)
class _End:
    """Where a group ends."""

    group: Weight


def write(parts: Parts) -> str:
    """The parts as a prompt; what the dialect cannot say is the words it is about."""
    tags: list[str] = []
    text = write_comfy(_without_tags(parts, tags))
    pieces = text.split(_HOLE)
    filled = [pieces[0]]
    for tag, piece in zip(tags, pieces[1:], strict=True):
        filled += (tag, piece)
    return "".join(filled)


def plain(text: str) -> tuple[str, ...]:
    """Spellings of plain words; a tag has none."""
    return (write((Text(_NOWHERE, text),)),)


def _without_tags(parts: Parts, tags: list[str]) -> Parts:
    """The parts as ComfyUI can say them, with a hole for each tag; groups may nest as deep as they like."""
    groups: list[list[Part]] = [[]]  # what the groups that are open hold so far, the outermost first
    waiting: list[Part | _End] = list(reversed(parts))
    while waiting:
        match waiting.pop():
            case _End(group=group):
                inside = tuple(groups.pop())
                groups[-1].append(replace(group, parts=inside))
            case Text(text=text) as part:
                written = _SQUARE.sub(r"\\\g<0>", text.replace(_HOLE, "\ufffd"))
                groups[-1].append(part if written == text else replace(part, text=written))
            case Weight() as part:
                groups.append([])
                waiting += (_End(part), *reversed(part.parts))
            case Negative():
                continue
            case Concept() | Break() | Schedule() | Alternation() as part:
                tags.append(_tag(part))
                groups[-1].append(Text(part.span, _HOLE))
            case part:
                waiting += (child for child in reversed(inner(part)) if isinstance(child, Part))
    return tuple(groups[0])


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
