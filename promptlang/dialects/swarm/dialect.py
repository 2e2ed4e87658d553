"""SwarmUI's prompt text: tags are filled, what is left changes at steps, and ComfyUI reads each text of them.

Every pass has its module; here they are put together, once for the tree and once for what conditions the denoiser.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import lru_cache

from promptlang.diagnostics import Diagnostic, finding
from promptlang.dialects.comfy import dialect as comfy
from promptlang.dialects.comfy.rules import LITERAL_SYNTAX
from promptlang.dialects.dialect import Dialect, Switching, WeightedText
from promptlang.dialects.swarm import rules
from promptlang.dialects.swarm.cells import Cells, joined, written
from promptlang.dialects.swarm.choices import choices
from promptlang.dialects.swarm.filling import EMBEDDING, Filling
from promptlang.dialects.swarm.steps import (
    CLOSE,
    OPEN,
    Nodes,
    Switch,
    at_call,
    changes,
    last_before,
    moment,
    nodes,
    when,
    words,
)
from promptlang.dialects.swarm.write import plain, write
from promptlang.plans.plan import Conditioned, Conditioning, Run, Segment
from promptlang.source import Passage, Span
from promptlang.syntax.nodes import Alternation, Break, Concept, Part, Parts, Prompt, Schedule, Text, Weight
from promptlang.values import dataclass, field, replace

BREAK = "<break>"
_MOST = 20  # diagnostics of one rule; more of the same help nobody
_HOLE = "\ufdd0"  # no character; stands where a switch or a call does
_SIGNS = frozenset("<[\\\0")


def parse(passage: Passage) -> Prompt:
    """The tree of a prompt text in SwarmUI's dialect."""
    text = passage.text
    whole = passage.span(0, len(text))
    if _SIGNS.isdisjoint(text) and "embedding:" not in text.lower():  # as in most texts
        read = comfy.parse(passage)
        return replace(read, dialect="swarm", diagnostics=tuple(_said(read)))
    filling, found = _filled(passage)
    tree = _Tree(whole)
    parts = tree.parts(found, filling.calls)
    said = (*filling.found, *tree.found)
    return Prompt(whole, passage, parts, "swarm", tuple(said))


def _said(read: Prompt) -> Iterator[Diagnostic]:
    """What holds of ComfyUI's reading here as well."""
    return (each for each in read.diagnostics if each.rule is not LITERAL_SYNTAX)


def _filled(passage: Passage) -> tuple[Filling, Nodes]:
    filling = Filling()
    cells = filling.filled(passage)
    if _HOLE in cells.text or "embedding:" in cells.text.lower():
        cells = _without_calls(cells.replaced(_HOLE, "\ufffd"))

    told = len(filling.found)
    taken = frozenset(at for each in filling.found for at in range(each.label.span.start, each.label.span.end))

    def say(span: Span, message: str) -> None:
        if span.start in taken or len(filling.found) >= told + _MOST:
            return  # the signs of a tag that cannot be read
        help = "write `\\[` and `\\]` for brackets that are words"
        filling.found.append(finding(rules.BRACKETS, message, span, help=help))

    return filling, nodes(cells, say)


def _without_calls(cells: Cells) -> Cells:
    """The server parts `embedding:` from its colon where it is written out, whatever its case."""
    pieces: list[Cells] = []
    done, low = 0, cells.text.lower()
    while len(low) == len(cells.text) and (at := low.find("embedding:", done)) >= 0:
        pieces += (cells.part(done, at), written("embedding :", cells.spans[at]))
        done = at + len("embedding:")
    return joined((*pieces, cells.part(done)))


