"""Rewrites of the text at the cursor; those that must not change a picture are compared plan by plan first."""

from __future__ import annotations

from collections.abc import Iterator

from promptlang.commands import command
from promptlang.diagnostics import Edit
from promptlang.kinds import written
from promptlang.nodes import Statement
from promptlang.plan import Plan
from promptlang.source import Span
from promptlang_lsp.features.code_actions import EXTRACT, INLINE, REWRITE
from promptlang_lsp.features.names import recipes
from promptlang_lsp.features.places import local
from promptlang_lsp.features.weights import reweighted, wrapped
from promptlang_lsp.page import Page

SLOT = "$prompt"
SEED = 1
DIALECTS = ("new", "a1111", "comfy", "compel")

Refactoring = tuple[str, str, tuple[Edit, ...]]  # title, kind, edits in the file


def refactorings(page: Page, span: Span) -> Iterator[Refactoring]:
    """The rewrites that make sense for a selection or a cursor."""
    if span.end > span.start:
        if edits := wrapped(page, span):
            yield "Wrap in a weight", REWRITE, edits
        yield from _extraction(page, span)
    for title, steps in (("Increase weight", 1), ("Decrease weight", -1)):
        if edits := reweighted(page, span, steps):
            yield title, REWRITE, edits
    yield from _conversions(page, span)
    yield from _inlining(page, span)
    yield from _comparison(page, span)


# --- recipes ----------------------------------------------------------------------------------------------------------


def _extraction(page: Page, span: Span) -> Iterator[Refactoring]:
    """Selected words of a prompt become a recipe above the statement."""
    index, at = local(page, span.start)
    start = page.snapshot.starts[index]
    piece, statement = page.snapshot.pieces[index], page.statement(index)
    text = piece.text[at : span.end - start]
    body = text.strip().strip(",").strip()
    if not body or "\n" in body or "\r" in body or statement.command_name == "recipe":
        return
    parser = f" /parser:{piece.own_parser}" if piece.own_parser else ""
    name = _free_name(page)
    begin = start + at + text.index(body)
    selected = Span(begin, begin + len(body))
    if not _stands_alone(page, selected):
        return
    top = Edit(Span(start, start), f"/recipe #{name}{parser} {body}\n")
    edits = (top, Edit(selected, f"#{name}"))
    if _same_pictures(page, edits):
        yield "Extract to a recipe", EXTRACT, edits


def _stands_alone(page: Page, span: Span) -> bool:
    """Whether blanks or the ends of a line surround the words, as a recipe's name needs."""
    text = page.snapshot.text
    before, after = text[span.start - 1 : span.start], text[span.end : span.end + 1]
    return (not before or before.isspace()) and (not after or after.isspace() or after in ",)")


def _free_name(page: Page) -> str:
    taken = {name.lower() for name, _, _ in recipes(page)}
    number = 1
    while f"recipe{number}" in taken:
        number += 1
    return f"recipe{number}"


def _inlining(page: Page, span: Span) -> Iterator[Refactoring]:
    """A recipe's text takes the place of its name."""
    index, at = local(page, span.start)
    start = page.snapshot.starts[index]
    statement = page.statement(index)
    use = next((each for each in statement.recipes if each.span.start <= at <= each.span.end), None)
    if use is None:
        return
    number = next((number for name, number, _ in recipes(page) if name.lower() == use.name.lower()), None)
    if number is None:
        return
    recipe = page.statement(number)
    given = {each.name for each in statement.options}
    options = " ".join(
        recipe.text[each.span.start : each.span.end] for each in recipe.options if each.name not in given
    )
    body = recipe.positive.text
    edits: list[Edit] = []
    if SLOT in body:
        head, _, tail = body.partition(SLOT)
        place = Span(use.span.start, use.span.end)
        passage = statement.positive
        first, last = passage.span(0, 1).start, passage.span(0, len(passage.text)).end
        if first == use.span.start:
            edits = [Edit(place, head.strip()), Edit(Span(last, last), f" {tail.strip()}" if tail.strip() else "")]
        else:
            edits = [
                Edit(Span(first, first), f"{head.strip()} " if head.strip() else ""),
                Edit(place, tail.strip()),
            ]
    else:
        edits = [Edit(use.span, body)]
    if options:
        end = statement.command.span.end if statement.command else 0
        edits.insert(0, Edit(Span(end, end), f" {options}" if end else f"{options} "))
    moved = tuple(edit.moved(start) for edit in edits if edit.text or edit.span.end > edit.span.start)
    if _same_pictures(page, moved):
        yield f"Inline `#{use.name}`", INLINE, moved


