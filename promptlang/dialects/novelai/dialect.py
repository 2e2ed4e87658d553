"""NovelAI's prompt text: `{x}` counts 1.05 times as much, `[x]` 1.05 times less, `1.5::x::` a number of its own."""

from __future__ import annotations

from threading import Lock

from promptlang.dialects.dialect import Dialect, WeightedText
from promptlang.dialects.novelai import rules
from promptlang.dialects.novelai.findings import findings
from promptlang.dialects.novelai.sections import Sections
from promptlang.dialects.novelai.write import LOWERED, RAISED, plain, write
from promptlang.source import Passage, Span
from promptlang.syntax import grammar
from promptlang.syntax.driving import Loop, Token
from promptlang.syntax.nodes import Part, Parts, Prompt, Text, Weight, joined
from promptlang.syntax.weighing import sides
from promptlang.values import dataclass, field


class _Nodes:
    """One method per rule of the grammar."""

    def __init__(self) -> None:
        self.passage = Passage("")

    def start(self, parts: list[Part]) -> Parts:
        return joined(parts)

    def text(self, tokens: list[Token]) -> Text:
        token = tokens[0]
        return Text(self.passage.span(token.start_pos, token.end_pos), str(token))

    def raised(self, children: list[Token | Part]) -> Weight:
        return self._group(children, RAISED)

    def lowered(self, children: list[Token | Part]) -> Weight:
        return self._group(children, LOWERED)

    def numbered(self, children: list[Token | Part]) -> Weight:
        opening = children[0]
        assert isinstance(opening, Token)
        digits = opening.removesuffix("::")
        begun = opening.end_pos > opening.start_pos  # or it goes on behind a bracket that ended inside
        number = self.passage.span(opening.start_pos, opening.start_pos + len(digits)) if begun else None
        return self._group(children, float(digits), number)

    def _group(self, children: list[Token | Part], factor: float, number: Span | None = None) -> Weight:
        opening, *inside, closing = children
        assert isinstance(opening, Token)
        assert isinstance(closing, Token)
        span = self.passage.span(opening.start_pos, closing.end_pos)
        return Weight(span, joined(part for part in inside if not isinstance(part, Token)), factor, number)


@dataclass()
class _Reader:
    """The parser; a lock guards it because the loop calls back into one reader."""

    lock: Lock = field(default_factory=Lock)
    parts: tuple[Loop[Parts], _Nodes, Sections] | None = None

    def parse(self, passage: Passage) -> Prompt:
        """The tree of a prompt text in NovelAI's dialect."""
        with self.lock:
            if self.parts is None:
                nodes, sections = _Nodes(), Sections()
                self.parts = grammar.load("novelai", nodes, process=sections.process), nodes, sections
            parser, nodes, sections = self.parts
            nodes.passage = passage
            tree = parser.parse(passage.text)
            found = tuple(findings(passage, sections.given_back()))
        return Prompt(passage.span(0, len(passage.text)), passage, tree, "novelai", found)


def weights(prompt: Prompt) -> WeightedText:
    """The words in order with the product of all that stands around them."""
    return tuple((run.text, run.weight) for run in sides(prompt.parts).positive)


DIALECT = Dialect(
    name="novelai",
    parse=_Reader().parse,
    weights=weights,
    write=write,
    plain=plain,
    weighting="a1111",
    unmet=(rules.PARTS,),
)
