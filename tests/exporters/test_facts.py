"""What tells pictures apart, in words."""

from __future__ import annotations

import pytest

import promptlang
from promptlang.exporters.facts import points, told_apart


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("a {red|blue} cow on a {white|black} field", ["red, white", "red, black", "blue, white", "blue, black"]),
        ("<demo> a cow, {golden hour|night}, hay", ["golden hour", "night"]),
        ("a {|big} cow", ["a cow", "big"]),
        ("{a b|b a}", ["a b", "b a"]),  # `a` would be said of both
        ("/steps:5|9 a {red|dun} cow", ["red, steps 5", "red, steps 9", "dun, steps 5", "dun, steps 9"]),
        ("/steps:5|9 a cow", ["steps 5", "steps 9"]),
    ],
)  # fmt: skip
def test_variants_are_told_apart_by_the_words_that_others_do_not_have(text: str, told: list[str]) -> None:
    plans = promptlang.compile(f"/render /variants:all /parser:new /seed:1 {text}").plans
    assert [points(plan) for plan in told_apart(plans)] == told
