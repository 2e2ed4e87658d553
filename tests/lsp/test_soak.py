"""A few minutes of the soak that `python -m benchmarks.soak` runs for an hour."""

from __future__ import annotations

import random

import pytest
from edits import offset
from hypothesis import given, settings
from hypothesis import strategies as st
from typist import Typist

from benchmarks.soak import Soak, Soaked, slope
from tests.thorough import many


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_a_minute_of_typing(encoding: str) -> None:
    soaked = Soak(5, encoding).run(1)
    assert soaked.faults == []
    assert (soaked.edits, len(soaked.memory)) == (300, 1)


def test_a_text_that_differs_is_a_fault() -> None:
    soak = Soak(5, "utf-16")
    soak.typist.text += "never sent"
    soak.step()
    soak.client.close()
    assert soak.found.faults[0] == "the texts differ after edit 1"


def test_an_empty_text_is_a_text() -> None:
    soak = Soak(5, "utf-16")
    soak.typist.rewritten = lambda: [soak.typist.replaced(0, len(soak.typist.text), "")]  # type: ignore[method-assign]
    soak.typist.changes = soak.typist.rewritten  # type: ignore[method-assign]
    soak.step()
    soak.client.close()
    assert soak.found.faults == []


def test_growth_is_the_line_through_the_second_half() -> None:
    assert slope([1.0, 3.0, 5.0]) == 2.0
    assert Soaked(memory=[10.0, 90.0, 50.0, 50.0, 50.0, 50.0]).growth() == 0.0
    assert Soaked(memory=[50.0, 50.0, 50.0, 51.0, 52.0, 53.0]).growth() == 2.0


@settings(max_examples=many(20))
@given(st.integers(0, 2**32), st.sampled_from(("utf-8", "utf-16", "utf-32")))
def test_the_typist_sends_what_it_does(seed: int, encoding: str) -> None:
    typist = Typist(random.Random(seed), encoding)
    text = typist.text
    for _ in range(60):
        for change in typist.changes():
            text = changed(text, change, encoding)
        assert text == typist.text


def changed(text: str, change: dict[str, object], encoding: str) -> str:
    """The text after a change, made the slow way."""
    if "range" not in change:
        return str(change["text"])
    ends = [change["range"][name] for name in ("start", "end")]  # type: ignore[index]
    start, end = sorted(offset(text, each["line"], each["character"], encoding) for each in ends)
    return text[:start] + str(change["text"]) + text[end:]
