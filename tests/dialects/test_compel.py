"""Compel's dialect: suffixes, lists, swaps, and the words that stay words."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from promptlang.dialects.compel.dialect import parse, weights, write
from promptlang.dialects.compel.flat import FlatBlend, Swapped, flattened
from promptlang.source import Passage
from promptlang.syntax.nodes import Blend, Conjunction, Swap
from tests.dialects.properties import assert_spans_nest, said, uncovered

WORDS = '( ) " + -- 1.2 a , . .swap( .blend(1,1) .and() \\( = withLora(x,0.5) ("a","b") .attend(2) \\ é'
PIECES = WORDS.split()
TEXTS = st.lists(st.sampled_from([*PIECES, "b ", " ", "\n"])).map("".join)


def answer(text: str) -> list[tuple[str, float]]:
    return list(weights(parse(Passage(text))))


def rules(text: str) -> list[str]:
    return [found.rule.name for found in parse(Passage(text)).diagnostics]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a mountain++ view", [("a", 1.0), ("mountain", 1.1**2), ("view", 1.0)]),
        ("dog-", [("dog", 0.9)]),
        ("(red hat)1.3, coat", [("red hat", 1.3), (", coat", 1.0)]),
        ("(red hat) 1.3", [("red hat 1.3", 1.0)]),
        ("well-known f/1.8+", [("well-known f/1.8+", 1.0)]),
        ('"red hat".attend(0.5)', [("red hat", 0.5)]),
        ("(a (b)1.5 c)1.2", [("a", 1.2), ("b", 1.5 * 1.2), ("c", 1.2)]),
        ("(cat:1.3)", [("cat:1 . 3", 1.0)]),
        ("a (b", [("a (b", 1.0)]),
        ("\\(a\\)+", [("(a)", 1.1)]),
        ("", [("", 1.0)]),
        ("a+\x0bb", [("a", 1.1), ("b", 1.0)]),
    ],
)
def test_weights(text: str, expected: list[tuple[str, float]]) -> None:
    """Each text reads as Compel reads it."""
    assert answer(text) == expected


def test_a_blend_keeps_its_weights() -> None:
    """A blend is the whole prompt."""
    (blend,) = parse(Passage('("a cat", "a dog+").blend(0.7, 0.3, no_normalize)')).parts
    assert isinstance(blend, Blend)
    assert ([branch.weight for branch in blend.branches], blend.normalized) == ([0.7, 0.3], False)
    (flat,) = flattened((blend,)).prompts
    assert isinstance(flat, FlatBlend)


def test_a_conjunction_of_three() -> None:
    """Weights are 1 where none are given."""
    (joined,) = parse(Passage('("a", "b", (c d)).and()')).parts
    assert isinstance(joined, Conjunction)
    assert [branch.weight for branch in joined.branches] == [1.0, 1.0, 1.0]


def test_a_swap_has_both_sides_and_settings() -> None:
    (swap,) = parse(Passage("(a cat).swap(a dog, shape_freedom=1, t_end=0.5)")).parts
    assert isinstance(swap, Swap)
    ((flat,),) = flattened((swap,)).prompts
    assert isinstance(flat, Swapped)
    assert flat.settings == (("shape_freedom", "1"), ("t_end", "0.5"))


def test_texts_carry_the_space_between_them() -> None:
    """Whoever joins the texts of a tree gets words, not run together."""
    assert "".join(text for text, _ in [("a", 1)]) == "a"
    found = parse(Passage("red+ hat")).parts
    assert [part.span.start for part in found] == [0, 5]
    assert write(found) == "red+ hat"


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("a (cat:1.3)", "compel/looks-like-a1111"),
        ("a (cat", "compel/unclosed"),
        ('("a", "b").blend(1, 1) c', "compel/text-beside-blend"),
        ('("a", "b").and() c', "compel/text-dropped"),
        ('("a", "b").blend(1)', "compel/weight-count"),
        ('("a", "b").blend(1, x)', "compel/unknown-setting"),
        ('("a.swap(b)", "b").blend(1, 1)', "compel/swap-in-blend"),
        ('((), "b").blend(1, 1)', "compel/empty-prompt"),
        ("a.swap(b, shape_freedom=x)", "compel/number-out-of-range"),
        ("a\x0bb", "compel/odd-space"),
        ('c ("a", "b").and()', "compel/call-not-read"),
        ('"a b".swap(c', "compel/call-not-read"),
        ("(a)1.2.5", "compel/weight-left-over"),
    ],
)
def test_rules(text: str, rule: str) -> None:
    """Where Compel raises, drops or reads words in silence, we say so."""
    assert rules(text) == [rule]


@pytest.mark.parametrize("text", ["(cat)1.3", "a \\(cat", '("a", "b").blend(1, 1)', "ratio 16:9", "--ar 16:9", "c-d"])
def test_near_misses_are_silent(text: str) -> None:
    """Good Compel text and plain prose need no words."""
    assert rules(text) == []


@given(TEXTS)
def test_any_text_is_read(text: str) -> None:
    """Spans nest, and every character but white space and what the owner drops lies in a node."""
    prompt = parse(Passage(text))
    assert_spans_nest(prompt, len(text))
    if "compel/text-dropped" not in [found.rule.name for found in prompt.diagnostics]:
        assert uncovered(prompt, text).strip(" \t\r\n\x0b\x0c") == ""


@pytest.mark.parametrize(
    "text",
    [
        'a (red "hat", (coat)+ tie)1.4 --dog 3.5, "x, y"-- end.',
        '(a cat).swap(("dog, big") (fat)1.2, s_end=0.3) in a withLora(foo, 0.5) hat',
        '("a (b)1.2, c", (d e)).blend(1, -0.5) withLora(foo)',
        "(((a+ b)1.1 c)- ())0.5",
        'well\\-known \\(a\\) b\\"c',
        'x+\\)"-- y+\\))+ \\(x+\\)"--',
        "a \\\\\\(b (c\\\\\\\\)) d",
        "x+\x0b-y\x0c+",
        'cow.swap w.swap(b) and cow.swap "a\\\\"".swap(b) "c" ""2',
        '(".2- withLora(o, 5) (").and()',
    ],
)
def test_printing_keeps_the_meaning(text: str) -> None:
    """Reading what was printed gives the owner's structure again."""
    parts = parse(Passage(text)).parts
    assert flattened(parse(Passage(write(parts))).parts) == flattened(parts)


