"""Which words of a schedule are said to be shown by no step: exactly those that no call of the denoiser is given."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import count
from random import Random

import pytest

from promptlang.lowering.lower import compile
from promptlang.plans.plan import Plan
from promptlang.tables.samplers import sampler
from tests.thorough import many

NUMBERS = ("0.5", "0.2", "3", "0.9", "0.01", "0", "5", "30", "1.0")


def nested(random: Random, depth: int, words: Iterator[str]) -> str:
    """Schedules, alternations and weights inside each other; every word stands there once."""
    if not depth or random.random() < 0.35:
        return next(words)

    def inner() -> str:
        return nested(random, depth - 1, words)

    number = random.choice(NUMBERS)
    match random.randrange(5):
        case 0:
            return f"[{inner()}:{inner()}:{number}]"
        case 1:
            return f"[{inner()}::{number}]"
        case 2:
            return f"[{inner()}:{number}]"
        case 3:
            return f"[{'|'.join(inner() for _ in range(random.randint(2, 4)))}]"
        case _:
            return f"({inner()} {inner()}:1.2)"


def shown(plan: Plan) -> set[str]:
    """The words that a call is given."""
    row = sampler(plan.sampler)
    assert row
    segments = (
        next((each for each in branch.segments if call <= each.until), branch.segments[-1])
        for branch in plan.positive.branches
        for call in range(row.calls(plan.steps))
    )
    return {word for segment in segments for run in segment.runs for word in run.text.split()}


@pytest.mark.parametrize("method", ["k_euler", "heun"])
def test_words_without_a_step_are_said_and_no_others(method: str) -> None:
    random = Random(f"{method} switches")
    for _ in range(many(400)):
        words = (f"word{number}x" for number in count())
        text = " AND ".join(nested(random, 3, words) for _ in range(random.choice((1, 1, 1, 2))))
        steps = random.choice((1, 2, 3, 5, 8))
        text = f"/render /parser:a1111 /steps:{steps} /sampler:{method} a {text} on grass"
        found = compile(text)
        (plan,) = found.plans
        said = [each.label.span for each in found.diagnostics if each.rule.name.startswith(("switch/", "a1111/"))]
        drawn = shown(plan)
        assert said or drawn.issuperset(re.findall(r"word\d+x", text)), text
        for span in said:
            assert text[span.start : span.end] not in drawn, text
