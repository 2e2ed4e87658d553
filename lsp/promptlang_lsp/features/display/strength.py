"""How much words count."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from promptlang.source import Span
from promptlang.syntax.nodes import Branch, Break, Negative, Part, Text, Weight, inner
from promptlang.tables.dialects import dialect_row
from promptlang_lsp.texts.page import Page

STRONGER = 1.1  # another pair of square brackets around a negative


@dataclass(frozen=True, slots=True)
class Stretch:
    """Words with their effective weight; `depth` counts the groups around them."""

    span: Span
    text: str
    weight: float
    depth: int
    negative: bool


def stretches(page: Page, index: int) -> Iterator[Stretch | Break]:
    """The words of a statement in order, with the breaks between them."""
    for number, prompt in enumerate(page.statement(index).prompts):
        waiting: list[tuple[Part | Branch, float, int, bool]] = [
            (part, 1.0, 0, number == 1) for part in reversed(prompt.parts)
        ]
        while waiting:
            node, weight, depth, negative = waiting.pop()
            match node:
                case Text(span=span, text=text):
                    yield Stretch(span, text, weight, depth, negative)
                    continue
                case Break():
                    yield node
                    continue
                case Weight(factor=factor, absolute=absolute):
                    weight, depth = (factor if absolute else weight * factor), depth + 1
                case Negative():
                    weight, depth, negative = weight * (STRONGER if negative else 1.0), depth + 1, True
                case _:
                    pass
            waiting.extend((child, weight, depth, negative) for child in reversed(inner(node)))


def chain(page: Page, index: int, nodes: Sequence[Part | Branch]) -> Iterator[str]:
    """How the groups around the cursor multiply."""
    factors: list[str] = []
    weight, side = 1.0, "positive"
    for node in nodes:
        match node:
            case Weight(factor=factor, absolute=True):
                weight, factors = factor, [f"{factor:g} (replaces what is around it)"]
            case Weight(factor=factor):
                weight *= factor
                factors.append(f"{factor:g}")
            case Negative():
                if side == "negative":
                    weight *= STRONGER
                    factors.append(f"{STRONGER:g}")
                side = "negative"
            case _:
                pass
    product = f" = {' × '.join(factors)}" if len(factors) > 1 else ""
    yield f"Effective weight **{weight:.4g}**{product}, {side} prompt"
    row = dialect_row(page.statement(index).prompt.dialect)
    if not row.numbers:
        title = row.title[0].upper() + row.title[1:]
        both = f"; `/parser:{row.successor}` reads both" if row.successor else ""
        yield f"{title} reads emphasis in brackets and ignores numeric weights{both}."
