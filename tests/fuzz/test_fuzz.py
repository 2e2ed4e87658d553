"""A little of the fuzzing in every run: each seed once, and some texts of each grammar. `make fuzz` does more."""

from __future__ import annotations

import json
from random import Random

import pytest

from tests.fuzz.attempts import attempt, minimised
from tests.fuzz.broken import hold
from tests.fuzz.corpus import BROKEN, CHOSEN, seeds
from tests.fuzz.engine import blindly
from tests.fuzz.grammar import Grammar
from tests.fuzz.languages import FILES
from tests.fuzz.targets import TARGETS, Target

EXECUTIONS = 30  # of each target, its seeds besides
LARGEST = 48 * 1024  # bytes of all seeds


@pytest.fixture(params=TARGETS.values(), ids=list(TARGETS))
def target(request: pytest.FixtureRequest) -> Target:
    row = request.param
    for library in row.needs:
        pytest.importorskip(library)
    return row


def test_nothing_breaks(target: Target) -> None:
    """Whatever is found is a mistake of ours; mend its kind, and add the input to the golden cases or the seeds."""
    known = seeds(target.name)
    found = blindly(target, known, seconds=60, most=len(known) + EXECUTIONS, seed=1).failures.values()
    assert [minimised(target, failure) for failure in found] == []


def test_seeds_are_few_and_small() -> None:
    """One file a target, one text a line, none longer than the target takes."""
    files = [path for folder in (CHOSEN, BROKEN) for path in folder.glob("*")]
    assert {path.stem for path in files} <= TARGETS.keys()
    assert sum(path.stat().st_size for path in files) <= LARGEST
    for name, row in TARGETS.items():
        assert [text for text in seeds(name) if len(text) > row.longest] == []


def broken(text: str) -> None:
    hold("no text holds an x", seen=text, is_true="x" not in text)


def endless(text: str) -> None:
    while text:
        pass


def raising(text: str) -> None:
    json.loads(text)


def toy(*holds, allowed=()) -> Target:
    return Target(name="toy", grammar=Grammar({"file": ("cow", "xy")}), reads=str, holds=holds, allowed=allowed)


def test_a_broken_law_is_found_and_made_small() -> None:
    found = blindly(toy(broken), (), seconds=60, most=50).failures
    assert list(found) == ["no text holds an x"]
    assert minimised(toy(broken), found["no text holds an x"]).text == "x"


def test_an_exception_is_known_by_its_place_and_may_be_allowed() -> None:
    failure = attempt(toy(raising), "{")
    assert failure is not None
    assert failure.kind.startswith("JSONDecodeError in tests/fuzz/test_fuzz.py")
    fussy = Target(name="t", grammar=FILES, reads=json.loads, holds=(), allowed=(ValueError,))
    assert attempt(fussy, "{") is None


def test_an_input_that_takes_too_long_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tests.fuzz.attempts.LONGEST", 0.05)
    found = blindly(toy(endless), ("cow",), seconds=60, most=1).failures
    assert list(found) == ["TooLong"]


def test_every_grammar_comes_to_an_end() -> None:
    random = Random(0)
    for row in TARGETS.values():
        assert all(len(row.grammar.make(random, name)) < 100_000 for name in row.grammar.names for _ in range(9))
