"""A prompt of one dialect as text of another, with a report of what the other cannot say.

Weights are worked out first and written flat, for the dialects nest them differently: a word counts what it did.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import groupby
from math import isfinite

from promptlang.dialects.dialect import dialect
from promptlang.dialects.readback import Loss, unread
from promptlang.source import Passage, Span
from promptlang.syntax.nodes import (
    Alternation,
    Blend,
    Branch,
    Break,
    Concept,
    Conjunction,
    Negative,
    Part,
    Parts,
    Prompt,
    Schedule,
    Swap,
    Text,
    Weight,
    walk,
)
from promptlang.syntax.weighing import STRONGER
from promptlang.tables.dialects import DIALECTS, DialectRow

EMPHASIS = 1.1

_SIGNED = re.compile(r"[^\s()\"+\-]+(?:\++|-+)[,.;:]?")


@dataclass(frozen=True, slots=True)
class Conversion:
    """The text in the other dialect, its negative prompt (empty where there is none), and what was lost."""

    positive: str
    negative: str
    losses: tuple[Loss, ...]


@dataclass(frozen=True, slots=True)
class _Leaf:
    """A part without weights around it, and what it counts."""

    part: Part
    weight: float
    depth: int = 0  # of negatives
    group: int = 0  # where the outermost negative around it starts


def convert(prompt: Prompt, target: str, negative: Prompt | None = None) -> Conversion:
    """The prompt in the dialect `target`, with the negative prompt that belongs to it."""
    losses: list[Loss] = []
    able = DIALECTS[target]
    if prompt.dialect == target:
        below = dialect(target).write(negative.parts) if negative else ""
        return Conversion(dialect(target).write(prompt.parts), below, ())
    joins = DIALECTS[prompt.dialect].joins
    positive, beside = _sides(prompt.parts, able, losses, joins)
    below = (*beside, *(_flat(negative.parts, able, losses, joins, below=True) if negative else ()))
    owner = dialect(target)
    above, under = owner.write(positive).strip(), owner.write(below).strip()
    losses += unread(positive, owner.parse(Passage(above)).parts, able.title, losses)
    losses += unread(below, (owner.parse_negative or owner.parse)(Passage(under)).parts, able.title, losses)
    return Conversion(above, under, tuple(losses))


def _sides(parts: Parts, able: DialectRow, losses: list[Loss], joins: bool) -> tuple[Parts, Parts]:
    """The positive parts, and those of the negative prompt that the other dialect keeps elsewhere."""
    joined = parts[0] if len(parts) == 1 and isinstance(parts[0], Conjunction) else None
    if joined and able.conjunctions:
        losses.append(Loss(joined.span, f"{able.title} mixes the joined prompts in its own way"))
        branches = tuple(
            Branch(branch.span, _flat(branch.parts, able, losses, joins), branch.weight) for branch in joined.branches
        )
        return (Conjunction(joined.span, branches),), ()
    leaves = list(_callable(_leaves(parts, able, losses), able, losses))
    if able.negatives:
        return _with_negatives(_spaced(leaves, joins), able, losses), ()
    above = [leaf for leaf in leaves if not leaf.depth]
    below = list(_parted(leaf for leaf in leaves if leaf.depth))
    return _grouped(_spaced(above, joins, tight=bool(below)), able, losses), _grouped(
        _spaced(below, joins), able, losses
    )


def _parted(leaves: Iterable[_Leaf]) -> Iterator[_Leaf]:
    """The leaves of several negatives with a comma between two, so that their words do not run together."""
    before: _Leaf | None = None
    has_words = False
    for leaf in leaves:
        is_next = before is not None and before.group != leaf.group
        if is_next and isinstance(leaf.part, Text) and not leaf.part.text.strip():
            continue
        if before and is_next and has_words and _has_words(leaf.part):
            yield _Leaf(Text(Span(before.part.span.end, leaf.part.span.start), ", "), 1.0, leaf.depth, leaf.group)
        yield leaf
        before = leaf
        has_words = has_words or _has_words(leaf.part)


def _flat(parts: Parts, able: DialectRow, losses: list[Loss], joins: bool, *, below: bool = False) -> Parts:
    leaves = _callable(_leaves(parts, able, losses), able, losses, below=below)
    return _grouped(_spaced(leaves, joins), able, losses)


def _callable(leaves: Iterator[_Leaf], able: DialectRow, losses: list[Loss], *, below: bool = False) -> Iterator[_Leaf]:
    """The leaves without calls that the other dialect would read as words, for their name or for their side."""
    owner = dialect(able.name)
    for leaf in leaves:
        if isinstance(leaf.part, Concept):
            is_below = below or (leaf.depth > 0 and not able.negatives)
            reads = owner.parse_negative if is_below and owner.parse_negative else owner.parse
            back = walk(reads(Passage(owner.write((leaf.part,)))).parts)
            if not any(isinstance(each, Concept) and each.name == leaf.part.name for each in back):
                where = " in a negative prompt" if reads is not owner.parse else ""
                losses.append(
                    Loss(leaf.part.span, f"{able.title} cannot call `{leaf.part.name}`{where}, it is left out")
                )
                continue
        yield leaf


def _spaced(leaves: Iterable[_Leaf], joins: bool, *, tight: bool = False) -> list[_Leaf]:
    """The leaves with one blank between words where something was left out, and where the owner joins no neighbours.

    `tight` is without a blank before a comma there, as the hosted service is read.
    """
    result: list[_Leaf] = []
    for leaf in leaves:
        if isinstance(leaf.part, Text):
            text = leaf.part.text
            last = result[-1] if result else None
            if last is not None and isinstance(last.part, Text) and (last.depth > 0) is (leaf.depth > 0):
                if last.part.text[-1].isspace():
                    text = text.lstrip()
                    if tight and text.startswith(","):
                        result[-1] = replace(last, part=replace(last.part, text=last.part.text.rstrip() or " "))
                elif not joins and text and last.weight == leaf.weight and not text[0].isspace():
                    text = f" {text}"
            if not text:
                continue
            leaf = replace(leaf, part=replace(leaf.part, text=text))
        result.append(leaf)
    return result


def _leaves(parts: Parts, able: DialectRow, losses: list[Loss]) -> Iterator[_Leaf]:
    """The parts without weights and negatives around them, each with all it counts."""
    waiting = [_Leaf(part, 1.0) for part in reversed(parts)]
    while waiting:
        leaf = waiting.pop()
        part, weight, depth, group = leaf.part, leaf.weight, leaf.depth, leaf.group
        match part:
            case Weight():
                weight = part.factor if part.absolute else weight * part.factor
                waiting.extend(_Leaf(child, weight, depth, group) for child in reversed(part.parts))
            case Negative():
                weight = weight * STRONGER if depth else weight
                group = group if depth else part.span.start
                waiting.extend(_Leaf(child, weight, depth + 1, group) for child in reversed(part.parts))
            case Schedule() | Alternation() if able.steps:
                yield leaf
            case Schedule() | Alternation() | Swap() | Blend() | Conjunction():
                kept, message = _instead(part, able)
                losses.append(Loss(part.span, message))
                waiting.extend(_Leaf(child, weight * by, depth, group) for child, by in reversed(kept))
            case Break() if not able.breaks:
                losses.append(Loss(part.span, f"{able.title} cannot end a chunk by hand, left out"))
                if not able.single_spaces:
                    yield _Leaf(Text(part.span, " "), weight, depth, group)
            case Concept(loads=False):
                losses.append(Loss(part.span, f"`{part.name}` is not loaded where it stands, so it is left out"))
            case Concept():
                yield from _called(leaf, part, able, losses)
            case Text():
                yield from _words(leaf, part, able, losses)
            case Break():
                yield leaf


def _words(leaf: _Leaf, part: Text, able: DialectRow, losses: list[Loss]) -> Iterator[_Leaf]:
    """Text, for Compel as the words it is made of; a word that ends in signs has no other spelling there."""
    if not able.single_spaces:
        yield leaf
        return
    words = part.text.split()
    if words:
        yield replace(leaf, part=Text(part.span, " ".join(words)))
    if not able.signed_words and (signed := next(filter(_SIGNED.fullmatch, words), None)):
        losses.append(Loss(part.span, f"{able.title} reads the signs of `{signed}` as a weight"))


def _instead(
    part: Schedule | Alternation | Swap | Blend | Conjunction, able: DialectRow
) -> tuple[list[tuple[Part, float]], str]:
    """The parts that stand in for one the dialect lacks, each with a factor, and the words for it."""
    match part:
        case Schedule(before=before, after=after):
            return [(child, 1.0) for child in after or before], f"{able.title} has no steps, the later words are kept"
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


def _called(leaf: _Leaf, concept: Concept, able: DialectRow, losses: list[Loss]) -> Iterator[_Leaf]:
    is_embedding = concept.kind == "embedding"
    if able.calls_embeddings if is_embedding else able.network:
        kind = concept.kind if able.calls_embeddings or concept.kind else "lora"
        yield replace(leaf, part=replace(concept, kind=kind))
    elif is_embedding:
        losses.append(Loss(concept.span, f"{able.title} calls an embedding by its bare name"))
        yield replace(leaf, part=Text(concept.span, concept.name))
    else:
        losses.append(Loss(concept.span, f"{able.title} calls no network in the prompt, `{concept.name}` is left out"))


def _grouped(leaves: Iterator[_Leaf] | list[_Leaf], able: DialectRow, losses: list[Loss]) -> Parts:
    """Neighbours of equal weight in one group."""
    result: list[Part] = []
    for weight, run in groupby(leaves, lambda leaf: leaf.weight):
        parts = tuple(leaf.part for leaf in run)
        span = Span(parts[0].span.start, parts[-1].span.end)
        result.extend(_weighted(parts, span, weight, able, losses))
    return tuple(result)


def _weighted(parts: Parts, span: Span, weight: float, able: DialectRow, losses: list[Loss]) -> Parts:
    if weight == 1.0 or not any(_has_words(part) for part in parts):
        return parts
    if not isfinite(weight) or (weight < 0 and not able.below_zero):
        losses.append(Loss(span, f"{able.title} has no weight {weight:g}, the words count 1"))
        return parts
    if able.numbers:
        before, inside, after = _trimmed(parts)
        return (*before, Weight(span, inside, weight, span, absolute=able.absolute), *after)
    for times in range(1, 6):
        if abs(weight - EMPHASIS**times) < 1e-9:
            before, inside, after = _trimmed(parts)
            for _ in range(times):
                inside = (Weight(span, inside, EMPHASIS),)
            return (*before, *inside, *after)
    losses.append(Loss(span, f"{able.title} knows no numbers, the words count 1 instead of {weight:g}"))
    return parts


def _has_words(part: Part) -> bool:
    return not isinstance(part, Concept | Break) and not (isinstance(part, Text) and not part.text.strip())


def _trimmed(parts: Parts) -> tuple[Parts, Parts, Parts]:
    """The parts with the blanks at both ends taken out of the group."""
    first, last = parts[0], parts[-1]
    before: Parts = ()
    after: Parts = ()
    if isinstance(first, Text) and (blank := first.text[: len(first.text) - len(first.text.lstrip())]):
        before = (Text(first.span, blank),)
        parts = (Text(first.span, first.text.lstrip()), *parts[1:])
        last = parts[-1]
    if isinstance(last, Text) and (blank := last.text[len(last.text.rstrip()) :]):
        after = (Text(last.span, blank),)
        parts = (*parts[:-1], Text(last.span, last.text.rstrip()))
    return before, parts, after


def _with_negatives(leaves: list[_Leaf], able: DialectRow, losses: list[Loss]) -> Parts:
    result: list[Part] = []
    for (is_below, _), run in groupby(leaves, lambda leaf: (leaf.depth > 0, leaf.group)):
        parts = _grouped(list(run), able, losses)
        result.extend(
            (Negative(Span(parts[0].span.start, parts[-1].span.end), parts),) if is_below and parts else parts
        )
    return tuple(result)
