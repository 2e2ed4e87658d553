"""Names of models here, found among those that a server has for the same."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from promptlang.models.evidence.records import printable
from promptlang.models.names import SLASHES, stem
from promptlang.sentences import listed
from promptlang.suggest import nearest

SHOWN = 5


def found(wanted: Sequence[str], known: Sequence[str]) -> str:
    """The server's own name for what is called by any of those wanted; empty where none, or more than one, is meant.

    A whole name counts before one without its ending, and that before one without its folders.
    """
    for spelled in _SPELLINGS:
        for name in filter(None, wanted):
            same = [each for each in known if spelled(each) == spelled(name)]
            if len(same) == 1:
                return same[0]
            if same:
                return ""
    return ""


def absent(what: str, name: str, known: Iterable[str]) -> tuple[str, str]:
    """That a server has no such thing, and what to write."""
    names = list(map(printable, known))
    message = f"has no {what} `{name[: len(_stem(name))]}`"
    if not names:
        return message, ""
    called = {_bare(each): each for each in names}  # endings are alike, and say nothing
    if near := nearest(_bare(name), called):
        return message, f"write `{called[near]}`"
    rest = f", … ({len(names)} in all)" if len(names) > SHOWN else ""
    return message, f"it has {listed([f'`{each}`' for each in names[:SHOWN]], 'and')}{rest}"


def _last(name: str) -> str:
    return SLASHES.split(name)[-1].lower()


def _bare(name: str) -> str:
    return _stem(_last(name))


def _as_it_is(name: str) -> str:
    return name


def _stem(name: str) -> str:
    return stem(name.lower())


_SPELLINGS: tuple[Callable[[str], str], ...] = (_as_it_is, str.lower, _stem, _last, _bare)
"""What of two names may differ, ever more of it."""
