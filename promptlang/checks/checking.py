"""What is wrong with a document: names and values by walking the option table, everything else by the lints."""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator
from functools import lru_cache

from promptlang.checks import recipes, statements, texts
from promptlang.checks.options import uses
from promptlang.checks.pasted import pasting
from promptlang.checks.pasted.pasting import Pasted
from promptlang.checks.pasted.rule import at_the_end
from promptlang.checks.sifting.causes import one_each
from promptlang.checks.sifting.drawn import drawn
from promptlang.checks.sifting.guesses import without_guesses
from promptlang.diagnostics import Diagnostic, Fix, Severity
from promptlang.lints.models import concepts, variant_unknown
from promptlang.lints.options import compared
from promptlang.lints.table import said
from promptlang.looks import OneLook
from promptlang.meaning.contexts import Context, contexts, parsed, repeated_recipes
from promptlang.meaning.project import EMPTY_PROJECT, Project
from promptlang.meaning.settings import overriding, read_points
from promptlang.meaning.view import View, view
from promptlang.source import Span
from promptlang.statements.parsing import parse_statement, read_prompt
from promptlang.statements.scan import scan
from promptlang.syntax.nodes import Document, Statement
from promptlang.tables.commands import Command, command
from promptlang.tables.options.table import DECIDING, SWAP
from promptlang.values import replace


def check(text: str, *, project: Project | None = None) -> tuple[Diagnostic, ...]:
    """Everything there is to say about a text, in the order of the text.

    Spans are code-point offsets in `text`. Severities are those of the project; suppression comments are applied by
    `promptlang.checks.suppress`.
    """
    project = project or EMPTY_PROJECT
    return check_document(parsed(text, project), project)


def check_document(
    document: Document, project: Project, around: Iterable[Context] | None = None
) -> tuple[Diagnostic, ...]:
    """`check` for a document that is parsed already, with the contexts of its statements where they are at hand."""
    here = contexts(document, project) if around is None else around
    with OneLook():
        return gathered(document, project, map(check_statement, document.statements, here))


def gathered(
    document: Document, project: Project, of_statements: Iterable[tuple[Diagnostic, ...]]
) -> tuple[Diagnostic, ...]:
    """`check` for a document whose statements are checked already, each with spans that count from its start."""
    found = list(document.diagnostics)
    last = len(document.starts) - 1
    for number, (start, diagnostics) in enumerate(zip(document.starts, of_statements, strict=True)):
        diagnostics = at_the_end(diagnostics) if number == last else diagnostics
        found.extend(diagnostic.moved(start) for diagnostic in diagnostics)
    found.extend(each.moved(document.starts[number]) for number, each in repeated_recipes(document.placed(), project))
    if not found:
        return ()
    kept = (with_severity(diagnostic, project) for diagnostic in found)
    return tuple(sorted((each for each in kept if each), key=_place))


def _place(diagnostic: Diagnostic) -> tuple[int, int, int]:
    span = diagnostic.label.span
    return span.start, span.end, diagnostic.severity


@lru_cache(maxsize=1024)
def check_statement(statement: Statement, context: Context) -> tuple[Diagnostic, ...]:
    """What there is to say about one statement; spans count from its start."""
    row = command(statement.command_name)
    if row is not None and row.hosted:
        return (statements.hosted(statement),)
    if row is not None and (pasted := _pasted(statement, context, row)):
        return pasted
    seen = view(statement, context)
    found = [*_of_itself(seen, row), *_of_lints(seen, row)]
    if not found and not (seen.choices or SWAP.name in seen.settings):
        return ()
    return without_guesses(one_each(statement, drawn(found, seen)), seen)


def _pasted(statement: Statement, context: Context, row: Command) -> tuple[Diagnostic, ...]:
    """What there is to say about pasted settings of another program, about the options written beside them, and why
    the statement as it stands is not drawn.
    """
    if row.draws:
        block = pasting.check(statement, context.concept or context.project.concept)
    else:
        block = pasting.check(statement, "") if row.declares and statement.label else None
    if block is None:
        return ()
    found = block.found if row.draws else replace(block.found, fixes=())
    own = tuple(_about(block.own, uses.check(statement)))
    return (found, *own, *(() if block.is_all else _beside(statement, context, row, block, own)))


