"""A property that does not hold."""

from __future__ import annotations


class Broken(AssertionError):
    """What did not hold, in words that are the same for every input, and what was seen instead."""

    def __init__(self, law: str, seen: object) -> None:
        super().__init__(law, seen)
        self.law = law

    def __str__(self) -> str:
        return f"{self.law}: {self.args[1]!r}"


def hold(law: str, *, seen: object, is_true: bool) -> None:
    """Raise `Broken` where a law does not hold."""
    if not is_true:
        raise Broken(law, seen)


def hold_lines(law: str, *said: str) -> None:
    """Raise `Broken` where one of the texts is more than a line that can be printed."""
    for each in said:
        hold(law, seen=each, is_true=len(each.splitlines()) <= 1 and each.isprintable())
