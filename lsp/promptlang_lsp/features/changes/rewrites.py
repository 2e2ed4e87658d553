"""What rewrites of a statement have in common: their parts, and whether the picture stays the same."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import replace
from typing import TYPE_CHECKING

from promptlang.diagnostics import Edit
from promptlang.dialects.dialect import dialect
from promptlang.plans.plan import Conditioned, Conditioning, Plan, Run
from promptlang.tables.dialects import DEFAULT
from promptlang_lsp.texts.page import Page
from promptlang_lsp.texts.snapshot import Piece

if TYPE_CHECKING:
    from promptlang.meaning.view import View
    from promptlang.syntax.nodes import Statement

Rewrite = tuple[str, str, tuple[Edit, ...]]  # title, kind, edits in the file

DIGITS = 6  # of weights that count as equal: dialects write them in different ways


def reading(page: Page, index: int, text: str) -> View:
    """The statement of that number as it would be read if `text`, which calls the same recipes, stood in its place."""
    from promptlang.meaning.view import view

    context = page.context(index)
    return view(Piece(text).read_in(context.parser), context)


def complaints(statement: Statement) -> Counter[str]:
    """What the readers of a statement find odd in it, by rule."""
    return Counter(each.rule.name for each in statement.diagnostics)


def first_plan(page: Page, index: int, text: str) -> Plan | None:
    """The first plan of such a text."""
    from promptlang.filling.plans import planned

    return next(planned(reading(page, index, text)), None)


def same_pictures(page: Page, index: int, text: str) -> bool:
    """Whether the statement draws the same if `text`, which may define a recipe, stood in its place."""
    before, after = _plans_with(page, index, page.snapshot.pieces[index].text), _plans_with(page, index, text)
    dialects = [[plan.dialect for plan in plans] for plans in (before, after)]
    return bool(before) and dialects[0] == dialects[1] and same_words(before, after)


def _plans_with(page: Page, index: int, text: str) -> tuple[Plan, ...]:
    """The plans of a text among the declarations that stand around a statement."""
    from promptlang.lowering.lower import compile

    pieces, numbers = page.snapshot.pieces, page.snapshot.declarations
    above = [pieces[number].text for number in numbers if number < index]
    below = [pieces[number].text for number in numbers if number > index]
    return compile("\n".join((*above, text, *below)), project=page.project).plans


def same_words(before: Iterable[Plan | None], after: Iterable[Plan | None]) -> bool:
    """Whether plans ask for the same words with the same weights of the same models, whatever dialect says it."""
    return [each and _wording(each) for each in before] == [each and _wording(each) for each in after]


def _wording(plan: Plan) -> Plan:
    networks = tuple(sorted(plan.networks, key=lambda each: (each.name, each.side)))
    return replace(
        plan,
        positive=_plain(plan.positive),
        negative=_plain(plan.negative),
        networks=networks,
        weighting=dialect(DEFAULT).weighting,
        arithmetic="",
        dialect="",
        source="",
        expanded="",
        origins=(),
        axes=(),
        statement=0,
    )


def _plain(conditioning: Conditioning) -> Conditioning:
    branches = tuple(
        Conditioned(
            tuple(replace(segment, runs=_words(segment.runs)) for segment in branch.segments),
            round(branch.weight, DIGITS),
        )
        for branch in conditioning.branches
    )
    return replace(conditioning, branches=branches)


def _words(runs: tuple[Run, ...]) -> tuple[Run, ...]:
    """Neighbours of one weight as one run, with single blanks: others mean nothing to a text encoder."""
    found: list[tuple[float, list[str]]] = []
    for run in runs:
        words, weight = run.text.split(), round(run.weight, DIGITS)
        if run.ends_chunk:
            words.append("BREAK")
        if words and found and found[-1][0] == weight:
            found[-1][1].extend(words)
        elif words:
            found.append((weight, words))
    return tuple(Run(" ".join(words), weight) for weight, words in found)


def without(text: str, gone: Iterable[str]) -> str:
    """A statement's text without its command and the options of these names, by whatever alias they are written."""
    from promptlang.statements.scan import scan
    from promptlang.tables.options.table import option

    read, names = scan(text), frozenset(gone)
    spans = [use.span for use in read.options if (row := option(use.name)) and row.name in names]
    if read.command:
        spans.append(read.command.span)
    kept: list[str] = []
    at = 0
    for span in sorted(spans):
        head = text[at : span.start]
        kept.append(head.rstrip(" \t") + " " if head.strip() else "")
        at = span.end
        while at < len(text) and text[at] in " \t":
            at += 1
    return "".join((*kept, text[at:])).strip()


def in_file(page: Page, index: int, edits: Iterable[Edit]) -> tuple[Edit, ...]:
    """A statement's edits with offsets that count from the start of the file."""
    return tuple(edit.moved(page.snapshot.starts[index]) for edit in edits)
