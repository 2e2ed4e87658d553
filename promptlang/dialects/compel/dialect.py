"""Compel's prompt text: `x+`, `(x)1.3`, `x.swap(y)`, blends and conjunctions; words are joined by single spaces."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable
from functools import cache
from itertools import groupby, pairwise
from typing import Literal

from promptlang.dialects.compel.findings import findings
from promptlang.dialects.compel.flat import FlatBlend, FlatPrompt, flattened, runs_of, unescaped
from promptlang.dialects.compel.lexemes import PLAIN, Piece, Reading, is_blend, lexemes
from promptlang.dialects.compel.write import plain, spellings
from promptlang.dialects.dialect import Dialect, WeightedText
from promptlang.plans.plan import Conditioned, Conditioning, Segment
from promptlang.source import Passage, Span
from promptlang.syntax import grammar
from promptlang.syntax.driving import Loop, Token, placed
from promptlang.syntax.nodes import Blend, Branch, Concept, Conjunction, Part, Parts, Prompt, Swap, Text, Weight

PLUS, MINUS = 1.1, 0.9


class _Builder:
    """Makes nodes while the parser runs."""

    def start(self, children: list[Part | Token]) -> Parts:
        return tuple(child for child in children if not isinstance(child, Token))

    def text(self, children: list[Token]) -> Text:
        return Text(children[0].span, str(children[0]))

    def lora(self, children: list[Token]) -> Concept:
        token = children[0]
        name, _, weight = token[token.index("(") + 1 : -1].partition(",")
        start = token.index(name.strip(), token.index("("))
        span = token.span
        name_span = span.part(start, start + len(name.strip()), len(token))
        number = _number_span(token, span, weight)
        return Concept(span, name.strip(), name_span, float(weight) if weight.strip() else 1.0, number, kind="lora")

    def head(self, children: list[Token]) -> Weight:
        span = children[0].span
        return Weight(span, (Text(span, str(children[0])),), 1.0)

    def group(self, children: list[Token | Part]) -> Weight:
        return Weight(_around(children), _parts(children), 1.0)

    quoted = group

    def bare(self, children: list[Weight]) -> Weight:
        return children[0]

    def weight(self, children: list[Weight | Token]) -> Weight:
        target, suffix = children
        assert isinstance(target, Weight)
        assert isinstance(suffix, Token)
        span, number = suffix.span, suffix.rpartition("(")[2].rstrip(") \t\r\n")
        start = suffix.rindex(number)
        place = span.part(start, start + len(number), len(suffix))
        return Weight(Span(target.span.start, span.end), target.parts, _factor(number.strip()), place)

    def swap(self, children: list[Weight | Part | Token]) -> Swap:
        target, *rest = children
        assert isinstance(target, Weight)
        closing = rest[-1]
        assert isinstance(closing, Token)
        settings = tuple(_settings(closing[1:-1])) if closing.type == "SETTINGS" else ()
        return Swap(Span(target.span.start, closing.end_pos), target.parts, _parts(rest), settings)

    def list(self, children: list[Token | Weight | Text]) -> Blend | Conjunction:
        span, joined = _around(children), children[-1]
        assert isinstance(joined, Token)
        settings = list(_settings(joined[joined.index("(") + 1 : -1]))
        normalized = True
        if is_blend(joined) and settings and settings[-1][0] == "no_normalize":
            normalized = False
            settings.pop()
        elements = [child for child in children if not isinstance(child, Token)]
        weights = [_weight(name) for name, _ in settings[: len(elements)]]
        weights += [1.0] * (len(elements) - len(weights))
        branches = tuple(
            Branch(element.span, element.parts if isinstance(element, Weight) else (element,), weight)
            for element, weight in zip(elements, weights, strict=True)
        )
        return Blend(span, branches, normalized) if is_blend(joined) else Conjunction(span, branches)


def _parts(children: list[Token | Part]) -> Parts:
    return tuple(child for child in children if not isinstance(child, Token))


def _around(children: list[Token | Part] | list[Token | Weight | Text]) -> Span:
    return Span(children[0].span.start, children[-1].span.end)


def _number_span(token: Token, span: Span, weight: str) -> Span | None:
    if not weight.strip():
        return None
    start = token.rindex(weight.strip())
    return span.part(start, start + len(weight.strip()), len(token))


def _factor(written: str) -> float:
    """`++` is 1.1 twice, `--` 0.9 twice, anything else a number."""
    if written[-1] not in "+-":
        return float(written)
    try:
        return (PLUS if written[0] == "+" else MINUS) ** len(written)
    except OverflowError:
        return float("inf")


def _settings(written: str) -> list[tuple[str, str]]:
    pairs = (setting.partition("=") for setting in written.split(",")) if written.strip() else ()
    return [(name.strip(), value.strip()) for name, _, value in pairs]


def _weight(written: str) -> float:
    try:
        return float(written)
    except ValueError:
        return 1.0


@cache
def _grammar() -> Loop[Parts]:
    return grammar.load("compel", _Builder())


_GLUED_COMMA = re.compile(r",\S")
_BLANKS = dict.fromkeys(map(ord, "\x0b\x0c"), " ")  # which the owner cannot read


def spaced(passage: Passage) -> Passage:
    """The passage with a space behind each comma, as the owner begins; of two in a row only the first gets one."""
    text = passage.text
    places = [match.start() + 1 for match in _GLUED_COMMA.finditer(text)]
    if not places:
        return passage
    pieces = [text[start:end] for start, end in pairwise((0, *places, len(text)))]
    offsets = sorted({*passage.starts, *places})
    starts = tuple(offset + bisect_right(places, offset) for offset in offsets)
    return Passage(" ".join(pieces), starts, tuple(passage.at(offset) for offset in offsets))


def parse(passage: Passage) -> Prompt:
    """The tree of a prompt text in Compel's dialect."""
    text = spaced(passage)
    span = passage.span(0, len(passage.text))
    if not text.text.strip():
        return Prompt(span, passage, (), "compel")
    reading = Reading(text.text.translate(_BLANKS), lexemes(_grammar()))
    pieces = reading.read()
    tree = _grammar().built(_tokens(pieces, text))
    return Prompt(span, passage, tree, "compel", tuple(findings(text, pieces, tree)))


