"""Colours with meaning: what each stretch of text is, and for words how strong they are."""

from __future__ import annotations

import re
from array import array
from collections.abc import Iterator
from itertools import pairwise
from typing import assert_never

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
    Prompt,
    Schedule,
    Swap,
    Text,
    Weight,
    inner,
)
from promptlang.tables.commands import command
from promptlang.tables.dialects import dialect_row
from promptlang.tables.options.table import option
from promptlang.variants.nodes import Choice, Chunk, Define, Literal, Use, WildcardUse, Wrap
from promptlang_lsp.protocol.legend import (
    CLASS,
    COMMENT,
    DEFINITION,
    DEPRECATED,
    FUNCTION,
    KEYWORD,
    MACRO,
    MEMBER,
    NEGATIVE,
    NUMBER,
    OPERATOR,
    PROPERTY,
    STRING,
    STRONGER,
    STRONGEST,
    UNKNOWN,
    WEAKER,
)
from promptlang_lsp.protocol.words import Steps
from promptlang_lsp.texts.page import Page
from promptlang_lsp.texts.variants import variants

STEP = 8  # statements between two looks at what has arrived
_LINE = re.compile(r"[^\r\n]*(?:\r\n|\r|\n)|[^\r\n]+")

Token = tuple[int, int, int, int]  # start, end, type, modifiers; offsets count from the statement


def statement_tokens(page: Page, index: int) -> tuple[Token, ...]:
    """The tokens of a statement in order, none overlapping."""
    piece = page.snapshot.pieces[index]
    known = page.context(index)
    return piece.remembered("tokens", known, lambda: tuple(_clean(_tokens(page, index))))


def encoding(page: Page, first: int, last: int, *, alone: bool = False) -> Steps[array[int]]:
    """The statements `first` to `last` (exclusive) as the protocol packs them, in steps: five numbers a token.

    The first token is counted from the last one before `first`, or (`alone`) from the start of the file.
    """
    data = array("I")
    snapshot = page.snapshot
    line, column = (0, 0) if alone else _last_place(page, first)
    for index in range(first, last):
        if not index % STEP:
            yield
        tokens = packed(page, index)
        if not tokens:
            continue
        below = snapshot.lines[index] + tokens[0] - line
        data.append(below)
        data.append(tokens[1] - column if not below else tokens[1])
        data.extend(tokens[2:-2])
        line, column = snapshot.lines[index] + tokens[-2], tokens[-1]
    return data


def _last_place(page: Page, first: int) -> tuple[int, int]:
    """Line and column of the last token before a statement; the start of the file where there is none."""
    for index in range(first - 1, -1, -1):
        if tokens := packed(page, index):
            return page.snapshot.lines[index] + tokens[-2], tokens[-1]
    return 0, 0


def packed(page: Page, index: int) -> array[int]:
    """A statement's tokens relative to its first line; the last two numbers are line and column of the last token."""
    tokens = statement_tokens(page, index)
    return page.snapshot.pieces[index].remembered("packed", tokens, lambda: _packed(page, index))


def _packed(page: Page, index: int) -> array[int]:
    snapshot, base = page.snapshot, page.snapshot.lines[index]
    text = snapshot.pieces[index].text
    data = array("I")
    line, column = 0, 0
    spans = [piece for token in statement_tokens(page, index) for piece in _one_line_each(text, token)]
    ends = snapshot.positions(index, [end for start, stop, _, _ in spans for end in (start, stop)])
    for at, (_, _, kind, modifiers) in enumerate(spans):
        (row, begin), (_, finish) = ends[2 * at], ends[2 * at + 1]
        row -= base
        data.extend((row - line, begin - column if row == line else begin, finish - begin, kind, modifiers))
        line, column = row, begin
    if data:
        data.extend((line, column))
    return data


def _one_line_each(text: str, token: Token) -> Iterator[Token]:
    """A token cut at line ends, for clients that know no other."""
    start, end, kind, modifiers = token
    if "\n" not in text[start:end] and "\r" not in text[start:end]:
        yield token
        return
    at = start
    for line in _LINE.findall(text, start, end):
        body = line.rstrip("\r\n")
        if body.strip():
            yield at, at + len(body), kind, modifiers
        at += len(line)


# --- which token is what ----------------------------------------------------------------------------------------------


def _clean(tokens: Iterator[Token]) -> Iterator[Token]:
    """In order, without what is empty or lies under an earlier token."""
    end = 0
    for token in sorted(tokens, key=lambda token: (token[0], token[1] - token[0])):
        start = max(token[0], end)
        if token[1] > start:
            yield start, token[1], token[2], token[3]
            end = token[1]


