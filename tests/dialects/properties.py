"""What holds for the tree of every dialect."""

from __future__ import annotations

import re
from dataclasses import replace

from promptlang.dialects.dialect import dialect
from promptlang.plans.plan import Run
from promptlang.syntax.nodes import (
    Alternation,
    Branch,
    Concept,
    Conjunction,
    Negative,
    Part,
    Parts,
    Prompt,
    Schedule,
    Text,
    Weight,
    inner,
)
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


def said(prompt: Prompt, below: Prompt | None = None) -> tuple[list[tuple[str, str]], list[str]]:
    """Words and signs of the positive side with their weights, and the names of what is called, by `below` as well.

    Signs one by one: owners differ in the blanks between two commas that a call leaves behind. Weights as texts, for
    one that is no number is not equal to itself.
    """
    called = [each.node.name for side in (prompt, below) if side for each in _sides(side).concepts]
    return _words(_sides(prompt).positive), sorted(called)


def said_below(prompt: Prompt, below: Prompt | None = None) -> list[tuple[str, str]]:
    """The same of the negative side; `below` is the prompt after `/negative`."""
    runs = _sides(prompt).negative + (_sides(below, depth=1).negative if below else ())
    return _words(runs)


def _sides(prompt: Prompt, depth: int = 0) -> Sides:
    found = sides(_apart(prompt.parts), depth=depth, joins=DIALECTS[prompt.dialect].joins)
    drawn = dialect(prompt.dialect).drawn
    if drawn is None:
        return found
    positive, negative = (
        tuple(replace(run, text=drawn(run.text)) for run in side) for side in (found.positive, found.negative)
    )
    return replace(found, positive=positive, negative=negative)


def _apart(parts: Parts) -> Parts:
    """The parts with blanks around what changes at steps, and before each joined prompt: no text has it beside words.

    Calls that are cut out part no words, so they stand behind the text around them.
    """
    result: list[Part] = []
    calls: list[Part] = []
    for part in parts:
        match part:
            case Concept(kind=kind) if kind != "embedding" and result and isinstance(result[-1], Text):
                calls.append(part)
            case Text(text=text) if calls and isinstance(result[-1], Text):
                result[-1] = replace(result[-1], text=result[-1].text + text)
            case Schedule() | Alternation():
                choices = (part.before, part.after) if isinstance(part, Schedule) else part.choices
                blank = Text(part.span, " ")
                result += (blank, *(each for choice in choices for each in (*_apart(choice), blank)))
            case Weight() | Negative():
                result.append(replace(part, parts=_apart(part.parts)))
            case Conjunction():
                blank = Text(part.span, " ")
                parted = tuple(replace(each, parts=(blank, *_apart(each.parts))) for each in part.branches)
                result += (*calls, replace(part, branches=parted))
                calls.clear()
            case _:
                result += (*calls, part)
                calls.clear()
    return (*result, *calls)


def _words(runs: tuple[Run, ...]) -> list[tuple[str, str]]:
    return [(word, f"{round(run.weight, 6) + 0.0:.9g}") for run in runs for word in _WORD.findall(run.text)]
