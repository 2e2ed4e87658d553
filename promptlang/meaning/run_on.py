"""What was meant by an option with its value, or the words behind it, run on to its name: `/guidance7`."""

from __future__ import annotations

import re

from promptlang.meaning.settings import read_points
from promptlang.suggest import nearest
from promptlang.tables.options.kinds import FilePath, Name, Words
from promptlang.tables.options.row import Option
from promptlang.tables.options.table import DECIDING, ELSEWHERE, OPTIONS
from promptlang.values import dataclass

_NUMBERED = re.compile(r"(?P<name>[a-z][a-z_-]*?)[_-]?(?P<value>\d[\w.]*)", re.IGNORECASE)
_SHORTEST = 3  # letters of a word; fewer are a slip of the keyboard


@dataclass(frozen=True, slots=True)
class RunOn:
    """An option, and how it is written so that all that ran on to its name is kept."""

    row: Option
    written: str


def run_on(name: str) -> RunOn | None:
    """The option that an unknown name begins with, where the rest of it is a value that counts, or negative words.

    Example: `run_on("steps30").written` is `"/steps:30"`, and `run_on("negativeblue").written` `"/negative blue"`.
    """
    side = DECIDING["side"]
    rest = name[len(side.name) :].lstrip("_-")
    if name.lower().startswith(side.name) and len(rest) >= _SHORTEST:
        return RunOn(side, f"/{side.name} {rest}")
    found = _NUMBERED.fullmatch(name)
    row = _called(found["name"].lower()) if found else None
    if found is None or row is None or row.is_flag or isinstance(row.kind, FilePath | Name | Words):
        return None
    if read_points(row.name, found["value"]).values is None:
        return None
    return RunOn(row, f"/{row.name}:{found['value']}")


def _called(name: str) -> Option | None:
    """The option of this name, by the word of another tool or with slips as well."""
    row = OPTIONS.get(name) or ELSEWHERE.get(name)
    guess = None if row else nearest(name, OPTIONS)
    return OPTIONS[guess] if guess else row


def loses_words(name: str, guess: str) -> bool:
    """Whether a known name lacks what an unknown one says: its digits, or a word behind the known name."""
    digits = re.sub(r"\D", "", name)
    rest = name[len(guess) :] if name.lower().startswith(guess.lower()) else ""
    return digits not in ("", re.sub(r"\D", "", guess)) or len(rest.lstrip("_-")) >= _SHORTEST
