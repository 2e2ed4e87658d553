"""What was meant by a name with a value, words or a sign run on to it: `/guidance7`, `/negativ,`, `/render.`"""

from __future__ import annotations

import re
from collections.abc import Iterable

from promptlang.meaning.settings import read_points
from promptlang.suggest import distance, nearest
from promptlang.tables.commands import COMMANDS
from promptlang.tables.options.elsewhere import DRAWING, REDRAWING
from promptlang.tables.options.kinds import FilePath, Name, Words
from promptlang.tables.options.row import Option
from promptlang.tables.options.table import DECIDING, ELSEWHERE, OPTIONS
from promptlang.values import dataclass

_NUMBERED = r"(?i)(?P<name>[a-z][a-z_-]*?)[_-]?(?P<value>\d[\w.]*)"  # compiled where a name is unknown
_SHORTEST = 3  # letters of a word; fewer are a slip of the keyboard
_LONG, _LONGER = 5, 8  # letters of a name that is known with one slip, and with two


@dataclass(frozen=True, slots=True)
class RunOn:
    """An option, and how it is written so that all that ran on to its name is kept; without a value that it needs."""

    row: Option
    written: str


def command_meant(name: str) -> str | None:
    """The command that is written so where a line begins, with slips or in the words of a bot as well.

    Example: `command_meant("rendr")` and `command_meant("imagine")` are `"render"`.
    """
    word = name.lower()
    if word in COMMANDS:
        return word
    if word in REDRAWING:
        return "remix"
    if word in DRAWING:
        return "render"
    return _with_slips(word, (name for name, row in COMMANDS.items() if not row.hosted))


def option_meant(name: str) -> RunOn | None:
    """The option that a name with a sign behind it stands for: by itself, with slips, or with what ran on to it."""
    word = name.lower()
    row = OPTIONS.get(word)
    if row is None and len(name) >= _SHORTEST and (side := ELSEWHERE.get(word)) and side.decides == "side":
        row = side
    if row is None and (found := run_on(name)):
        return found
    if row is None and (numbered := re.fullmatch(_NUMBERED, word)):
        row = OPTIONS.get(numbered["name"]) or ELSEWHERE.get(numbered["name"])
        row = None if row is None or row.is_flag or isinstance(row.kind, FilePath | Name | Words) else row
    if row is None and (guess := _with_slips(word, OPTIONS)):
        row = OPTIONS[guess]
    return RunOn(row, f"/{row.name}") if row else None


def _with_slips(word: str, known: Iterable[str]) -> str | None:
    """The known name that a long word is, but for a slip or two."""
    guess = nearest(word, known) if len(word) >= _LONG else None
    slips = 2 if len(word) >= _LONGER else 1
    return guess if guess and distance(word, guess) <= slips and not loses_words(word, guess) else None


def run_on(name: str) -> RunOn | None:
    """The option that an unknown name begins with, where the rest of it is a value that counts, or negative words.

    Example: `run_on("steps30").written` is `"/steps:30"`, and `run_on("negativeblue").written` `"/negative blue"`.
    """
    side = DECIDING["side"]
    rest = name[len(side.name) :].lstrip("_-")
    if name.lower().startswith(side.name) and len(rest) >= _SHORTEST:
        return RunOn(side, f"/{side.name} {rest}")
    found = re.fullmatch(_NUMBERED, name)
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
