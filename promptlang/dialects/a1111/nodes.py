"""From the tokens of `grammars/a1111.lark` to the tree: one method per rule, called while the parser reads.

Token offsets are those of the source; the text of a TEXT is what it means, so this is all there is to decide.
"""

from __future__ import annotations

from promptlang.dialects.a1111.calls import Network, loads, strengths
from promptlang.source import Span
from promptlang.syntax.driving import Token
from promptlang.syntax.nodes import (
    Alternation,
    Branch,
    Break,
    Concept,
    Conjunction,
    Part,
    Parts,
    Schedule,
    Text,
    Weight,
)
from promptlang.values import replace

ROUND = 1.1
SQUARE = 1 / 1.1

Child = Token | Part | None


class NodeBuilder:
    """One method per rule of the grammar."""

    def start(self, children: list[Branch | Token]) -> Parts:
        branches: list[Branch] = []
        first = next((child.start_pos for child in children if isinstance(child, Token)), 0)
        at = Span(first, first)  # where a branch without words stands: before the first `AND`, or behind its own
        for child in children:
            if isinstance(child, Token):
                at = Span(child.end_pos, child.end_pos)
            else:
                is_empty = not child.parts and child.number is None
                branches.append(Branch(at, ()) if is_empty else child)
        if len(branches) == 1 and branches[0].number is None:
            return branches[0].parts
        return (Conjunction(Span(branches[0].span.start, branches[-1].span.end), tuple(branches)),)

    def branch(self, children: list[Child]) -> Branch:
        *_, number = children
        parts = _parts(children)
        spans = [part.span for part in parts]
        if not isinstance(number, Token):
            return Branch(_around(spans), parts)
        place, written = _number(number)
        return Branch(_around([*spans, number.span]), parts, float(written), place)

    def text(self, tokens: list[Token]) -> Text:
        return Text(tokens[0].span, str(tokens[0]))

    def break_(self, tokens: list[Token]) -> Break:
        return Break(tokens[0].span)

    def lost_break(self, tokens: list[Token]) -> Weight:
        # The mark of a BREAK is the weight -1, which brackets scale: the word stays, with a weight below zero.
        span = tokens[0].span
        return Weight(span, (Text(span, "BREAK"),), -1.0)

    def concept(self, tokens: list[Token]) -> Concept:
        return concept(str(tokens[0]), tokens[0].span)

    def lost_concept(self, tokens: list[Token]) -> Concept:
        return replace(concept(str(tokens[0]), tokens[0].span), loads=False)

    def round(self, children: list[Child]) -> Weight:
        *_, number, closer = children
        assert isinstance(closer, Token)
        span = _cover(children)
        if not isinstance(number, Token):
            return Weight(span, _parts(children), ROUND)
        place, written = _number(number)
        return Weight(span, _parts(children), float(written), place)

    def square(self, children: list[Child]) -> Weight:
        return Weight(_cover(children), _parts(children), SQUARE)

    def appearing(self, children: list[Child]) -> Schedule:
        number, written = _number(children[-2])
        return Schedule(_cover(children), (), _parts(children), written, number)

    def schedule(self, children: list[Child]) -> Schedule:
        number, written = _number(children[-2])
        before, after = _split(children, "TO")
        return Schedule(_cover(children), before, after, written, number)

    def alternation(self, children: list[Child]) -> Alternation:
        return Alternation(_cover(children), tuple(_split(children, "OR")))


def concept(written: str, span: Span) -> Concept:
    """The network of `<kind:name:arguments>`; `weight` is its strength on the denoiser, where that is a number."""
    kind, name, *arguments = written[1:-1].split(":")
    start = 1 + len(kind) + 1
    behind = start + len(name) + 1
    name_span = span.part(start, start + len(name), len(written))
    call = Network(kind, (name, *arguments), span.start, span.end)
    read = strengths(call) if arguments else None
    number = span.part(behind, behind + len(arguments[0]), len(written)) if read else None
    weight = read.denoiser if read else None
    return Concept(span, name, name_span, weight, number, kind, tuple(arguments), loads(call))


def _around(spans: list[Span]) -> Span:
    return Span(min(span.start for span in spans), max(span.end for span in spans)) if spans else Span(0, 0)


def _cover(children: list[Child]) -> Span:
    """From the first to the last of them: a network that was cut out before may stand before the bracket it is in."""
    ends = [
        (child.start_pos, child.end_pos) if isinstance(child, Token) else (child.span.start, child.span.end)
        for child in children
        if child is not None
    ]
    return Span(min(ends)[0], max(end for _, end in ends))


def _number(token: Child) -> tuple[Span, str]:
    """Where the digits after the colon are, and the digits."""
    assert isinstance(token, Token)
    written = token[1:].strip()
    start = token.index(written, 1)
    return token.span.part(start, start + len(written), len(token)), written


def _parts(children: list[Child]) -> Parts:
    return tuple([child for child in children if child is not None and not isinstance(child, Token)])


def _split(children: list[Child], kind: str) -> list[Parts]:
    """The parts between the tokens of a kind."""
    groups: list[list[Part]] = [[]]
    for child in children:
        if isinstance(child, Token):
            if child.type == kind:
                groups.append([])
        elif child is not None:
            groups[-1].append(child)
    return [tuple(group) for group in groups]
