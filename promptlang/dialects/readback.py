"""What a converted text says to the dialect that reads it, beside what it was meant to say: no change goes unsaid."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from difflib import SequenceMatcher

from promptlang.sentences import listed
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
    Schedule,
    Swap,
    Text,
    Weight,
    inner,
)
from promptlang.values import dataclass, field

DIGITS = 6  # of weights that count as equal: dialects write them in different ways
_AT_ONCE, _PIECE = 200, 64  # words and signs that are compared with one another, where there are few and where many
_PLACED = 50  # losses that are looked for to the letter; further ones point at the stretch they stand in
_LONGEST = 24  # letters of a message's quotation

_PIECES = re.compile(r"\w+|[^\w\s]+")
"""What is read as one: letters and digits, or signs. Blanks between the two kinds change nothing that CLIP reads."""

_Says = tuple[object, ...]
_Sign = tuple[str | float, ...]
_Waiting = list[tuple[Part | Branch | _Sign, float]]


@dataclass(frozen=True, slots=True)
class Loss:
    """Something that the other dialect cannot say, and what was written instead."""

    span: Span
    message: str


@dataclass(frozen=True, slots=True)
class _Line:
    """Words with their weights and signs, or calls, in order; where each stands is no part of what it says."""

    says: list[_Says] = field(default_factory=list[_Says])
    spans: list[Span] = field(default_factory=list[Span])

    def words(self) -> _Line:
        """The same with each word alone, of those that stand together."""
        found = _Line()
        for says, span in zip(self.says, self.spans, strict=True):
            split = [("word", word, says[2]) for word in _PIECES.findall(str(says[1]))] if says[0] == "text" else [says]
            found.says.extend(split)
            found.spans.extend([span] * len(split))
        return found


def unread(
    meant: Parts,
    read: Parts,
    title: str,
    known: Sequence[Loss],
    passage: Passage,
    drawn: Callable[[str], str] = str,
) -> list[Loss]:
    """A loss for each stretch of what was meant that is read as something else, but for those already known.

    `passage` is the text that the parts were read from, `drawn` gives words as the reader's owner draws them.
    """
    found: list[Loss] = []
    spans = {loss.span for loss in known}
    for is_call, wanted, there in zip((True, False), _said(meant), _said(read, drawn), strict=True):
        if wanted.says == there.says:
            continue  # to the blank, as most are
        wanted, there = (wanted, there) if is_call else (wanted.words(), there.words())
        if wanted.says == there.says:
            continue
        for start, end, other, stop in _changes(wanted.says, there.says):
            now = there.says[other:stop]
            if not wanted.says:
                words = "calls" if is_call else "words"
                found.append(Loss(_whole(meant), f"{title} reads {words} that nobody wrote, `{_shown(now)}`"))
                continue
            if start == end:
                start, end = max(start - 1, 0), start + 1
            if wanted.spans[start] not in spans:
                span = Span(wanted.spans[start].start, max(each.end for each in wanted.spans[start:end]))
                exact = span if is_call or len(found) >= _PLACED else _exact(passage, span, wanted, start, end)
                found.append(Loss(exact, _message(wanted.says[start:end], now, title, is_call=is_call)))
    return found


def _changes(wanted: Sequence[_Says], there: Sequence[_Says]) -> Iterator[tuple[int, int, int, int]]:
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


def _exact(passage: Passage, span: Span, wanted: _Line, start: int, end: int) -> Span:
    """Where the words themselves stand in the text; the whole stretch where they are written otherwise.

    In the text stand signs beside the words, so they are looked for from where they would stand without those.
    """
    if len(passage.starts) > 1:
        return span
    begin, stop = (each - passage.origins[0] for each in (span.start, span.end))
    pieces = list(_PIECES.finditer(passage.text, begin, stop))
    words = [_word(each) for each in wanted.says[start:end]]
    first = next(at for at, each in enumerate(wanted.spans) if each is wanted.spans[start])
    for at in range(start - first, len(pieces) - len(words) + 1):
        if all(pieces[at + number][0] == word for number, word in enumerate(words)):
            return passage.span(pieces[at].start(), pieces[at + len(words) - 1].end())
    return span


def _word(says: _Says) -> str:
    return "BREAK" if says[0] == "break" else str(says[1] if says[0] in ("word", "call") else says[0])


def _shown(several: Sequence[_Says]) -> str:
    shown = " ".join(map(_word, several))
    return shown if len(shown) <= _LONGEST else f"{shown[:_LONGEST]}…"


def _message(meant: Sequence[_Says], read: Sequence[_Says], title: str, *, is_call: bool) -> str:
    shown, now = _shown(meant), _shown(read)
    if is_call:
        shown = _shown([*{each[1]: each for each in meant}.values()])
    if is_call and not any(each[1] == meant[0][1] for each in read):
        return f"{title} cannot call `{shown}`"
    if is_call:
        return f"{title} calls `{shown}` in another way, its kind or strength is lost"
    if not now:
        return f"{title} reads nothing where `{shown}` stands"
    if now != shown:
        return f"{title} reads `{shown}` as `{now}`"
    counts = dict.fromkeys(f"{each[2]:g}" for each in read if each[0] == "word")
    return f"{title} reads `{shown}` {f'as words that count {listed(counts)}' if counts else 'otherwise'}"


def _said(parts: Parts, drawn: Callable[[str], str] = str) -> tuple[_Line, _Line]:
    """The calls, and the words that stand together with what they count, in order."""
    calls, line = _Line(), _Line()
    words: list[str] = []
    weight, span = 1.0, Span(0, 0)

    def finish() -> None:
        if words:
            line.says.append(("text", drawn("".join(words)), weight))
            line.spans.append(span)
            words.clear()

    for part, counts in _leaves(parts):
        if isinstance(part, Text):
            if not words or counts != weight:
                finish()
                weight, span = counts, part.span
            words.append(part.text)
            span = Span(span.start, part.span.end) if len(words) > 1 else span
        elif isinstance(part, Concept):  # cut out, it parts no word
            if part.loads:
                calls.says.append(_call(part, counts))
                calls.spans.append(part.span)
        else:
            finish()
            is_break = isinstance(part, Break)
            line.says.append(("break",) if is_break else part)
            line.spans.append(part.span if is_break else span)
    finish()
    return calls, line


def _call(node: Concept, counts: float) -> _Says:
    kind = node.kind if node.kind != "lora" else ""
    strength = (1.0 if node.weight is None else node.weight) * (counts if kind == "embedding" else 1.0)
    return ("call", node.name, kind, strength, (*_arguments(node.arguments), *map(str, node.moments)))


def _arguments(arguments: tuple[str, ...]) -> tuple[str, ...]:
    """What is asked for beside the strength: first that on the text encoder, named or the first of two numbers."""
    named = {name: value for name, mark, value in (each.partition("=") for each in arguments) if mark}
    plain = [each for each in arguments if "=" not in each]
    first = plain[0] if len(plain) > 1 or (plain and "unet" in named) else ""
    others = (each for each in arguments if "=" in each and each.partition("=")[0] not in ("te", "unet"))
    return (named.get("te", first), *plain[2:], *others)


def _leaves(parts: Parts) -> Iterator[tuple[Text | Concept | Break | _Sign, float]]:
    """The parts without weights around them, each with all it counts; signs for what stands around several."""
    waiting: _Waiting = [(part, 1.0) for part in reversed(parts)]
    while waiting:
        part, weight = waiting.pop()
        match part:
            case Text() | Concept() | Break() | tuple():
                yield part, round(weight, DIGITS)
                continue
            case Weight(factor=factor, absolute=absolute):
                weight = factor if absolute else weight * factor
            case Negative():
                waiting.append((("]",), 1.0))
                yield ("[",), 1.0
            case Branch(weight=share):
                yield ("branch", round(share, DIGITS)), 1.0
            case Schedule(before=before, after=after, when=when):
                yield ("schedule", when), 1.0
                _wait(waiting, (before, after), weight)
                continue
            case Alternation(choices=choices):
                yield ("alternation",), 1.0
                _wait(waiting, choices, weight)
                continue
            case Swap() | Blend() | Conjunction():
                yield (type(part).__name__,), 1.0
        waiting.extend((child, weight) for child in reversed(inner(part)))


def _wait(waiting: _Waiting, choices: Sequence[Parts], weight: float) -> None:
    """Put what changes at steps next, with a sign behind each part of it."""
    for choice in reversed(choices):
        waiting.append((("then",), 1.0))
        waiting.extend((child, weight) for child in reversed(choice))
