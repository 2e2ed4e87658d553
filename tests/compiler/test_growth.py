"""Twice the text is twice the work, whatever it is made of: counted in calls, which no busy machine makes more of."""

from __future__ import annotations

from cProfile import Profile

import pytest

from benchmarks.check import fresh
from benchmarks.constructs import Construct, whole
from benchmarks.texts import STATEMENTS
from promptlang.checks.checking import check
from promptlang.checks.sifting import drawn
from promptlang.statements.recipes import MOST_RECIPES

SHORTEST = 200
MOST = 2 * 1.25
FROM = {
    "negatives": 1_500,  # one fix takes up to a hundred marks away, each with a look at what is left
    **dict.fromkeys((name for name in STATEMENTS if "recipes" in name), 600),  # until as many call one another as may
}


def calls(construct: Construct, size: int) -> int:
    """How often a function is called, or a generator resumed, for a text of that size."""
    text = construct.made(size)
    fresh()
    with Profile(subcalls=False, builtins=False) as counter:
        construct.work(text)
    return sum(each.callcount for each in counter.getstats())


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
def test_growth(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(drawn, "_MOST_LETTERS", 50 * SHORTEST)  # as many texts are looked at as may be from the start
    construct = Construct(name, "prompt file", STATEMENTS[name], whole)
    size = FROM.get(name, SHORTEST)
    calls(construct, SHORTEST)  # what is loaded and read when first used
    first, second, third = (calls(construct, size * times) for times in (1, 2, 4))
    assert third - second <= MOST * (second - first) + 200