# --- other dialects ---------------------------------------------------------------------------------------------------


def _conversions(page: Page, span: Span) -> Iterator[Refactoring]:
    """The statement in another dialect; the title says how much of it the other cannot say."""
    from promptlang.convert import convert
    from promptlang.scan import scan

    index, _ = local(page, span.start)
    statement = page.statement(index)
    row = command(statement.command_name)
    if row is None or not row.draws or statement.recipes or statement.comments or not statement.positive.text:
        return
    start = page.snapshot.starts[index]
    text = statement.text
    whole = Span(start, start + len(text.rstrip()))
    others = [
        text[use.span.start : use.span.end] for use in statement.options if use.name not in ("parser", "negative")
    ]
    for dialect in DIALECTS:
        if dialect == statement.prompt.dialect:
            continue
        found = convert(statement.prompt, dialect, statement.negative_prompt)
        head = " ".join((f"/{statement.command_name}", f"/parser:{dialect}", *others))
        new = f"{head} {found.positive}" + (f" /negative {found.negative}" if found.negative else "")
        read = scan(new)
        if read.positive.text == found.positive and read.negative.text == found.negative:
            lost = f" (cannot say {len(found.losses)} things of it)" if found.losses else ""
            yield f"Convert to /parser:{dialect}{lost}", REWRITE, (Edit(whole, new),)


# --- comparison -------------------------------------------------------------------------------------------------------


def _comparison(page: Page, span: Span) -> Iterator[Refactoring]:
    """A `/compare` of clip skip 1 to 4 below the statement, with everything else fixed."""
    from promptlang.lower import lower_statement

    index, _ = local(page, span.start)
    statement, meaning = page.statement(index), page.meaning(index)
    if statement.command_name != "render" or meaning.family.clip_skip_default is None:
        return
    plans = lower_statement(statement, page.context(index))
    if len(plans) == 1 and statement.positive.text:
        yield "Compare clip skip 1 to 4", REWRITE, (_compare(page, index, plans[0]),)


def _compare(page: Page, index: int, plan: Plan) -> Edit:
    statement, meaning = page.statement(index), page.meaning(index)
    parser = plan.dialect
    if parser == "old" and "clipskip" in meaning.edition.needs_new_parser:
        parser = "new"
    options = {
        "parser": parser,
        "clipskip": "1..4",
        "seed": str(SEED if plan.seed is None else plan.seed),
        "guidance": written(plan.guidance),
        "sampler": plan.sampler,
        "steps": str(plan.steps),
        "size": written(plan.size),
    }
    if parser == "old":
        del options["parser"]
    shapes = ("portrait", "tall", "landscape", "wide")
    text = statement.text
    body = "".join(_without(text, statement, {*options, *shapes})).strip()
    concept = "" if meaning.checkpoint_call or meaning.checkpoint is None else f" <{plan.model.name}>"
    head = " ".join(f"/{name}:{value}" for name, value in options.items())
    end = page.snapshot.starts[index] + len(text)
    before = "" if text.endswith(("\n", "\r")) else "\n"
    blank = "\n" if index + 1 < len(page.snapshot.pieces) else ""
    return Edit(Span(end, end), f"{before}/compare {head} {body}{concept}\n{blank}")


def _without(text: str, statement: Statement, gone: set[str]) -> Iterator[str]:
    """The text without its command and the options that are written anew."""
    spans = [use.span for use in statement.options if use.name in gone]
    if statement.command:
        spans.append(statement.command.span)
    at = 0
    for span in sorted(spans):
        yield text[at : span.start].rstrip(" \t") + " " if text[at : span.start].strip() else ""
        at = span.end
        while at < len(text) and text[at] in " \t":
            at += 1
    yield text[at:]


# --- the same pictures ------------------------------------------------------------------------------------------------


def _same_pictures(page: Page, edits: tuple[Edit, ...]) -> bool:
    """Whether the file draws the same after the edits."""
    from promptlang.fixes import applied

    text = page.snapshot.text
    return _plans(text, page) == _plans(applied(text, edits), page)


def _plans(text: str, page: Page) -> list[str]:
    """The hashes of a text's plans."""
    from promptlang.lower import compile
    from promptlang.plan_json import content_hash

    return [content_hash(plan) for plan in compile(text, project=page.project).plans]