@pytest.mark.parametrize(
    ("before", "middle", "after"),
    [
        ("(", "", ""),
        ("(", "a", ")"),
        ("((a ", "", ""),
        ("a.swap( ", "", ""),
        ("a.swap( ", "", " d ). "),
        ('"( ', "", ""),
        ('x" ( "a" ( "b" (', "", ""),
        ("useLora (", "a b", " c)1.2"),
    ],
)
def test_deep_brackets_cost_linear_time(before: str, middle: str, after: str) -> None:
    """Sixteen times the text takes far less than the square of that, and nothing recurses."""
    times: list[float] = []
    for size in (500, 8_000):
        prompt_text = before * size + middle + after * size
        started = time.process_time()
        prompt = parse(Passage(prompt_text))
        assert write(prompt.parts)
        assert weights(prompt)
        times.append(time.process_time() - started)
    assert times[1] < 80 * max(times[0], 0.02)


@pytest.mark.parametrize("text", ['("+").and()', '("+ a", "b").blend(1, 2)', '"()\\"', '("a\\").and()', '"a\\"++'])
def test_signs_and_backslashes_at_an_end_are_written_back(text: str) -> None:
    prompt = parse(Passage(text))
    assert said(parse(Passage(write(prompt.parts)))) == said(prompt)