def _beside(
    statement: Statement, context: Context, row: Command, block: Pasted, said: Container[Diagnostic]
) -> Iterator[Diagnostic]:
    """What else is to be said, without fixes, since what was pasted is to be written anew: every error, and of the
    prompt's own words all but matters of taste, and but what a dialect answers where the fix for the paste names one.
    """
    seen = view(statement, context)
    found = drawn([*_of_itself(seen, row), *_of_lints(seen, row)], seen)
    answered = {each.rule for each in found if _names_dialect(each)} if _names_dialect(block.found) else ()
    found = one_each(statement, found)
    errors = [each for each in found if each.severity is Severity.ERROR]
    others = [each for each in _about(block.words, found) if Severity.ERROR < each.severity < Severity.HINT]
    kept = (*errors, *(each for each in others if each.rule not in answered))
    return (replace(each, fixes=()) for each in kept if each not in said)


def _names_dialect(diagnostic: Diagnostic) -> bool:
    return any(f"/{DECIDING['dialect'].name}:" in edit.text for fix in diagnostic.fixes for edit in fix.edits)


def _of_itself(seen: View, row: Command | None) -> Iterator[Diagnostic]:
    """What stands in the statement: its text, options, recipes and command."""
    statement = seen.statement
    # What has to stand there: what speaks for other statements may override what holds for them.
    speaks_for_others = row is not None and row.declares
    standing = tuple(seen.settings) if speaks_for_others else overriding(seen.settings)
    yield from texts.invisible(statement.text)
    yield from texts.words(statement)
    yield from uses.check(statement, standing, seen.checkpoint)
    yield from recipes.check(statement, seen.context)
    yield from statements.check(seen)


def _of_lints(seen: View, row: Command | None) -> Iterator[Diagnostic]:
    """What the lints say of a statement that draws, and those of them that a declaration needs."""
    statement = seen.statement
    if row is not None and row.draws and (statement.command or statement.options or statement.positive.text):
        yield from _about_words_written_here(statement, said(seen))
    elif row is not None and row.declares:
        yield from variant_unknown.check(seen)
        if statement.command_name == "set":  # a recipe's names are said where it is called
            yield from _about_words_written_here(statement, concepts.check(seen))
            yield from compared.one_counts(seen, statement.prompt.parts)


def _about(spans: Iterable[Span], found: Iterable[Diagnostic]) -> Iterator[Diagnostic]:
    """The findings that stand in one of the spans."""
    places = tuple(spans)
    return (each for each in found if any(place.contains(each.label.span) for place in places))


def _about_words_written_here(statement: Statement, found: Iterable[Diagnostic]) -> Iterable[Diagnostic]:
    """The findings without fixes for words of a recipe: they stand where the recipe is, not where it is called."""
    calls = [use.span for use in statement.recipes]
    if not calls:
        return found

    def is_here(fix: Fix) -> bool:
        return not any(edit.span.meets(call) for edit in fix.edits for call in calls)

    return (replace(each, fixes=tuple(filter(is_here, each.fixes))) for each in found)


def forget() -> None:
    """Let go of the work that is cached by text; who keeps statements and their diagnostics has no more use for it."""
    for cached in (scan, parse_statement, read_prompt, read_points, check_statement):
        cached.cache_clear()


def with_severity(diagnostic: Diagnostic, project: Project) -> Diagnostic | None:
    """The diagnostic as the project wants it; None where it is switched off."""
    if not project.severities:
        return diagnostic if diagnostic.rule.enabled else None
    name = diagnostic.rule.name
    for pattern in (name, f"{name.partition('/')[0]}/*", "*"):
        if pattern in project.severities:
            severity = project.severities[pattern]
            return replace(diagnostic, severity=severity) if severity else None
    return diagnostic if diagnostic.rule.enabled else None
