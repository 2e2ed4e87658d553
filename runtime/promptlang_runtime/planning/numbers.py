"""Numbers for pictures, in the order of their file whatever order they are drawn in."""

from __future__ import annotations

from collections.abc import Iterator, Sequence, Set


def numbers(known: Sequence[int | None], taken: Set[int]) -> Iterator[int]:
    """A number for every picture of a file: its own where it lies there already, else one that is free.

    That is the next one after its predecessor's, so what an earlier run did not draw comes where it had its place.
    Where nothing of the file lies there they follow all that are `taken`.
    """
    ahead = {number: number + 1 for number in taken}
    last = next((number - place - 1 for place, number in enumerate(known) if number is not None), None)
    last = max(taken, default=0) if last is None else max(last, 0)
    for number in known:
        if number is None:
            last = _free(last + 1, ahead)
            ahead[last] = last + 1
        else:
            last = number
        yield last


def _free(number: int, ahead: dict[int, int]) -> int:
    """The first free number from this one on; what was passed leads straight there from now on."""
    passed: list[int] = []
    while number in ahead:
        passed.append(number)
        number = ahead[number]
    ahead.update(dict.fromkeys(passed, number))
    return number
