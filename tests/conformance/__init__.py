"""Our answers beside those of the dialects' own code, file by file of recorded vectors.

A module here offers `ANSWERS`, from file name to the function that answers a row, and `DIFFERENCES`, the kinds of rows
where we answer otherwise on purpose.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

Row = Mapping[str, object]
Answer = Callable[[Row], object]

NOT_OURS = object()  # the answer to a row about something else than prompts; such a row is not counted


@dataclass(frozen=True, slots=True)
class Difference:
    """A kind of row where our answer is another on purpose; `fits` recognises it by the row and our answer."""

    name: str
    files: frozenset[str]
    reason: str
    fits: Callable[[Row, object], bool]


def plain(value: object) -> object:
    """A value as the vectors write it: lists for tuples, words for numbers that JSON lacks."""
    match value:
        case tuple() | list():
            return [plain(item) for item in value]
        case dict():
            return {key: plain(item) for key, item in value.items()}
        case float() if value != value:
            return "NaN"
        case float() if value in {float("inf"), float("-inf")}:
            return "Infinity" if value > 0 else "-Infinity"
        case _:
            return value


def is_error(row: Row) -> bool:
    """Whether the owner's code raised."""
    expected = row["expected"]
    return isinstance(expected, dict) and "error" in expected
