"""Twice the text is twice the work, whatever it is made of: counted in calls, which no busy machine makes more of."""

from __future__ import annotations

import sys

import pytest

from benchmarks.check import fresh
from benchmarks.growth import STATEMENTS, Construct, whole

SHORTEST = 300
MOST = 2 * 1.25
STEEPER = {
    "negatives",  # one fix takes up to 100 marks away, each with a look at what is left; more of them get none
    "recipes in a row",  # each is written out with all below it, for findings of its own
}


def calls(construct: Construct, size: int) -> int:
    """How often a function is called, or a generator resumed, for a text of that size."""
    count = 0

    def counted(frame: object, event: str, argument: object) -> None:
        nonlocal count
        count += event == "call"

    text = construct.made(size)
    fresh()
    sys.setprofile(counted)
    try:
        construct.work(text)
    finally:
        sys.setprofile(None)
    return count


@pytest.mark.parametrize("name", sorted(STATEMENTS.keys() - STEEPER))
def test_growth(name: str) -> None:
    construct = Construct(name, STATEMENTS[name], whole)
    calls(construct, SHORTEST)  # what is loaded and read when first used
    first, second, third = (calls(construct, SHORTEST * times) for times in (1, 2, 4))
    assert third - second <= MOST * (second - first) + 200
