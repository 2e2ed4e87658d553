"""What holds for the tree of every dialect."""

from __future__ import annotations

from promptlang.syntax.nodes import Branch, Part, Prompt, inner


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