def _tokens(pieces: list[Piece], passage: Passage) -> list[Token]:
    """Plain words in a row are one text; every text of a prompt but its first begins with the space that joins it."""
    result: list[Token] = []
    space = ""
    for is_plain, run in groupby(pieces, lambda piece: piece.kind in PLAIN):
        if is_plain:
            words = list(run)
            text = space + " ".join([_word(piece) for piece in words])
            result.append(placed("TEXT", passage, words[0].start, words[-1].end, text))
            space = " "
            continue
        for piece in run:
            text = space + _word(piece) if piece.kind == "HEAD" else piece.text
            result.append(placed(piece.kind, passage, piece.start, piece.end, text))
            space = " " if piece.kind == "HEAD" else "" if piece.kind in {"LIST", "COMMA"} else space
    return result


def _word(piece: Piece) -> str:
    if piece.kind == "SWAP_WORD":
        return ". swap"
    return unescaped(piece.text, 2) if "\\" in piece.text else piece.text


def write(parts: Parts) -> str:
    """The parts as text; of several spellings the first that is read as what was meant, to the blank or at least."""
    first, *others = spellings(parts)
    if not others:
        return first
    meant = repr(flattened(parts))  # in which a weight that is no number is like itself
    nearly = ""
    for each in dict.fromkeys((first, *others)):
        read = repr(flattened(parse(Passage(each)).parts))
        if read == meant:
            return each
        if not nearly and read.replace(" ", "") == meant.replace(" ", ""):
            nearly = each
    return nearly or first


def weights(prompt: Prompt) -> WeightedText:
    """The fragments in order, swaps by what they show first; weights of a blend or conjunction stand beside them."""
    return flattened(prompt.parts).shown()


def condition(passage: Passage, calls: int) -> Conditioning:
    """The prompts of a blend, mixed, or of a conjunction, laid one behind the other; a swap is drawn as its original.

    A blend inside a longer conjunction becomes its prompts in a row: diffusers has no place for both at once.
    """
    flat = flattened(parse(passage).parts)
    match flat.prompts:
        case (FlatBlend(prompts=prompts, weights=shares, normalized=normalized),):
            return _conditioning(zip(prompts, shares, strict=True), calls, "blend", normalized)
        case several:
            branches = (
                (prompt, weight)
                for each, weight in zip(several, flat.weights, strict=True)
                for prompt in (each.prompts if isinstance(each, FlatBlend) else (each,))
            )
            return _conditioning(branches, calls, "concatenate", True)


def _conditioning(
    branches: Iterable[tuple[FlatPrompt, float]], calls: int, combine: Literal["blend", "concatenate"], normalized: bool
) -> Conditioning:
    conditioned = tuple(Conditioned((Segment(calls, tuple(runs_of(prompt))),), weight) for prompt, weight in branches)
    return Conditioning(
        branches=conditioned or (Conditioned((Segment(calls, ()),)),),
        combine=combine if len(conditioned) > 1 else "and",
        normalized=normalized,
    )


DIALECT = Dialect(
    name="compel", parse=parse, weights=weights, write=write, plain=plain, weighting="compel", condition=condition
)
