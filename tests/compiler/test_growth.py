"""Twice the text is twice the work, whatever it is made of: counted in calls, which no busy machine makes more of."""

from __future__ import annotations

import sys

import pytest

from benchmarks.check import fresh
from benchmarks.constructs import Construct, whole
from benchmarks.texts import STATEMENTS
from promptlang.checks.checking import check
from promptlang.statements.recipes import MOST_RECIPES

SHORTEST = 200
MOST = 2 * 1.25
FROM = {
    "sweeps of weights": 2_000,  # until as many texts are looked at as may be
    "negatives": 1_500,  # one fix takes up to a hundred marks away, each with a look at what is left
    **dict.fromkeys((name for name in STATEMENTS if "recipes" in name), 600),  # until as many call one another as may
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


def test_many_recipes_are_counted_before_they_are_written_out() -> None:
    recipes = "".join(f"/recipe #r{number} a\n" for number in range(MOST_RECIPES + 1))
    uses = [f"#r{number} " for number in range(MOST_RECIPES + 1)]
    assert check(f"{recipes}/render {''.join(uses[1:])}") == ()
    found = check(f"{recipes}/render {''.join(uses)}")
    assert {each.message for each in found[1:2]} == {
        "the recipe `#r1` is one of more than 200 that this statement leads to"
    }
    assert len(found) == len(uses)


@pytest.mark.parametrize("name", sorted(STATEMENTS))
def test_growth(name: str) -> None:
    construct = Construct(name, "prompt file", STATEMENTS[name], whole)
    size = FROM.get(name, SHORTEST)
    calls(construct, SHORTEST)  # what is loaded and read when first used
    first, second, third = (calls(construct, size * times) for times in (1, 2, 4))
    assert third - second <= MOST * (second - first) + 200
