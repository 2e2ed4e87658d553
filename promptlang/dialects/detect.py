"""Whether a prompt was plainly written for another program; a pure look at the text, with few false alarms.

The clues stand in the rows of the dialects. `C++`, `DPM++`, `--ar 16:9` and shouted words are no clues.
"""

from __future__ import annotations

import re
from functools import lru_cache

from promptlang.source import Passage, Span
from promptlang.tables.dialects import DIALECTS
from promptlang.values import dataclass


@dataclass(frozen=True, slots=True)
class Detection:
    """The dialect that a text was plainly written for, and the first place that shows it."""

    dialect: str
    span: Span
    written: str
    says: str


CLUES = tuple(
    sorted(((clue, row.name) for row in DIALECTS.values() for clue in row.clues), key=lambda each: each[0].doubt)
)
"""Every clue with the dialect it speaks for, in the order of certainty: the first one that is found decides."""


def detect(passage: Passage) -> Detection | None:
    """The dialect a prompt without `/parser` was plainly written for, if any."""
    found = _first(passage.text)
    if found is None:
        return None
    number, start, end = found
    clue, dialect = CLUES[number]
    return Detection(dialect, passage.span(start, end), passage.text[start:end], clue.says)


@lru_cache(maxsize=64)
def _first(text: str) -> tuple[int, int, int] | None:
    """The number of the clue that decides, and where it is found; many options are tried beside the same words."""
    for number, (clue, _) in enumerate(CLUES):
        end = _last_small_letter(text) if clue.in_prose else len(text)
        if found := re.compile(clue.pattern).search(text, 0, end):
            start = found.start() + len(found[0]) - len(found[0].lstrip())
            return number, start, found.end() - (len(found[0]) - len(found[0].rstrip()))
    return None


def _last_small_letter(text: str) -> int:
    """The offset of the last small letter of the alphabet; 0 without one."""
    return next((at for at in range(len(text) - 1, 0, -1) if "a" <= text[at] <= "z"), 0)
