"""What rewrites of a statement have in common: their parts, and whether the picture stays the same."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from promptlang.diagnostics import Edit
from promptlang.plan import Conditioned, Conditioning, Plan, Run
from promptlang.source import Span
from promptlang_lsp.page import Page

Rewrite = tuple[str, str, tuple[Edit, ...]]  # title, kind, edits in the file

_DIGITS = 6  # of weights that count as equal: dialects write them in different ways


def plans_with(page: Page, index: int, text: str) -> tuple[Plan, ...]:
    """The plans of the statement of that number if `text` stood in its place; the declarations around it hold."""
    from promptlang.lower import compile

    pieces, numbers = page.snapshot.pieces, page.snapshot.declarations
    above = [pieces[number].text for number in numbers if number < index]
    below = [pieces[number].text for number in numbers if number > index]
    return compile("\n".join((*above, text, *below)), project=page.project).plans


def same_pictures(page: Page, index: int, text: str) -> bool:
    """Whether the statement draws the same if `text` stood in its place, read by the same dialect."""
    before, after = plans_with(page, index, page.snapshot.pieces[index].text), plans_with(page, index, text)
    dialects = [[plan.dialect for plan in plans] for plans in (before, after)]
    return bool(before) and dialects[0] == dialects[1] and same_words(before, after)


def same_words(before: Iterable[Plan], after: Iterable[Plan]) -> bool:
    """Whether plans ask for the same words with the same weights of the same models, whatever dialect says it."""
    return [*map(_wording, before)] == [*map(_wording, after)]


def _wording(plan: Plan) -> Plan:
    networks = tuple(sorted(plan.networks, key=lambda each: (each.name, each.side)))
    return replace(
        plan,
        positive=_plain(plan.positive),
        negative=_plain(plan.negative),
        networks=networks,
        weighting="a1111",
        dialect="",
        source="",
        origins=(),
        statement=0,
    )


def _plain(conditioning: Conditioning) -> Conditioning:
    branches = tuple(
        Conditioned(
            tuple(replace(segment, runs=_words(segment.runs)) for segment in branch.segments),
            round(branch.weight, _DIGITS),
        )
        for branch in conditioning.branches
    )
    return replace(conditioning, branches=branches)


def _words(runs: tuple[Run, ...]) -> tuple[Run, ...]:
    """One run for every word: blanks mean nothing to a text encoder."""
    return tuple(
        Run(word, round(run.weight, _DIGITS))
        for run in runs
        for word in (*run.text.split(), *(("BREAK",) if run.ends_chunk else ()))
    )


def without(text: str, gone: Iterable[str]) -> str:
    """A statement's text without its command and the options of these names."""
    from promptlang.scan import scan

    read, names = scan(text), frozenset(gone)
    spans = [use.span for use in read.options if use.name in names]
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


def joined(edits: Iterable[Edit]) -> tuple[Edit, ...]:
    """The edits with those that begin at one place made one, in the order given: clients disagree about such edits."""
    places: dict[int, Edit] = {}
    for edit in edits:
        before = places.get(edit.span.start)
        end = max(edit.span.end, before.span.end) if before else edit.span.end
        places[edit.span.start] = Edit(Span(edit.span.start, end), f"{before.text if before else ''}{edit.text}")
    return tuple(places[start] for start in sorted(places))


def blanks_around(text: str, span: Span) -> Span:
    """A span with the blanks behind it, or those before it at the end of a line."""
    start, end = span.start, span.end
    while text[end : end + 1] in (" ", "\t"):
        end += 1
    if end == span.end or not text[end : end + 1].strip():
        while start and text[start - 1] in " \t":
            start -= 1
    return Span(start, end)
