"""What runs on to the name of an option, or stands behind it as a sign: no fix that spells it anew loses any of it."""

from __future__ import annotations

import re

import pytest

from promptlang.checks.review import review
from promptlang.fixes import applied
from promptlang.meaning.run_on import run_on
from promptlang.tables.options.table import DECIDING, OPTIONS

SPELLED = {"option/unknown", "option/not-read", f"{DECIDING['side'].name}/unexpected-value"}
WRITTEN = ("/{}7 red", "/{}7, red", "/{}3.5, red", "/{}blue red", "/{}blue, red", "/{}, red", "/{}. red", "/{},red")


def says(text: str) -> set[str]:
    """The words and numbers that the texts below are made of, wherever they stand."""
    return set(re.findall(r"cow|red|blue|7|3\.5", text))


@pytest.mark.parametrize("written", [*WRITTEN, "/{}7:8 red", f"/{DECIDING['side'].name}:blue, red /{{}}7"])
def test_a_fix_keeps_all_words_and_numbers(written: str) -> None:
    mended = 0
    for name in OPTIONS:
        text = f"/render a cow {written.format(name)}"
        for each in review(text):
            for fix in each.fixes if each.rule.name in SPELLED else ():
                mended += 1
                assert says(applied(text, fix.edits)) == says(text), (text, fix)
    assert mended or written == "/{}7:8 red"


@pytest.mark.parametrize(
    ("name", "written"),
    [
        ("guidance7", "/guidance:7"),
        ("cfg_scale7.5", "/guidance:7.5"),
        ("n4", "/images:4"),
        ("stepps30", "/steps:30"),
        ("negative-Blue", "/negative Blue"),
    ],
)
def test_what_ran_on_stands_behind_the_option(name: str, written: str) -> None:
    found = run_on(name)
    assert found is not None
    assert found.written == written


@pytest.mark.parametrize("name", ["image2", "landscape7", "negatively", "img2img", "cow"])
def test_what_is_no_value_of_it_is_none(name: str) -> None:
    assert run_on(name) is None
