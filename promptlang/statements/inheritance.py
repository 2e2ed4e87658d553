"""Which dialect reads a statement: the one it names, that of a recipe it calls, or that of the last `/set` above.

Parsing and meaning ask here; what is read of a statement may be its scan or its tree.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache

from promptlang.statements.look_alikes import plain_value
from promptlang.statements.scan import Scan
from promptlang.syntax.nodes import Statement
from promptlang.tables.dialects import DEFAULT, fuller
from promptlang.tables.options.reading import read as read_value
from promptlang.tables.options.table import DECIDING

PARSER = DECIDING["dialect"]
Read = Scan | Statement
OfRecipe = Callable[[str], str | None]
"""The dialect that the last recipe of a lower-case name above the statement names, if it does."""


def dialect_of(read: Read, inherited: str) -> str:
    """The dialect of a statement where `inherited` holds; a recipe is read with all its weights."""
    if own := own_dialect(read):
        return own
    return fuller(inherited) if _is(read, "recipe") else inherited


def own_dialect(read: Read) -> str | None:
    """The dialect that the statement itself names."""
    for use in reversed(read.options):
        if use.name == PARSER.name and use.value and (named := _named(use.value)) is not None:
            return named
    return None


def called_dialect(read: Read, of_recipe: OfRecipe) -> str | None:
    """The dialect that a call brings along, the first one that does; recipes that call others take none over."""
    if _is(read, "recipe"):
        return None
    return next(filter(None, (of_recipe(use.name.lower()) for use in read.recipes)), None)


def dialect_below(read: Read, inherited: str) -> str:
    """The dialect that statements below inherit."""
    return own_dialect(read) or inherited if _is(read, "set") else inherited


def given_dialect(read: Read) -> tuple[str, str] | None:
    """Name and dialect of a recipe that brings one to the statements that call it."""
    own = own_dialect(read) if read.label else None
    return (read.label.name.lower(), own) if read.label and own else None


def _is(read: Read, name: str) -> bool:
    return read.command is not None and read.command.name == name


@lru_cache(maxsize=256)
def _named(value: str) -> str | None:
    """The name in the table for a written value of `/parser`; None where nothing is written but quotes.

    A misspelled name is said once, and not again for every weight.
    """
    if not (plain := plain_value(value)):
        return None
    found = read_value(PARSER.kind, PARSER.name, plain).value
    return found if isinstance(found, str) and found else fuller(DEFAULT)
