"""Conversion: the same words with the same weights in another dialect, and a word on everything else."""

from __future__ import annotations

import pytest

from promptlang.dialects.convert import convert
from promptlang.dialects.dialect import dialect
from promptlang.source import Passage


def converted(text: str, source: str, target: str) -> tuple[str, str, list[str]]:
    found = convert(dialect(source).parse(Passage(text)), target)
    return found.positive, found.negative, [loss.message for loss in found.losses]


@pytest.mark.parametrize(
    ("text", "source", "target", "expected"),
    [
        ("a (red:1.3) hat", "new", "comfy", "a (red:1.3) hat"),
        ("a (red:1.3) hat", "new", "compel", "a (red)1.3 hat"),
        ("a (red hat)++ coat", "compel", "a1111", "a (red hat:1.2100000000000002) coat"),
        ("(a (red:1.5):1.2)", "comfy", "a1111", "(a:1.2) (red:1.5)"),
        ("((a:1.2))", "a1111", "comfy", "(a:1.32)"),
        ("a \\(red\\) hat", "a1111", "compel", "a \\(red\\) hat"),
        ("a <lora:hat:0.5>", "a1111", "compel", "a withLora(hat, 0.5)"),
        ("[x] (y)", "a1111", "new", "(x:0.9090909090909091) (y)"),
    ],
)
def test_weights_are_kept(text: str, source: str, target: str, expected: str) -> None:
    """Every word counts as much as before, and nothing is lost."""
    assert converted(text, source, target) == (expected, "", [])


@pytest.mark.parametrize("target", ["a1111", "comfy", "compel"])
def test_negatives_move_to_their_own_prompt(target: str) -> None:
    """Square brackets of `/parser:new` become the negative prompt."""
    positive, negative, losses = converted("a cat [blurry]", "new", target)
    assert (positive, negative, losses) == ("a cat", "blurry", [])


@pytest.mark.parametrize(
    ("text", "source", "target", "message"),
    [
        ("[a:b:0.5]", "a1111", "new", "`/parser:new` has no steps, the later words are kept"),
        ("[a|b]", "a1111", "comfy", "ComfyUI cannot alternate, the first choice is kept"),
        ("a BREAK b", "a1111", "compel", "Compel cannot end a chunk by hand, left out"),
        ("a c++ book", "a1111", "compel", "Compel reads the signs of `c++` as a weight"),
        ("a cat.swap(dog)", "compel", "a1111", "A1111 cannot swap, the words that are drawn first are kept"),
        ("(a:-1)", "a1111", "compel", "Compel has no weight -1, the words count 1"),
        ("(a:1.3)", "a1111", "old", "the old parser knows no numbers, the words count 1 instead of 1.3"),
        ("a <lora:hat:1>", "a1111", "comfy", "ComfyUI calls no network in the prompt, `hat` is left out"),
    ],
)
def test_losses_are_reported(text: str, source: str, target: str, message: str) -> None:
    """What the other dialect cannot say is said."""
    assert message in converted(text, source, target)[2]
