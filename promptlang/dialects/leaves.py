"""A prompt taken apart for another dialect: what stands in it without weights around it, each with what it counts.

What the other dialect cannot say gives way to what comes nearest here, and is noted as a loss.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from functools import lru_cache
from itertools import groupby

from promptlang.dialects.clock import Clock
from promptlang.dialects.dialect import dialect
from promptlang.dialects.readback import Loss
from promptlang.sentences import few
from promptlang.source import Passage, Span
from promptlang.syntax.nodes import (
    Alternation,
    Blend,
    Break,
    Concept,
    Conjunction,
    Negative,
    Part,
    Parts,
    Schedule,
    Swap,
    Text,
    Weight,
    walk,
)
from promptlang.syntax.weighing import STRONGER
from promptlang.tables.dialects import DialectRow
from promptlang.tables.models.known import MODELS
from promptlang.values import dataclass, field, replace

_HIDDEN = re.compile(r"\\[()\"]")
_SIGNED = re.compile(r"(?<![^\s()\"+\-])[^\s()\"+\-]++(?:\+{2,}|-{2,}|[+-](?![\w(\"]))")
"""A word with signs that end it; one sign between two letters joins them."""


@dataclass(frozen=True, slots=True)
class Aim:
    """Where a prompt goes: the row of the other dialect, whether its own joins neighbours, numbers there and steps.

    `drawn` gives its words as its owner reads them into tokens.

    `kind_of` tells what is called where nothing but the name says it; empty: nobody knows. `losses` and `numbers` are
    filled on the way: what the other dialect cannot say, and the weights that words have.
    """

    able: DialectRow
    joins: bool
    number: Callable[[float], float]
    clock: Clock
    kind_of: Callable[[str], str]
    drawn: Callable[[str], str] = str
    losses: list[Loss] = field(default_factory=list[Loss])
    numbers: set[float] = field(default_factory=set[float])

    def lose(self, span: Span, message: str) -> None:
        """Note something that the other dialect cannot say."""
        self.losses.append(Loss(span, message))


@dataclass(frozen=True, slots=True)
class Leaf:
    """A part without weights around it, and what it counts."""

    part: Part
    weight: float
    depth: int = 0  # of negatives
    group: int = 0  # where the outermost negative around it starts


def has_words(part: Part) -> bool:
    """Whether a weight around a part would count."""
    if isinstance(part, Concept):
        return part.kind == "embedding"
    return not isinstance(part, Break) and not (isinstance(part, Text) and not part.text.strip())


def leaves(parts: Parts, aim: Aim, *, below: bool = False, weight: float = 1.0) -> Iterator[Leaf]:
    """The leaves as the other dialect can say them; `below` in a negative prompt of its own.

    `weight` is that of what stands around them.
    """
    for leaf in _told(parts, aim, weight):
        part = leaf.part
        if isinstance(part, Concept) and not _is_read(part, aim, below or (leaf.depth > 0 and not aim.able.negatives)):
            continue
        if leaf.weight != 1.0 and isinstance(part, Text) and has_words(part):
            aim.numbers.add(leaf.weight)
            leaf = Leaf(part, aim.number(leaf.weight), leaf.depth, leaf.group)
        yield leaf


def _is_read(call: Concept, aim: Aim, is_below: bool) -> bool:
    """Whether the other dialect reads a call as one, for its name and on its side; else it is left out."""
    owner = dialect(aim.able.name)
    is_apart = is_below and owner.parse_negative is not None
    if call.name in _called_in(owner.write((call,)), owner.name, is_apart):
        return True
    where = " in a negative prompt" if is_apart else ""
    aim.lose(call.span, f"{aim.able.title} cannot call `{call.name}`{where}, it is left out")
    return False


@lru_cache(maxsize=4096)
def _called_in(text: str, name: str, is_apart: bool) -> frozenset[str]:
    """What a text calls by its dialect, as a negative prompt or not; many prompts call the same things."""
    read = dialect(name).read(Passage(text), is_negative=is_apart)
    return frozenset(each.name for each in walk(read.parts) if isinstance(each, Concept))


def spaced(leaves: Iterable[Leaf], joins: bool, *, tight: bool = False) -> list[Leaf]:
    """The leaves with one blank between words where something was left out, and where the owner joins no neighbours.

    `tight` is without a blank before a comma there, as the hosted service is read.
    """
    result: list[Leaf] = []
    for leaf in leaves:
        part = leaf.part
        if not isinstance(part, Text):
            result.append(leaf)
            continue
        text = part.text
        last = result[-1] if result else None
        if last is not None and isinstance(last.part, Text) and (last.depth > 0) is (leaf.depth > 0):
            before = last.part.text
            if before[-1].isspace():
                text = text.lstrip()
                if tight and text.startswith(","):
                    result[-1] = replace(last, part=replace(last.part, text=before.rstrip() or " "))
            elif not joins and text and last.weight == leaf.weight and not text[0].isspace():
                text = f" {text}"
        if text:
            result.append(leaf if text is part.text else replace(leaf, part=Text(part.span, text)))
    return result


def _told(parts: Parts, aim: Aim, around: float) -> Iterator[Leaf]:
    """The parts without weights and negatives around them with what each counts, words as their owner reads them."""
    flat = _flat(parts, aim, around)
    for leaf in flat if aim.drawn is str else _as_drawn(flat, aim):
        if aim.able.single_spaces and isinstance(leaf.part, Text):
            yield from _words(leaf, leaf.part, aim)
        else:
            yield leaf


def _as_drawn(leaves: Iterator[Leaf], aim: Aim) -> Iterator[Leaf]:
    """The leaves with their words as the owner reads them, who reads what counts alike in one, calls cut out."""
    runs = groupby(
        leaves, lambda leaf: isinstance(leaf.part, (Text, Concept)) and (leaf.weight, leaf.depth, leaf.group)
    )
    for is_run, run in runs:
        yield from _run_as_drawn([*run], aim) if is_run else run


def _run_as_drawn(run: list[Leaf], aim: Aim) -> Iterator[Leaf]:
    written = [leaf.part.text for leaf in run if isinstance(leaf.part, Text)]
    whole = "".join(written)
    read = aim.drawn(whole)
    if read == whole:
        yield from run
        return
    texts = [*map(aim.drawn, written)]
    if not read:  # letters that nobody sees, which part the words around them
        texts[0] = " "
    elif "".join(texts) != read:  # an entity, which is one by what stands behind a call
        texts = [read, *[""] * (len(texts) - 1)]
    each = iter(texts)
    for leaf in run:
        if not isinstance(leaf.part, Text):
            yield leaf
        elif text := next(each):
            yield replace(leaf, part=Text(leaf.part.span, text))


def _flat(parts: Parts, aim: Aim, around: float) -> Iterator[Leaf]:
    """The parts without weights and negatives around them, each with all it counts."""
    able = aim.able
    waiting = [Leaf(part, around) for part in reversed(parts)]
    while waiting:
        leaf = waiting.pop()
        part, weight, depth, group = leaf.part, leaf.weight, leaf.depth, leaf.group
        match part:
            case Text():
                yield leaf
            case Weight():
                weight = part.factor if part.absolute else weight * part.factor
                waiting.extend(Leaf(child, weight, depth, group) for child in reversed(part.parts))
            case Negative():
                weight = weight * STRONGER if depth else weight
                group = group if depth else part.span.start
                waiting.extend(Leaf(child, weight, depth + 1, group) for child in reversed(part.parts))
            case Schedule() | Alternation() if able.steps:
                yield leaf
            case Schedule() | Alternation() | Swap() | Blend() | Conjunction():
                kept, message = _instead(part, able)
                aim.lose(part.span, message)
                waiting.extend(Leaf(child, weight * by, depth, group) for child, by in reversed(kept))
            case Break() if not able.breaks:
                aim.lose(part.span, f"{able.title} cannot end a chunk by hand, left out")
                yield Leaf(Text(part.span, " "), weight, depth, group)
            case Concept(loads=False):
                aim.lose(part.span, f"`{part.name}` is not loaded where it stands, so it is left out")
            case Concept():
                yield from _called(leaf, part, aim)
            case Break():
                yield leaf


def _words(leaf: Leaf, part: Text, aim: Aim) -> Iterator[Leaf]:
    """Text as the words it is made of, of which some may have no spelling.

    Signs at the end of a word count, and a backslash before a bracket is taken away with each word that follows.
    """
    text = part.text
    words = text.split()
    before, after = (" " if words and edge.isspace() else "" for edge in (text[:1], text[-1:]))
    if text:
        yield Leaf(Text(part.span, f"{before}{' '.join(words)}{after}" or " "), leaf.weight, leaf.depth, leaf.group)
    if "\\" in text and (hidden := next(filter(_HIDDEN.search, words), None)):
        aim.lose(part.span, f"{aim.able.title} takes the backslash of `{hidden}` away")
    is_signed = ("+" in text or "-" in text) and not aim.able.signed_words
    if is_signed and (signed := [f"`{word}`" for word in _SIGNED.findall(text)]):
        weights = "a weight" if len(signed) == 1 else "weights"
        aim.lose(part.span, f"{aim.able.title} reads the signs of {few(signed, 3)} as {weights}")


def _instead(
    part: Schedule | Alternation | Swap | Blend | Conjunction, able: DialectRow
) -> tuple[list[tuple[Part, float]], str]:
    """The parts that stand in for one the dialect lacks, each with a factor, and the words for it."""
    match part:
        case Schedule(before=before, after=after):
            said = "the later words are kept" if after and before else "the words stay from the first to the last"
            return [(child, 1.0) for child in after or before], f"{able.title} has no steps, {said}"
        case Alternation(choices=choices):
            return [(child, 1.0) for child in choices[0]], f"{able.title} cannot alternate, the first choice is kept"
        case Swap(before=before):
            return [
                (child, 1.0) for child in before
            ], f"{able.title} cannot swap, the words that are drawn first are kept"
        case Blend(branches=branches) | Conjunction(branches=branches):
            kept: list[tuple[Part, float]] = []
            for branch in branches:
                if kept:
                    kept.append((Text(branch.span, ", "), 1.0))
                kept.extend((child, branch.weight) for child in branch.parts)
            return kept, f"{able.title} cannot mix prompts, they are written one after another with their weights"


def _called(leaf: Leaf, concept: Concept, aim: Aim) -> Iterator[Leaf]:
    able = aim.able
    known = "" if able.model or concept.kind else aim.kind_of(concept.name)
    is_embedding = concept.kind == "embedding" or known == "inversion"
    if known in MODELS:
        aim.lose(concept.span, f"{able.title} calls no model in the prompt, `{concept.name}` is left out")
    elif able.calls_embeddings if is_embedding else able.network:
        kind = concept.kind or ("embedding" if is_embedding else "" if able.calls_embeddings else "lora")
        yield replace(leaf, part=replace(concept, kind=kind))
    elif is_embedding:
        aim.lose(concept.span, f"{able.title} calls an embedding by its bare name")
        own = 1.0 if concept.weight is None else concept.weight
        yield replace(leaf, part=Text(concept.span, concept.name), weight=leaf.weight * own)
    else:
        aim.lose(concept.span, f"{able.title} calls no network in the prompt, `{concept.name}` is left out")
