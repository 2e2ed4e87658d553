"""How much words count, and how many tokens they take."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from promptlang.source import Span
from promptlang.syntax.nodes import Branch, Break, Negative, Part, Text, Weight, inner
from promptlang.tables.dialects import dialect_row
from promptlang_lsp.features.names.names import prompts
from promptlang_lsp.texts.page import Page
from promptlang_lsp.texts.variants import variants

CHUNK = 75
STRONGER = 1.1  # another pair of square brackets around a negative
LONGEST = 50_000  # code points of one prompt whose tokens are counted while somebody types


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
    for number, prompt in enumerate(prompts(page.statement(index))):
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


def counted(page: Page, index: int) -> str:
    """The number of CLIP tokens and chunks of the prompt, in words; empty where nothing is counted."""
    positive, negative = token_counts(page, index)
    if not positive and not negative:
        return ""
    edges = chunk_edges(page, index)
    chunks = max(edges[-1][1] if edges else 1, -(-positive // CHUNK))
    words = f"{positive:,} token{'s' * (positive != 1)} in {chunks} chunk{'s' * (chunks != 1)} of {CHUNK}"
    below = f", {negative:,} in the negative prompt" if negative else ""
    return f"{words}{below}{' (as written, before variants)' if variants(page, index) else ''}"


def token_counts(page: Page, index: int) -> tuple[int, int]:
    """Tokens of the positive and of the negative side."""
    meaning = page.meaning(index)

    def count() -> tuple[int, int]:
        from promptlang.tokens.ids import token_ids

        sides = meaning.sides
        if sum(len(run.text) for run in (*sides.positive, *sides.negative)) > LONGEST:
            return 0, 0
        positive = sum(len(token_ids(run.text)) for run in sides.positive)
        return positive, sum(len(token_ids(run.text)) for run in sides.negative)

    return page.snapshot.pieces[index].remembered("tokens counted", meaning, count)


def chunk_edges(page: Page, index: int) -> tuple[tuple[int, int], ...]:
    """Where the second and later chunks of the positive prompt begin: offset in the statement and chunk number.

    Chunks end after 75 tokens, earlier after a comma among the last 20, and at every `BREAK`.
    """
    meaning = page.meaning(index)
    return page.snapshot.pieces[index].remembered("edges", meaning, lambda: tuple(_edges(page, index)))


def _edges(page: Page, index: int) -> Iterator[tuple[int, int]]:
    from promptlang.tokens.ids import token_ids

    text = page.statement(index).text
    if len(text) > LONGEST:
        return
    places: list[tuple[int, bool]] = []  # of the tokens of the chunk so far: where they begin, whether a comma
    chunk = 1
    for stretch in stretches(page, index):
        if isinstance(stretch, Break):
            chunk += 1
            places = []
            yield stretch.span.end, chunk
            continue
        if stretch.negative:
            continue
        for start, word in _words(text, stretch.span):
            for number in range(len(token_ids(word))):
                if len(places) == CHUNK:
                    comma = max((at for at, (_, is_comma) in enumerate(places) if is_comma), default=-1)
                    keep = comma + 1 if word != "," and comma >= CHUNK - 20 else CHUNK
                    places = places[keep:]
                    chunk += 1
                    yield (places[0][0] if places else start), chunk
                places.append((start, word == ","))
                del number


def _words(text: str, span: Span) -> Iterator[tuple[int, str]]:
    """Words and signs of a stretch with their offsets; the vocabulary never joins two of them."""
    import re

    for match in re.compile(r"[^\W\d_]+|\d|[^\s\w]+|_+").finditer(text, span.start, span.end):
        yield match.start(), match[0]
