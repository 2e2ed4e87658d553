"""What a converted text says to the dialect that reads it, beside what it was meant to say: no change goes unsaid."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

from promptlang.source import Span
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
    Schedule,
    Swap,
    Text,
    Weight,
    inner,
)

_DIGITS = 6  # of weights that count as equal: dialects write them in different ways
_AT_ONCE, _PIECE = 200, 64  # words and signs that are compared with one another, where there are few and where many
_LONGEST = 24  # letters of a message's quotation


@dataclass(frozen=True, slots=True)
class Loss:
    """Something that the other dialect cannot say, and what was written instead."""

    span: Span
    message: str


@dataclass(frozen=True, slots=True)
class _Said:
    """A word with its weight, a call or a sign; where it stands is no part of what it says."""

    says: tuple[object, ...]
    shown: str
    span: Span


def unread(meant: Parts, read: Parts, title: str, known: Sequence[Loss]) -> list[Loss]:
    """A loss for each stretch of what was meant that is read as something else, but for those already known."""
    spans = {loss.span for loss in known}
    found: list[Loss] = []
    for kind in (True, False):
        wanted = [each for each in _said(meant) if (each.says[0] == "call") is kind]
        there = [each for each in _said(read) if (each.says[0] == "call") is kind]
        if [each.says for each in wanted] == [each.says for each in there]:
            continue
        for start, end, other, stop in _changes([each.says for each in wanted], [each.says for each in there]):
            if not wanted:
                words = "calls" if kind else "words"
                found.append(
                    Loss(_whole(meant), f"{title} reads {words} that nobody wrote, `{_shown(there[other:stop])}`")
                )
                continue
            several = wanted[start:end] or wanted[max(start - 1, 0) : start + 1]
            if several[0].span not in spans:
                found.append(_loss(several, there[other:stop], title, is_call=kind))
    return found


def _changes(
    wanted: Sequence[tuple[object, ...]], there: Sequence[tuple[object, ...]]
) -> Iterator[tuple[int, int, int, int]]:
    """The stretches of both that are not the same.

    `difflib` takes time with the square of what it compares, so of long texts it is shown one piece after the other,
    each from where the last one was the same.
    """
    at = by = 0
    while at < len(wanted) or by < len(there):
        piece = _PIECE if max(len(wanted) - at, len(there) - by) > _AT_ONCE else _AT_ONCE
        is_last = max(len(wanted) - at, len(there) - by) <= piece
        pairs = SequenceMatcher(None, wanted[at : at + piece], there[by : by + piece], autojunk=False).get_opcodes()
        same = [number for number, (change, *_) in enumerate(pairs, 1) if change == "equal"]
        kept = pairs if is_last or not same else pairs[: same[-1]]
        for change, start, end, other, stop in kept:
            if change != "equal":
                yield at + start, at + end, by + other, by + stop
        at, by = at + kept[-1][2], by + kept[-1][4]


def _whole(parts: Parts) -> Span:
    ends = [part.span for part in parts] or [Span(0, 0)]
    return Span(ends[0].start, max(span.end for span in ends))


def _shown(several: Sequence[_Said]) -> str:
    shown = " ".join(each.shown for each in several)
    return shown if len(shown) <= _LONGEST else f"{shown[:_LONGEST]}…"


def _loss(meant: Sequence[_Said], read: Sequence[_Said], title: str, *, is_call: bool) -> Loss:
    span = Span(meant[0].span.start, max(each.span.end for each in meant))
    shown = _shown(meant)
    if is_call and not any(each.says[1] == meant[0].says[1] for each in read):
        return Loss(span, f"{title} cannot call `{shown}`")
    if is_call:
        return Loss(span, f"{title} calls `{shown}` in another way, its kind or strength is lost")
    return Loss(span, f"{title} reads `{shown}` in another way")


def _said(parts: Parts) -> Iterator[_Said]:
    """The words with what they count, and the calls, in order; blanks say nothing."""
    words: list[str] = []
    weight, span = 1.0, Span(0, 0)
    for part, counts in (*_leaves(parts), (None, 1.0)):
        if isinstance(part, Text) and words and counts == weight:
            words.append(part.text)
            span = Span(span.start, part.span.end)
            continue
        if isinstance(part, Concept):  # cut out, it parts no word
            if part.loads:
                yield _call(part)
            continue
        for word in "".join(words).split():
            yield _Said(("word", word, weight), word, span)
        words = []
        match part:
            case Text(text=text):
                words, weight, span = [text], counts, part.span
            case Break():
                yield _Said(("break",), "BREAK", part.span)
            case tuple() as sign:
                yield _Said(sign, str(sign[0]), span)
            case None:
                return


def _call(node: Concept) -> _Said:
    kind = node.kind if node.kind != "lora" else ""
    strength = 1.0 if node.weight is None else node.weight
    return _Said(
        ("call", node.name, kind, strength, (*node.arguments[1:], *map(str, node.moments))), node.name, node.span
    )


_Sign = tuple[str | float, ...]


def _leaves(parts: Parts) -> Iterator[tuple[Text | Concept | Break | _Sign, float]]:
    """The parts without weights around them, each with all it counts; signs for what stands around several."""
    waiting: list[tuple[Part | Branch | _Sign, float]] = [(part, 1.0) for part in reversed(parts)]
    while waiting:
        part, weight = waiting.pop()
        match part:
            case Text() | Concept() | Break() | tuple():
                yield part, round(weight, _DIGITS)
                continue
            case Weight(factor=factor, absolute=absolute):
                weight = factor if absolute else weight * factor
            case Negative():
                waiting.append((("]",), 1.0))
                yield ("[",), 1.0
            case Branch(weight=share):
                yield ("branch", round(share, _DIGITS)), 1.0
            case Schedule(when=when):
                yield ("schedule", when), 1.0
            case Alternation() | Swap() | Blend() | Conjunction():
                yield (type(part).__name__,), 1.0
        waiting.extend((child, weight) for child in reversed(inner(part)))
