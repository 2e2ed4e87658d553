"""The tree as text of stable-diffusion-webui; reading it again gives the same weights, schedules and branches."""

from __future__ import annotations

import re

from promptlang.dialects.a1111.cuts import found
from promptlang.dialects.a1111.nodes import ROUND, SQUARE
from promptlang.dialects.dialect import decimal
from promptlang.syntax.nodes import (
    Alternation,
    Blend,
    Branch,
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
    walk,
)
from promptlang.values import dataclass, replace

_SIGNS = re.compile(r"[()\[\]\\#]")
# The program drops a backslash before any other character, so one hides a word or a call from it.
_WORDS = re.compile(r"(?<=\bBREA)K\b|(?<=\bAN)D\b|(?<=<)(?=\w+:(?P<inside>[^>]))")
_OPEN_CALL = re.compile(r"(?<=<)(?=\w+:)")  # which something behind the words might close
_OPEN_TAG = re.compile(r"(?<=<)(?=\w+(?::|\Z))")
_CALL = r"<\w+:[^<>]+>"  # which is cut out before a number is looked for; with a `<` inside it would be slow to find
_WORD_FIRST = rf"(?:{_CALL})*+\w"
_NUMBER = rf"(?:\s|{_CALL})*+[-+]?(?:{_CALL})*+[.\d](?:[.\d]|{_CALL})*+"
_NUMBER_AT_END = re.compile(rf"(:(?:{_CALL})*)(?={_NUMBER}(?:\s|{_CALL})*+\Z)")
_BREAK = re.compile(rf"{_CALL}|(?:(?<!\s)\s++)?+(?<!\w)BREAK\b\s*+")
_STEP_AT_END = re.compile(rf":(?={_NUMBER}(?:[eE][-+]?(?:\d|{_CALL})+)?(?:\s|{_CALL})*+\Z)")

_PLAIN_COLON = r"\\:"


def write(parts: Parts) -> str:
    """The parts as a prompt."""
    text = _written(parts, opens_none=False)
    if "<" in text and [text[call.start : call.end] for call in found(text)] != [
        _concept(node) for node in walk(parts) if isinstance(node, Concept)
    ]:
        return _written(parts, opens_none=True)  # the words of several parts together begin one
    return text


def _written(parts: Parts, *, opens_none: bool) -> str:
    if len(parts) == 1 and isinstance(parts[0], Conjunction):
        return _conjunction(parts[0], opens_none=opens_none)
    return _side(parts, opens_none=opens_none)


def plain(text: str) -> tuple[str, ...]:
    """Spellings of plain words: as they stand beside other words, and as they stand among schedules."""
    return tuple(_OPEN_CALL.sub(r"\\", _ended(_Writer(among).text(text))) for among in (False, True))


def _hidden(text: str) -> str:
    """The text with a backslash in words and calls; what nothing closes is no call."""
    end = text.rfind(">")
    return _WORDS.sub(lambda found: found[0] if found.start("inside") > end else f"\\{found[0]}", text)


def _scheduling(parts: Parts) -> bool:
    return any(isinstance(node, Schedule | Alternation) for node in walk(parts))


def _conjunction(node: Conjunction, *, opens_none: bool) -> str:
    text, *others = (_branch(branch, opens_none=opens_none) for branch in node.branches)
    for other in others:
        text = f"{text} AND{' ' if re.match(_WORD_FIRST, other) else ''}{other}"
    return text


def _branch(branch: Branch, *, opens_none: bool) -> str:
    text = _side(branch.parts, opens_none=opens_none)
    if branch.weight == 1.0 and branch.number is None:
        return text
    return f"{text} :{decimal(branch.weight)}"


def _side(parts: Parts, *, opens_none: bool) -> str:
    """One branch without blanks at its end, which the program strips, nor around a BREAK, which it drops."""
    text = _Writer(_scheduling(parts), opens_none=opens_none).written(parts)
    return _ended(_BREAK.sub(_apart, text)).rstrip()


def _apart(match: re.Match[str]) -> str:
    return match[0] if match[0].startswith("<") else " BREAK "


def _ended(text: str) -> str:
    """The text of a branch, with a number at its end kept from being its weight."""
    return _NUMBER_AT_END.sub(r"\1\\", text)


@dataclass(frozen=True, slots=True)
class _Writer:
    """Where the writing stands: between schedules a bare colon or bar would be theirs, between brackets a bar."""

    scheduling: bool
    in_square: bool = False
    in_group: bool = False
    opens_none: bool = False

    def written(self, parts: Parts) -> str:
        return "".join(map(self.part, parts))

    def part(self, part: Part) -> str:
        match part:
            case Text(text=text):
                return self.text(text)
            case Weight(parts=(Text(text="BREAK"),), factor=-1.0) if self.in_group:
                return " BREAK "
            case Weight(parts=parts, factor=factor):
                return self.square(parts) if factor == SQUARE else self.round(parts, factor)
            case Negative(parts=parts):
                return self.square(parts)
            case Concept():
                return _concept(part)
            case Break():
                return " BREAK "
            case Schedule(before=before, after=after, when=when):
                first = f"{self.written(before)}:" if before or not after else ""
                return f"[{first}{self.written(after)}:{when}]"
            case Alternation(choices=choices):
                return f"[{'|'.join(map(self.written, choices))}]"
            case Conjunction(branches=branches) | Blend(branches=branches):
                return ", ".join(self.written(branch.parts) for branch in branches)
            case Swap(before=before):
                return self.written(before)

    def text(self, text: str) -> str:
        """Plain words; the program drops the backslash before a colon or bar when it reads emphasis."""
        text = _hidden(_SIGNS.sub(r"\\\g<0>", text))
        text = _OPEN_TAG.sub(r"\\", text) if self.opens_none else text
        if self.scheduling:
            return re.sub("[:|]", r"\\\g<0>", text)
        return text.replace("|", "\\|") if self.in_square else text

    def square(self, parts: Parts) -> str:
        inside = replace(self, in_square=True, in_group=True).written(parts)
        return f"[{inside}]" if self.scheduling else f"[{_STEP_AT_END.sub(_PLAIN_COLON, inside)}]"

    def round(self, parts: Parts, factor: float) -> str:
        inside = replace(self, in_group=True).written(parts)
        return f"({_ended(inside)})" if factor == ROUND else f"({inside}:{decimal(factor)})"


def _concept(node: Concept) -> str:
    kind = node.kind or "lora"
    arguments = node.arguments or (() if node.weight is None else (decimal(node.weight),))
    return f"<{':'.join((kind, node.name, *arguments))}>"
