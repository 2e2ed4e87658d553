"""The prompt dialects: each is one row here, one grammar under `grammars/` and one small module beside this file.

A row is loaded when its dialect is first used, so that a check reads only the grammar it needs.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from importlib import import_module

from promptlang.nodes import Parts, Prompt
from promptlang.source import Passage

WeightedText = tuple[tuple[str, float], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Dialect:
    """What a dialect gives the rest of the house.

    `parse` never fails: it returns a tree, and diagnostics inside it. `weights` is the reading of the dialect's owner:
    text and weight, in order. `write` prints parts back; reading the result again means the same.
    """

    name: str
    parse: Callable[[Passage], Prompt]
    weights: Callable[[Prompt], WeightedText]
    write: Callable[[Parts], str]


MODULES = {
    "old": "promptlang.dialects.old",
    "new": "promptlang.dialects.new",
    "a1111": "promptlang.dialects.a1111",
    "comfy": "promptlang.dialects.comfy",
    "compel": "promptlang.dialects.compel",
}


@cache
def dialect(name: str) -> Dialect:
    """The dialect of that name; `old` is the one without `/parser`."""
    return import_module(MODULES[name]).DIALECT
