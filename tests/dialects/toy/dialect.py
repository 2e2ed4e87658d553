"""What reads and writes the toy dialect."""

from __future__ import annotations

import re
from pathlib import Path

from lark import Lark, Token, Transformer
from lark.exceptions import UnexpectedInput

from promptlang.diagnostics import finding
from promptlang.dialects.dialect import Dialect, WeightedText
from promptlang.source import Passage, Span
from promptlang.syntax.nodes import Break, Concept, Negative, Part, Parts, Prompt, Text, Weight, inner, walk
from promptlang.syntax.weighing import sides
from tests.dialects.toy.rules import HEAVY

NAME = Path(__file__).parent.name
MOST = 4
GRAMMAR = Lark.open("toy.lark", rel_to=__file__, parser="lalr", keep_all_tokens=True)


class Nodes(Transformer[Token, Parts]):
    """One method per rule of the grammar."""

    def __init__(self, passage: Passage) -> None:
        super().__init__()
        self.passage = passage

    def span(self, first: Token, last: Token | None = None) -> Span:
        return self.passage.span(first.start_pos or 0, (last or first).end_pos or 0)

    def start(self, parts: list[Part]) -> Parts:
        return tuple(parts)

    def words(self, tokens: list[Token]) -> Text:
        return Text(self.span(tokens[0]), re.sub(r"\\(.)", r"\1", tokens[0]))

    def group(self, children: list[Token | Part]) -> Weight:
        opening, *parts, factor, closing = children
        assert isinstance(opening, Token)
        assert isinstance(factor, Token)
        assert isinstance(closing, Token)
        number = self.passage.span((factor.start_pos or 0) + 1, factor.end_pos or 0)
        inside = tuple(part for part in parts if not isinstance(part, Token))
        return Weight(self.span(opening, closing), inside, float(factor[1:]), number)

    def network(self, tokens: list[Token]) -> Concept:
        start, body = (tokens[0].start_pos or 0) + 4, tokens[0][4:-1]
        name, sign, weight = body.partition("=")
        end = start + len(name)
        number = self.passage.span(end + 1, start + len(body)) if sign else None
        name_span = self.passage.span(start, end)
        return Concept(self.span(tokens[0]), name, name_span, float(weight) if sign else 1.0, number, kind="lora")

    def embedding(self, tokens: list[Token]) -> Concept:
        name = self.passage.span((tokens[0].start_pos or 0) + 4, tokens[0].end_pos or 0)
        return Concept(self.span(tokens[0]), str(tokens[0][4:]), name, None, None, kind="embedding")

    def cut(self, tokens: list[Token]) -> Break:
        return Break(self.span(tokens[0]))


def parse(passage: Passage) -> Prompt:
    """The tree; what the grammar does not read is plain words."""
    whole = passage.span(0, len(passage.text))
    try:
        parts = Nodes(passage).transform(GRAMMAR.parse(passage.text))
    except UnexpectedInput:
        parts = (Text(whole, passage.text),)
    heavy = [node for node in walk(parts) if isinstance(node, Weight) and node.factor > MOST]
    return Prompt(whole, passage, parts, NAME, tuple(finding(HEAVY, "too heavy", node.span) for node in heavy))


def weights(prompt: Prompt) -> WeightedText:
    """Texts and weights in order."""
    return tuple((run.text, run.weight) for run in sides(prompt.parts).positive)


def write(parts: Parts) -> str:
    """The parts as text."""
    return "".join(map(_written, parts))


def _written(part: Part) -> str:
    match part:
        case Text(text=text):
            return re.sub(r"[\[\]\\]", r"\\\g<0>", text)
        case Weight(parts=parts, factor=factor):
            return f"[{write(parts)}={factor:g}]"
        case Concept(kind="embedding", name=name):
            return f"emb:{name}"
        case Concept(name=name, weight=weight):
            return f"net({name}={1 if weight is None else weight:g})"
        case Break():
            return "CUT"
        case _:
            return write(tuple(child for child in inner(part) if not isinstance(child, Negative)))


def plain(text: str) -> tuple[str, ...]:
    """The spelling of plain words."""
    return (re.sub(r"[\[\]\\]", r"\\\g<0>", text),)


DIALECT = Dialect(name=NAME, parse=parse, weights=weights, write=write, plain=plain, weighting="comfy")
