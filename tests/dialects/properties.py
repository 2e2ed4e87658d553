"""What holds for the tree of every dialect."""

from __future__ import annotations

import re

from promptlang.plans.plan import Run
from promptlang.syntax.nodes import Branch, Part, Prompt, inner
from promptlang.syntax.weighing import Sides, sides
from promptlang.tables.dialects import DIALECTS

_WORD = re.compile(r"[^\W\d_]+|\d|_|[^\w\s]")  # CLIP reads every digit alone


def assert_spans_nest(prompt: Prompt, length: int) -> None:
    """Every node lies inside its parent and inside the text."""
    waiting: list[tuple[Part | Branch, int, int]] = [(part, 0, length) for part in prompt.parts]
    while waiting:
        node, start, end = waiting.pop()
        assert start <= node.span.start <= node.span.end <= end, (node, start, end)
        waiting.extend((child, node.span.start, node.span.end) for child in inner(node))


def uncovered(prompt: Prompt, text: str) -> str:
    """The characters of the text that lie in no node."""
    covered = bytearray(len(text))
    for part in prompt.parts:
        covered[part.span.start : part.span.end] = b"\1" * (part.span.end - part.span.start)
    return "".join(letter for letter, seen in zip(text, covered, strict=True) if not seen)


def said(prompt: Prompt) -> tuple[list[tuple[str, str]], list[str]]:
    """Words and signs of the positive side with their weights, and the names of what is called.

    Signs one by one: owners differ in the blanks between two commas that a call leaves behind. Weights as texts, for
    one that is no number is not equal to itself.
    """
    return _words(_sides(prompt).positive), [each.node.name for each in _sides(prompt).concepts]


def said_below(prompt: Prompt, below: Prompt | None = None) -> list[tuple[str, str]]:
    """The same of the negative side; `below` is the prompt after `/negative`."""
    runs = _sides(prompt).negative + (_sides(below, depth=1).negative if below else ())
    return _words(runs)


def _sides(prompt: Prompt, depth: int = 0) -> Sides:
    return sides(prompt.parts, depth=depth, joins=DIALECTS[prompt.dialect].joins)


def _words(runs: tuple[Run, ...]) -> list[tuple[str, str]]:
    return [(word, f"{run.weight + 0.0:.6g}") for run in runs for word in _WORD.findall(run.text)]