def _tokens(page: Page, index: int) -> Iterator[Token]:
    statement = page.statement(index)
    if statement.command:
        row = command(statement.command.name)
        span = statement.command.span
        yield span.start, span.end, KEYWORD, DEPRECATED if row and row.hosted else 0
    if statement.label:
        yield statement.label.span.start, statement.label.span.end, FUNCTION, DEFINITION
    names = page.surroundings.recipes.names
    for use in statement.options:
        row = option(use.name)
        yield use.name_span.start, use.name_span.end, PROPERTY, 0 if row else UNKNOWN
        if use.value:
            number = use.value[:1].isdigit() or use.value[:1] in "-+."
            yield use.value_span.start, use.value_span.end, NUMBER if number else MEMBER, 0
    for recipe in statement.recipes:
        yield recipe.span.start, recipe.span.end, FUNCTION, 0 if recipe.name.lower() in names else UNKNOWN
    for comment in statement.comments:
        yield comment.span.start, comment.span.end, COMMENT, 0
    for chunk in variants(page, index):
        yield from _variant(chunk)
    for at, prompt in enumerate(statement.prompts):
        yield from _prompt_tokens(page, prompt, statement.text, negative=at == 1)


def _prompt_tokens(page: Page, prompt: Prompt, text: str, *, negative: bool) -> Iterator[Token]:
    keywords = dialect_row(prompt.dialect).keywords
    waiting: list[tuple[Part | Branch, float, bool]] = [(part, 1.0, negative) for part in reversed(prompt.parts)]
    while waiting:
        node, weight, below = waiting.pop()
        shade = NEGATIVE if below else 0
        match node:
            case Text(span=span):
                if strength := strength_of(weight) | shade:
                    yield span.start, span.end, STRING, strength
            case Weight(factor=factor, absolute=absolute, number=number):
                weight = factor if absolute else weight * factor
                yield from _marks(node, text, strength_of(weight) | shade)
                yield from _number(number, strength_of(weight))
            case Negative():
                below = True
                yield from _marks(node, text, NEGATIVE)
            case Concept(name_span=name, number=number):
                yield name.start, name.end, CLASS, shade | (0 if page.project.known(node.name) else UNKNOWN)
                yield from _number(number, 0)
            case Branch(number=number):
                yield from _number(number, 0)
            case Schedule(number=number):
                yield from _marks(node, text, shade)
                yield from _number(number, 0)
            case Break(span=span):
                yield from _keyword(text, span, keywords)
            case Conjunction(branches=branches):
                for before, after in pairwise(branches):
                    yield from _keyword(text, Span(before.span.end, after.span.start), keywords)
                yield from _keyword(text, _behind(node, branches), keywords)
            case Blend(branches=branches):
                yield from _keyword(text, _behind(node, branches), keywords)
            case Alternation() | Swap():
                yield from _marks(node, text, shade)
        waiting.extend((child, weight, below) for child in reversed(inner(node)))


def _variant(chunk: Chunk) -> Iterator[Token]:
    """The signs of a variant, and what stands for something else as a whole."""
    span = chunk.span
    match chunk:
        case Choice(options=options):
            yield span.start, span.start + 1, OPERATOR, 0
            for before, after in pairwise(options):
                if after.span.start - before.span.end == 1:
                    yield before.span.end, after.span.start, OPERATOR, 0
            yield span.end - 1, span.end, OPERATOR, 0
        case WildcardUse() | Define() | Use():
            yield span.start, span.end, MACRO, 0
        case Literal() | Wrap():
            return
        case _:
            assert_never(chunk)


def _keyword(text: str, span: Span, keywords: tuple[str, ...]) -> Iterator[Token]:
    """The first word of the dialect in a stretch of blanks, brackets and other calls."""
    found = ((at, at + len(word)) for word in keywords if (at := text.find(word, span.start, span.end)) >= 0)
    if first := min(found, default=None):
        yield *first, KEYWORD, 0


def _behind(node: Blend | Conjunction, branches: tuple[Branch, ...]) -> Span:
    """What stands behind the prompts that a call joins."""
    return Span(branches[-1].span.end if branches else node.span.start, node.span.end)


def _marks(node: Part, text: str, modifiers: int) -> Iterator[Token]:
    """The brackets of a group: its first and last character where they are signs."""
    for at in (node.span.start, node.span.end - 1):
        if text[at : at + 1] and text[at] in "()[]{}+-|":
            yield at, at + 1, OPERATOR, modifiers


def _number(span: Span | None, modifiers: int) -> Iterator[Token]:
    if span is not None:
        yield span.start, span.end, NUMBER, modifiers


def strength_of(weight: float) -> int:
    """The modifier that shows a weight; close to 1 is none."""
    if weight < 0.995:
        return WEAKER
    if weight > 1.35:
        return STRONGEST
    return STRONGER if weight > 1.005 else 0
