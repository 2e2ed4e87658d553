"""Whether a prompt was plainly written for another program; a pure look at the text, with few false alarms.

Each clue is something that people hardly write in prose. `C++`, `DPM++`, `--ar 16:9` and shouted words are no clues.
"""

from __future__ import annotations

import re

from promptlang.source import Passage, Span
from promptlang.values import dataclass


@dataclass(frozen=True, slots=True)
class Clue:
    """What gives a dialect away, and the words for it."""

    dialect: str
    pattern: str
    says: str
    in_prose: bool = False  # whether small letters must follow: a shouted prompt is no clue


@dataclass(frozen=True, slots=True)
class Detection:
    """The dialect that a text was plainly written for, and the first place that shows it."""

    dialect: str
    span: Span
    written: str
    says: str


_SIGNS_END = r"(?=[\s,.;:!?)\]]|$)"

# In the order of certainty: the first clue that is found decides.
CLUES = (
    Clue("compel", r'["\w)]\s*\)\s*\.(?:blend|and|add)\s*\(', "joins prompts as Compel does"),
    Clue("compel", r"[\w)\"]\.swap\([^()]*\)", "swaps words as Compel does"),
    Clue("a1111", r"<(?:lora|lyco|hypernet):[^<>:]+(?::[^<>]*)?>", "calls a network as A1111 does"),
    Clue(
        "a1111",
        r"\[(?=[^\[\]]*[^\W\d])(?:[^\[\]:|<>]*:)?[^\[\]:|<>]*:\s*(?:\d+|\d*\.\d+)\s*\]",
        "changes words at a step as A1111 does",
    ),
    Clue("a1111", r"(?<![\w-])BREAK(?![\w-])(?!\s+[A-Z]{3})", "ends a chunk as A1111 does", in_prose=True),
    Clue(
        "a1111",
        r"(?<=[a-z0-9,.)\]>])\s+AND\s+(?=[a-z0-9(\[<])",
        "joins prompts as A1111 does",
    ),
    Clue("comfy", r"(?:^|(?<=[\s,(]))embedding:[\w.\-]+", "calls an embedding as ComfyUI does"),
    Clue(
        "compel",
        r"\([^()]*\)(?:\d\.\d+|\+{1,5}|-{1,5}(?!\w))" + _SIGNS_END,
        "weighs words as Compel does",
    ),
    Clue(
        "compel",
        r"(?<![\w+])(?!(?:[Cc]|[Gg]|DPM|[Nn]otepad|[Ll]ibstdc)\+)[A-Za-z]{2,}\+{2,5}" + _SIGNS_END,
        "weighs a word as Compel does",
    ),
)


def detect(passage: Passage) -> Detection | None:
    """The dialect a prompt without `/parser` was plainly written for, if any."""
    text = passage.text
    for clue in CLUES:
        end = _last_small_letter(text) if clue.in_prose else len(text)
        if found := re.compile(clue.pattern).search(text, 0, end):
            start = found.start() + len(found[0]) - len(found[0].lstrip())
            end = found.end() - (len(found[0]) - len(found[0].rstrip()))
            return Detection(clue.dialect, passage.span(start, end), text[start:end], clue.says)
    return None


def _last_small_letter(text: str) -> int:
    """The offset of the last small letter of the alphabet; 0 without one."""
    return next((at for at in range(len(text) - 1, 0, -1) if "a" <= text[at] <= "z"), 0)
