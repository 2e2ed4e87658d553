"""What completion items are made of: icons, and how well a name fits what is typed."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from typing import TypeAlias

from promptlang_lsp.protocol.words import Json

# An item on its way: `insertText` is what replaces the one range of its list.
Item: TypeAlias = "dict[str, Json]"

# kinds of the protocol: the icon
FUNCTION, FIELD, MODULE, PROPERTY, UNIT, VALUE, KEYWORD, SNIPPET, FILE, REFERENCE, FOLDER, MEMBER, CONSTANT, EVENT = (
    3, 5, 9, 10, 11, 12, 14, 15, 17, 18, 19, 20, 21, 23
)  # fmt: skip
CLASS, COLOUR, STRUCT = 7, 16, 22
RETRIGGER: Json = {"title": "Suggest", "command": "editor.action.triggerSuggest"}

EXACT, PREFIX, WORD, INSIDE, LETTERS = range(5)
NEVER = 9
_WORD_ENDS = "_-./( +"


@lru_cache(maxsize=8192)
def fit(typed: str, name: str) -> int:
    """How well a name fits: 0 is best, `NEVER` not at all. One letter must begin the name or a word in it."""
    typed, name = typed.lower(), name.lower()
    if typed == name:
        return EXACT
    if name.startswith(typed):
        return PREFIX
    if any(name[at - 1] in _WORD_ENDS for at in _places(typed, name)):
        return WORD
    if len(typed) < 2:
        return NEVER
    if typed in name:
        return INSIDE
    return LETTERS if _in_order(typed, name) else NEVER


def best_fit(typed: str, names: Iterable[str]) -> tuple[int, str]:
    """The name that fits best, and how well."""
    rank, _, name = min((fit(typed, name), order, name) for order, name in enumerate(names))
    return rank, name


def _places(typed: str, name: str) -> Iterable[int]:
    at = name.find(typed, 1)
    while at > 0:
        yield at
        at = name.find(typed, at + 1)


def _in_order(typed: str, name: str) -> bool:
    """Whether the letters stand in the name in order, the first one at the beginning of a word."""
    starts = [0, *(at + 1 for at, letter in enumerate(name) if letter in _WORD_ENDS)]
    for start in starts:
        letters = iter(name[start:])
        if name[start : start + 1] == typed[0] and all(letter in letters for letter in typed):
            return True
    return False
