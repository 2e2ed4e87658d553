"""Weights up and down at the cursor: of the group or concept it stands in, of a tag, or of a word of prose."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING

from promptlang.diagnostics import Edit
from promptlang.fixes import applied
from promptlang.lints.places import BRACKETS
from promptlang.source import Span
from promptlang.syntax.nodes import Branch, Concept, Part, Text, Weight
from promptlang.tables.dialects import DialectRow, dialect_row
from promptlang_lsp.features.changes.rewrites import complaints, in_file, reading
from promptlang_lsp.features.names.places import is_escaped, local, nodes_at
from promptlang_lsp.texts.page import Page
from promptlang_lsp.texts.word_lists import is_listed

if TYPE_CHECKING:
    from promptlang.meaning.view import View

PHRASE_ENDS = ",()[]{}<>|\r\n\u3001\uff0c"
WORD_ENDS = " \t\r\n.,\\/!?%^*;:{}=`~()[]<>|"  # as stable-diffusion-webui cuts them
MOST_WORDS_OF_A_TAG = 4
HIGHEST = 100.0

Change = tuple[Edit, Span]  # and where the words stand that it is about


def reweighted(page: Page, span: Span, steps: int) -> tuple[Edit, ...]:
    """Edits that make the words of a selection, or around the cursor, count more (`steps` > 0) or less.

    Offsets count in the file. Nothing where there are no words, or where the dialect has no way to say it.
    """
    index, at = local(page, span.start)
    base = page.snapshot.starts[index]
    inside = Span(at, min(span.end - base, len(page.snapshot.pieces[index].text)))
    found = _of_node(page, index, inside, steps) or _of_words(page, index, inside, steps)
    return _safe(page, index, found, steps)


def _safe(page: Page, index: int, found: Change | None, steps: int) -> tuple[Edit, ...]:
    """The edit in the file; none where the dialect would read other words, or weigh any but those that are meant."""
    if found is None:
        return ()
    text, (edit, meant) = page.snapshot.pieces[index].text, found
    after = applied(text, (edit,))
    if after == text:
        return ()
    before, now = page.meaning(index), reading(page, index, after)
    is_odd = complaints(now.statement).keys() - complaints(before.statement).keys()
    replaces = dialect_row(before.statement.prompt.dialect).absolute  # which its reader says, and is meant
    if _called(before) != _called(now) or (is_odd and not replaces):
        return ()
    old, new = list(_letters(before)), list(_letters(now))
    if [each[:2] for each in old] != [each[:2] for each in new]:
        return ()
    written = iter(text[meant.start : meant.end])
    is_meant = all(
        letter in written and (weight - was) * steps > 0
        for (_, letter, was), (_, _, weight) in zip(old, new, strict=True)
        if weight != was
    )
    return in_file(page, index, (edit,)) if is_meant else ()


def _letters(meaning: View) -> Iterator[tuple[int, str, float]]:
    """The side, the sign and the weight of everything on both sides that is no blank."""
    for side, runs in enumerate((meaning.sides.positive, meaning.sides.negative)):
        for run in runs:
            yield from ((side, letter, run.weight) for letter in run.text if not letter.isspace())


def _called(meaning: View) -> list[str]:
    """What is called and set."""
    return [*(each.node.name for each in meaning.called), *map(str, meaning.settings)]


def _of_node(page: Page, index: int, span: Span, steps: int) -> Change | None:
    nodes = list(nodes_at(page, index, span.start))
    for at, node in reversed(list(enumerate(nodes))):
        if isinstance(node, Concept) and node.span.contains(span):
            return _concept(page, dialect_row(page.statement(index).prompt.dialect), node, steps)
        if isinstance(node, Weight) and _means(page, index, node, nodes, span):
            return _group(page, index, node, _around(page, index, nodes[:at]), steps)
    return None


def _around(page: Page, index: int, nodes: Sequence[Part | Branch]) -> float:
    """What a number inside of these groups starts from: 1, or their own weight where it takes the place of that."""
    if not dialect_row(page.statement(index).prompt.dialect).absolute:
        return 1.0
    weight = 1.0
    for node in nodes:
        if isinstance(node, Weight):
            weight = node.factor if node.absolute else weight * node.factor
    return weight


def _means(page: Page, index: int, node: Weight, nodes: list[Part | Branch], span: Span) -> bool:
    """Whether the group as a whole is meant: it holds one phrase, or all of it is selected, or its number is."""
    text = page.snapshot.pieces[index].text
    if not node.span.contains(span):
        return False
    if span.end > span.start:
        body = Span(node.parts[0].span.start, node.parts[-1].span.end) if node.parts else node.span
        return span.contains(body)
    inside = text[node.span.start : node.span.end]
    return "," not in inside or not any(isinstance(each, Text) for each in nodes) or nodes[-1] is node


def _concept(page: Page, row: DialectRow, node: Concept, steps: int) -> Change | None:
    if node.strengths:
        return None  # there is none of several that is meant
    weight = _stepped(1.0 if node.weight is None else node.weight, steps * page.configuration.weights.concept)
    if node.number is not None:
        return Edit(node.number, weight), node.span
    end = node.span.end - 1
    return Edit(Span(end, end), row.strength.format(weight=weight)), node.span


def _group(page: Page, index: int, node: Weight, around: float, steps: int) -> Change | None:
    """Another number; where it changes nothing the brackets go."""
    text, row = page.snapshot.pieces[index].text, dialect_row(page.statement(index).prompt.dialect)
    body = text[node.parts[0].span.start : node.parts[-1].span.end] if node.parts else ""
    if not row.numbers:
        more = _weighted(row, text[node.span.start : node.span.end], "")
        return Edit(node.span, body if steps < 0 and body else more), node.span
    factor = node.factor if node.number else round(around * node.factor, 1)  # a step from `[x]`, 0.909, is 1
    weight = _stepped(factor, steps * page.configuration.weights.step)
    if weight == _stepped(around, 0.0) and body:
        return Edit(node.span, body), node.span
    if node.number is not None:
        return Edit(node.number, weight), node.span
    return (Edit(node.span, _weighted(row, body, weight)), node.span) if body else None


def _of_words(page: Page, index: int, span: Span, steps: int) -> Change | None:
    text = page.snapshot.pieces[index].text
    statement = page.statement(index)
    words = _phrase(page, index, span)
    if words is None:
        return None
    row, body = dialect_row(statement.prompt.dialect), text[words.start : words.end]
    if not row.numbers:
        return (Edit(words, _weighted(row, body, "")), words) if steps > 0 else None
    around = _around(page, index, list(nodes_at(page, index, span.start)))
    weight = _stepped(around, steps * page.configuration.weights.step)
    return Edit(words, _weighted(row, body, weight)), words


def _phrase(page: Page, index: int, span: Span) -> Span | None:
    """The selected words, or the phrase around the cursor; never options, recipes or comments."""
    text = page.snapshot.pieces[index].text
    statement = page.statement(index)
    label, command = statement.label, statement.command
    signs = (*statement.options, *statement.recipes, *statement.comments, *filter(None, (label, command)))
    taken = [each.span for each in signs]
    for node in nodes_at(page, index, span.start):
        number = getattr(node, "number", None)
        if isinstance(number, Span):
            taken.append(Span(number.start - 1, number.end))
    if span.end > span.start:
        whole_words = dialect_row(statement.prompt.dialect).whole_words
        found = _widened(text, span, _ends_word) if whole_words else span
    else:
        found = _widened(text, span, PHRASE_ENDS.__contains__)
        inmost = [*nodes_at(page, index, span.start)][-1:]
        if inmost and isinstance(inmost[0], Text):  # signs of the dialect may be letters, as `AND` and `::` are
            found = Span(max(found.start, inmost[0].span.start), min(found.end, inmost[0].span.end))
        if any(each.start <= span.start <= each.end for each in taken):
            return None
        found = Span(
            max((found.start, *(each.end for each in taken if each.end < span.start))),
            min((found.end, *(each.start for each in taken if each.start > span.start))),
        )
        if _is_prose(page, text[found.start : found.end]):
            found = _word_around(text, found, span.start)
    body = text[found.start : found.end]
    if not body.strip() or any(map(found.meets, taken)):
        return None
    if any(body.count(opening) != body.count(closing) for opening, closing in BRACKETS):
        return None
    return Span(found.end - len(body.lstrip()), found.start + len(body.rstrip()))


def _widened(text: str, span: Span, ends: Callable[[str], bool]) -> Span:
    """The span up to the nearest sign that ends it, on either side."""
    start, end = span.start, span.end
    while start and (not ends(text[start - 1]) or is_escaped(text, start - 1)):
        start -= 1
    while end < len(text) and (not ends(text[end]) or is_escaped(text, end)):
        end += 1
    return Span(start, end)


def _ends_word(letter: str) -> bool:
    return letter.isspace() or letter in PHRASE_ENDS


def _is_prose(page: Page, phrase: str) -> bool:
    """Whether a phrase is longer than tags are, and none that the word lists know."""
    words = phrase.split()
    return len(words) > MOST_WORDS_OF_A_TAG and not is_listed(page.word_files, "_".join(words).lower())


def _word_around(text: str, phrase: Span, at: int) -> Span:
    """The word of a phrase that the cursor stands in, or behind."""
    while at > phrase.start and text[at - 1 : at + 1].isspace():
        at -= 1
    start = end = at
    while start > phrase.start and text[start - 1] not in WORD_ENDS:
        start -= 1
    while end < phrase.end and text[end] not in WORD_ENDS:
        end += 1
    return Span(start, end)


def wrapped(page: Page, span: Span) -> tuple[Edit, ...]:
    """Edits that put brackets with one step of weight around a selection."""
    index, at = local(page, span.start)
    end = min(span.end - page.snapshot.starts[index], len(page.snapshot.pieces[index].text))
    return _safe(page, index, _of_words(page, index, Span(at, end), 1), 1)


def _weighted(row: DialectRow, words: str, weight: str) -> str:
    return row.group.format(words=words, weight=weight)


def _stepped(weight: float, step: float) -> str:
    """The next weight, without the noise of binary fractions, from 0 up."""
    return f"{min(max(round(weight + step, 4), 0.0), HIGHEST):g}"
