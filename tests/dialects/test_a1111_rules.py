"""The warnings of the stable-diffusion-webui dialect: each fires, stays silent near by, and its fix helps."""

from __future__ import annotations

import pytest

from promptlang.dialects.a1111.dialect import parse, parse_negative
from promptlang.dialects.a1111.rules import RULES
from promptlang.source import Passage


def names(text: str) -> list[str]:
    return [found.rule.name.removeprefix("a1111/") for found in parse(Passage(text)).diagnostics]


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.name)
def test_the_example_of_a_rule_fires_it(rule) -> None:
    """The rule's own example has that one cause and no other."""
    text, mark, below = rule.example.removeprefix("/render /parser:a1111 ").partition(" /negative ")
    said = [each.rule for each in parse_negative(Passage(below)).diagnostics] if mark else []
    assert [*names(text), *(each.name.removeprefix("a1111/") for each in said)] == [rule.name.removeprefix("a1111/")]


@pytest.mark.parametrize(
    "text",
    [
        "a cow \\| [red:blue:0.5] grass",
        "a cow | grass",
        "a cow, ratio 16:9, wide",
        "a cow :1.2 AND grass",
        "(a cow) BREAK (a meadow)",
        "a (cow:1.23)",
        "a (cow:1e3)",
        "a [cow:0.5] [cow:5]",
        "a [cow:horse:1]",
        "a cow: 1.2 m",
        "a \\(cow\\)",
        "[(a red) cow]",
        "(a cow) AND (a horse)",
        "<lora:fur:1> [cow:0.5] <lora:grass:te=1:unet=0.5> <hypernet:x:1>",
        "(" * 100 + "cow" + ")" * 100,
    ],
)
def test_near_misses_are_silent(text: str) -> None:
    """What the program reads as meant needs no word."""
    assert names(text) == []


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a cow | [red:blue:0.5] grass", "a cow \\| [red:blue:0.5] grass"),
        ("ratio 16:9", "ratio 16:9,"),
        ("a [cow:1.2]", "a (cow:1.2)"),
        ("a [cow:horse:1.0]", "a [cow:horse:1]"),
        ("a [cow:horse:5e-1]", "a [cow:horse:0.5]"),
        ("(cow\\:1.2)", "(cow:\\1.2)"),
        ("C:\\cows", "C:\\\\cows"),
        ("a (cow", "a \\(cow"),
        ("a cow]", "a cow\\]"),
        ("a <fur:red>cow", "a cow"),
    ],
)
def test_fixes(text: str, expected: str) -> None:
    """Applying the fix gives a text in which the warning is gone."""
    (found,) = parse(Passage(text)).diagnostics
    (fix,) = found.fixes
    for edit in sorted(fix.edits, key=lambda edit: edit.span, reverse=True):
        text = text[: edit.span.start] + edit.text + text[edit.span.end :]
    assert text == expected
    assert found.rule.name.removeprefix("a1111/") not in names(text)


def test_one_cause_is_said_once() -> None:
    """An `AND` that cuts a pair is one finding, and many stray brackets are not a flood."""
    assert names("((a AND b:1.2):1.1)") == ["and-inside-brackets"] * 2
    assert len(names(")" * 1000)) == 20


def test_findings_point_at_the_source() -> None:
    """Spans count in the source even where networks were cut out before them."""
    text = "<lora:x:1> a <lora:y:1> (cow"
    (found,) = parse(Passage(text)).diagnostics
    assert text[found.label.span.start : found.label.span.end] == "("