@dataclass()
class _Tree:
    """From words and switches to the tree, with what ComfyUI has to say of each stretch."""

    whole: Span
    found: list[Diagnostic] = field(default_factory=list[Diagnostic])

    def parts(self, given: Nodes, calls: Sequence[Concept] = ()) -> Parts:
        """The parts of a level; calls stand beside its groups, for they are cut out before those are read."""
        result: list[Part] = []
        flat, holes = self._flat(given, calls)
        done = 0
        while (at := flat.text.find(BREAK, done)) >= 0:
            result += self._read(flat.part(done, at), holes)
            result.append(Break(flat.span(at, at + len(BREAK), self.whole)))
            done = at + len(BREAK)
        result += self._read(flat.part(done), holes)
        return tuple(result)

    def _flat(self, given: Nodes, calls: Sequence[Concept]) -> tuple[Cells, list[Part]]:
        """One text with a hole for each switch and call, and what stands in the holes, in order."""
        waiting = sorted(calls, key=lambda call: call.span.start)
        pieces: list[Cells] = []
        holes: list[Part] = []
        depth = 0
        for node in given:
            if isinstance(node, Switch):
                pieces.append(written(_HOLE, node.span))
                holes.append(self._switch(node))
                continue
            done = 0
            for at, letter in enumerate(node.text):
                if not waiting:  # nothing needs to know any more how deep it is
                    break
                if not depth and node.spans[at].start >= waiting[0].span.start:
                    pieces.append(node.part(done, at))
                    done = at
                    while waiting and node.spans[at].start >= waiting[0].span.start:
                        pieces.append(written(_HOLE, waiting[0].span))
                        holes.append(waiting.pop(0))
                if letter == "(":
                    depth += 1
                elif letter == ")" and depth:
                    depth -= 1
            pieces.append(node.part(done))
        for call in waiting:
            pieces.append(written(_HOLE, call.span))
            holes.append(call)
        return _restored(joined(pieces)), holes

    def _switch(self, node: Switch) -> Part:
        branches = tuple(self.parts(each) for each in node.branches)
        if not node.when:
            return Alternation(node.span, branches)
        return Schedule(node.span, branches[0], branches[1], node.when, node.number or node.span)

    def _read(self, cells: Cells, holes: list[Part]) -> Iterator[Part]:
        """A stretch between two breaks as ComfyUI reads it, with its holes filled."""
        if not cells.text:
            return
        read = comfy.parse(Passage(cells.text))
        for each in _said(read):
            span = cells.span(each.label.span.start, each.label.span.end, self.whole)
            self.found.append(replace(each, label=replace(each.label, span=span), fixes=()))
        yield from self._mapped(read.parts, cells, holes)

    def _mapped(self, parts: Parts, cells: Cells, holes: list[Part]) -> Parts:
        """The parts at their places; the brackets that are open wait in a list, for nobody limits how deep they go."""
        result: list[Part] = []
        opened: list[tuple[Weight, Iterator[Part], list[Part]]] = []
        waiting = iter(parts)
        while True:
            part = next(waiting, None)
            match part:
                case None if not opened:
                    return tuple(result)
                case None:
                    inside = tuple(result)
                    weight, waiting, result = opened.pop()
                    result.append(self._weight(weight, inside, cells))
                case Weight():
                    opened.append((part, waiting, result))
                    waiting, result = iter(part.parts), []
                case _:
                    result += self._leaf(part, cells, holes)

    def _leaf(self, part: Part, cells: Cells, holes: list[Part]) -> Iterator[Part]:
        start, end = part.span.start, part.span.end
        match part:
            case Text():
                done = start
                while (at := cells.text.find(_HOLE, done, end)) >= 0:
                    yield from _text(cells, done, at)
                    yield holes.pop(0)
                    done = at + 1
                yield from _text(cells, done, end)
            case Concept(name_span=place):
                span = cells.span(start, end, self.whole)
                yield replace(part, span=span, name_span=cells.span(place.start, place.end, span))
            case _:
                yield part

    def _weight(self, part: Weight, inside: Parts, cells: Cells) -> Weight:
        start, end = part.span.start, part.span.end
        first, last = cells.span(start, start + 1, self.whole), cells.span(end - 1, end, self.whole)
        # From its ends and parts: to look at all between for each bracket takes the square of how deep they go.
        span = _around(Span(min(first.start, last.start), max(first.end, last.end)), inside)
        place = cells.span(part.number.start, part.number.end, span) if part.number else None
        return Weight(span, inside, part.factor, place, part.absolute)


def _around(span: Span, parts: Parts) -> Span:
    """A span that holds the parts as well: what a variable holds may stand elsewhere."""
    spans = (span, *(part.span for part in parts))
    return Span(min(each.start for each in spans), max(each.end for each in spans))


def _text(cells: Cells, start: int, end: int) -> Iterator[Text]:
    if end > start:
        yield Text(cells.span(start, end, Span(0, 0)), comfy.resolved(cells.text[start:end]))


def _restored(cells: Cells) -> Cells:
    """The text with the marks of brackets and embeddings written out."""
    for mark in (OPEN, CLOSE, EMBEDDING):
        cells = cells.replaced(mark, words(mark))
    return cells


def weights(prompt: Prompt) -> WeightedText:
    """ComfyUI's answer to the text of the first step."""
    first = at_call(_filled(prompt.passage)[1], 0, 1)
    return tuple((run.text, run.weight) for run in _runs(first) if not run.ends_chunk)


@lru_cache(maxsize=64)
def _runs(text: str) -> tuple[Run, ...]:
    found: list[Run] = []
    for number, piece in enumerate(text.split(BREAK)):
        if number:
            found.append(Run("", 1.0, ends_chunk=True))
        read = comfy.weights(comfy.parse(Passage(piece)))
        found += (Run(said, weight) for said, weight in read if said)
    return tuple(found) or (Run(""),)


def condition(passage: Passage, calls: int) -> Conditioning:
    """What conditions the denoiser, over `calls` of it."""
    _, found = _filled(passage)
    if not changes(found):
        return Conditioning(branches=(Conditioned((Segment(calls, _runs(at_call(found, 0, calls).strip())),)),))
    segments: list[Segment] = []
    for call in range(calls):
        runs = _runs(at_call(found, call, calls).strip())
        if segments and segments[-1].runs == runs:
            segments[-1] = Segment(call, runs)
        else:
            segments.append(Segment(call, runs))
    segments[-1] = Segment(calls, segments[-1].runs)
    return Conditioning(branches=(Conditioned(tuple(segments)),))


DIALECT = Dialect(
    name="swarm",
    parse=parse,
    weights=weights,
    write=write,
    plain=plain,
    weighting="comfy",
    condition=condition,
    switching=Switching(last_before=last_before, moment=moment, when=when),
    choices=choices,
    unmet=(rules.WORKFLOW, rules.ASKED, rules.LOTS),
)
