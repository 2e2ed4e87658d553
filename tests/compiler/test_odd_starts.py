"""Texts that begin and end oddly, in every dialect: formatter and fixes keep them, and unsafe ones bring no error."""

from __future__ import annotations

import pytest

from promptlang.checks.review import review
from promptlang.diagnostics import Severity
from promptlang.fixes import fixed
from tests.fuzz.statements import fixed_safely, formatted_once

BODIES = (
    "a cow\r\n/negative b",
    "/parser:a1111 a \\(b [c:d:2] <lora:x y:1>",
    '/parser:compel "a \\"b" c++ (d)1.2',
    "/parser:new <a b:0.5> [x] (y:１.２)",
    "/recipe #r “q” $prompt\r\n/render #r a",
    '/render /swap:"a b"|"c \\" d" a b',
    '/remix /sampler:"Euler a" /image:"x \\\\ y.png" a',
    '/variants:all {a|"b\\|c"} __d__',
    "/parser:swarm <lora:a b:1> <random:x, y>",
    "/parser:novelai {a} 1.2::b:: -1::c::",
    "/parser:comfy embedding:a b (c\\):1.2)",
    "/set /seed:1\r\r\n/render a\x0bb\x85c\u2028/seed: 2,/steps:3",
)
STARTS = ("", "\ufeff", "\r\n", "\u200b", "---\n", "\t/", "\x0c", "# c\r\n")
ENDS = ("\r\n", " \\", "\x00")


@pytest.mark.parametrize("body", BODIES)
def test_whatever_stands_around_it_nothing_is_lost(body: str) -> None:
    for number, start in enumerate(STARTS):
        text = f"{start}{body}{ENDS[number % len(ENDS)]}"
        formatted_once(text)
        fixed_safely(text)
        result = fixed(text, review, unsafe=True)
        assert result.settled, text
        assert _errors(result.text) <= _errors(text), text


def _errors(text: str) -> set[str]:
    return {each.rule.name for each in review(text) if each.severity is Severity.ERROR}


def test_fixes_that_go_together_badly_are_applied_one_by_one() -> None:
    """What nobody sees before a command makes words of it, and of its name: with it gone nothing else is wrong."""
    text = "\u200b/recipe #dark by night\n/render a cow #dark"
    assert fixed(text, review, unsafe=True).text == text[1:]


def test_one_that_goes_badly_with_others_keeps_none_of_them_from_being_applied() -> None:
    ends = "\n".join(f"/render /steps:20 /clipskip:1.9 /parser:new {number} cows" for number in range(40))
    text = f"{ends}\n\u200b/recipe #dark by night\n/render a cow #dark"
    result = fixed(text, review, unsafe=True)
    assert result.settled
    assert _errors(result.text) == set()
    assert review(result.text) == ()
