"""What is wrong with a document: names and values by walking the option table, everything else by the lints."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from functools import lru_cache

from promptlang.diagnostics import Diagnostic, Edit, Fix, Label, Severity, finding, replacement
from promptlang.dialects.words.rules import NEEDS_NEW_PARSER, SQUARE_WEIGHT
from promptlang.lints import LINTS
from promptlang.lints.places import beginning
from promptlang.meaning.contexts import EMPTY_PROJECT, contexts, project_parser, repeated_recipes
from promptlang.meaning.project import Project
from promptlang.meaning.settings import Points, read_points
from promptlang.meaning.view import Context, View, view
from promptlang.source import Span
from promptlang.statements.parsing import parse, parse_statement, read_prompt
from promptlang.statements.recipes import has_cycle
from promptlang.statements.removal import removal
from promptlang.statements.rules import (
    EMPTY,
    HOSTED,
    INSIDE_LINE,
    INVISIBLE,
    RECIPE_CYCLE,
    REPEATED_OPTION,
    SET_HAS_TEXT,
    UNKNOWN_OPTION,
    UNKNOWN_RECIPE,
    UNNAMED_RECIPE,
    WRONG_COMMAND,
)
from promptlang.statements.scan import scan
from promptlang.suggest import nearest
from promptlang.syntax.nodes import Document, OptionUse, Statement
from promptlang.tables.commands import COMMANDS, command
from promptlang.tables.kinds import Value
from promptlang.tables.option_rules import option_rules
from promptlang.tables.options import OPTIONS, Option

_FEW = 5  # related places that are shown
_MANY = 100  # places that one fix mends
_UNSEEN = re.compile("[\\0-\\x08\\x0b\\x0c\\x0e-\\x1f\\x7f\\u200b\\u2060]")
_STARTERS = tuple(name for name, row in COMMANDS.items() if not row.hosted)


def check(text: str, *, project: Project | None = None, name: str = "<text>") -> tuple[Diagnostic, ...]:
    """Everything there is to say about a text, in the order of the text.

    Spans are code-point offsets in `text`. Severities are those of the project; suppression comments are applied by
    `promptlang.checks.suppress`.
    """
    del name  # kept so that a call reads like the ones that print
    project = project or EMPTY_PROJECT
    return check_document(parse(text, parser=project_parser(project)), project)


def check_document(document: Document, project: Project) -> tuple[Diagnostic, ...]:
    """`check` for a document that is parsed already."""
    found = list(document.diagnostics)
    for (start, statement), context in zip(document.placed(), contexts(document, project), strict=True):
        diagnostics = check_statement(statement, context)
        found.extend(diagnostic.moved(start) for diagnostic in diagnostics)
    found.extend(repeated_recipes(document))
    kept = (with_severity(diagnostic, project) for diagnostic in found)
    return tuple(sorted((each for each in kept if each), key=lambda each: (each.label.span, each.severity)))


@lru_cache(maxsize=20_000)
def check_statement(statement: Statement, context: Context) -> tuple[Diagnostic, ...]:
    """What there is to say about one statement; spans count from its start."""
    row = command(statement.command_name)
    if row is not None and row.hosted:
        return (_hosted(statement),)
    seen = view(statement, context)
    found = [
        *_invisible(statement.text),
        *_words(statement),
        *_options(statement),
        *_calls(statement, context),
        *_shape(seen),
    ]
    if row is not None and row.draws and (statement.command or statement.options or statement.positive.text):
        for lint in LINTS:
            found.extend(lint(seen))
    return tuple(found)


def forget() -> None:
    """Let go of the work that is cached by text; who keeps statements and their diagnostics has no more use for it."""
    for cached in (scan, parse_statement, read_prompt, read_points, check_statement):
        cached.cache_clear()


def _invisible(text: str) -> Iterator[Diagnostic]:
    """Characters that come along when text is copied; they are said once for a statement."""
    places = [Span(*match.span()) for match in _UNSEEN.finditer(text)]
    if not places:
        return
    first, *others = places
    more = f", and so do {len(others)} more" if others else ""
    yield finding(
        INVISIBLE,
        f"U+{ord(text[first.start]):04X} stands here, which nobody sees{more}",
        first,
        help="remove it",
        related=tuple(Label(place, "here too") for place in others[:_FEW]),
        fixes=(Fix("Remove it", tuple(Edit(place, "") for place in places[:_MANY]), safe=False),),
    )


def _words(statement: Statement) -> Iterator[Diagnostic]:
    """What the dialect says; weights that are ignored for one reason are one cause, so they are said once."""
    found = statement.diagnostics
    yield from (each for each in found if each.rule not in (NEEDS_NEW_PARSER, SQUARE_WEIGHT))
    if ignored := [each for each in found if each.rule is NEEDS_NEW_PARSER]:
        at = statement.command.span.end if statement.command else beginning(statement)
        text = " /parser:new" if statement.command else "/parser:new "
        fix = Fix("Insert `/parser:new`", (Edit(Span(at, at), text),), safe=False)
        yield _together(ignored, "ignored too", fix)
    if square := [each for each in found if each.rule is SQUARE_WEIGHT]:
        edits = tuple(edit for each in square[:_MANY] for fix in each.fixes for edit in fix.edits)
        yield _together(square, "text too", Fix("Add round brackets", edits, safe=False))


def _together(found: list[Diagnostic], label: str, fix: Fix) -> Diagnostic:
    """Findings of one cause as the first of them, the others as related places, with one fix for all."""
    first, *others = found
    more = f", and so {'is' if len(others) == 1 else 'are'} {len(others)} more" if others else ""
    related = tuple(replace(each.label, text=label) for each in others[:_FEW])
    return replace(first, message=first.message + more, related=related, fixes=(fix,))


def with_severity(diagnostic: Diagnostic, project: Project) -> Diagnostic | None:
    """The diagnostic as the project wants it; None where it is switched off."""
    name = diagnostic.rule.name
    for pattern in (name, f"{name.partition('/')[0]}/*", "*"):
        if pattern in project.severities:
            severity = project.severities[pattern]
            return replace(diagnostic, severity=severity) if severity else None
    return diagnostic if diagnostic.rule.enabled else None


def _hosted(statement: Statement) -> Diagnostic:
    assert statement.command is not None
    name = statement.command.name
    return finding(
        HOSTED,
        f"`/{name}` belongs to the hosted service and draws nothing here",
        statement.command.span,
        help="write `/render` to make images, or remove the statement",
    )


def _options(statement: Statement) -> Iterator[Diagnostic]:
    uses: dict[str, list[OptionUse]] = {}
    for use in statement.options:
        row = OPTIONS.get(use.name)
        if row is None:
            yield _unknown(statement.text, use)
            continue
        uses.setdefault(row.name, []).append(use)
    for name, places in uses.items():
        row = OPTIONS[name]
        if len(places) > 1:
            yield _repeated(statement.text, row, places)
        if row.commands is not None and statement.command_name not in row.commands | {"set", "recipe"}:
            yield _wrong_command(row, places[-1], statement)
            continue
        yield from _values(statement.text, row, places[-1])


def _unknown(text: str, use: OptionUse) -> Diagnostic:
    if use.value is None and use.name in COMMANDS:
        return finding(
            INSIDE_LINE,
            f"`/{use.name}` starts a statement only at the start of a line",
            use.name_span,
            help=f"put `/{use.name}` on a line of its own, or write `\\/{use.name}` for the word",
            fixes=(Fix("Start a new line", (Edit(Span(use.span.start, use.span.start), "\n"),), safe=False),),
        )
    starts_line = use.value is None and not text[: use.span.start].rpartition("\n")[2].strip()
    guess = nearest(use.name, (*_STARTERS, *OPTIONS) if starts_line else OPTIONS)
    written = f"/{guess}" if guess else None
    return finding(
        UNKNOWN_OPTION,
        f"no {'command or ' if starts_line else ''}option is called `/{use.name[:40]}`",
        use.name_span,
        help=f"write `{written}`" if written else f"write `\\/{use.name[:40]}` if it is part of the text",
        fixes=(replacement(f"Write `{written}`", use.name_span, written),) if written else (),
    )


def _repeated(text: str, row: Option, places: list[OptionUse]) -> Diagnostic:
    if row.name == "negative":
        return _repeated_mark(text, places)
    *earlier, last = places
    message = f"`/{row.name}` is given {len(places)} times, and the last one wins"
    related = (Label(last.span, "this one counts"), *(Label(use.span, "no effect") for use in earlier[1:_FEW]))
    title = "Remove the earlier ones" if len(earlier) > 1 else "Remove the earlier one"
    fixes = (removal(title, text, *(use.span for use in earlier)),) if len(earlier) <= _MANY else ()
    return finding(REPEATED_OPTION, message, earlier[0].span, "no effect", related=related, fixes=fixes)


def _repeated_mark(text: str, places: list[OptionUse]) -> Diagnostic:
    """The first mark starts the negative prompt, so a later one is the one to take away."""
    first = next((use for use in places if not use.value), places[0])
    later = [use for use in places if use is not first]
    message = f"`/negative` is given {len(places)} times, and the first one starts the negative prompt"
    related = (Label(first.span, "this one counts"), *(Label(use.span, "no effect") for use in later[1:_FEW]))
    title = "Remove the later ones" if len(later) > 1 else "Remove the later one"
    fixes = (removal(title, text, *(use.span for use in later)),) if len(later) <= _MANY else ()
    return finding(REPEATED_OPTION, message, later[0].span, "no effect", related=related, fixes=fixes)


def _wrong_command(row: Option, use: OptionUse, statement: Statement) -> Diagnostic:
    takes = " or ".join(f"`/{name}`" for name in sorted(row.commands or ()))
    return finding(
        WRONG_COMMAND,
        f"`/{row.name}` belongs to {takes}, so it has no effect under `/{statement.command_name}`",
        use.span,
        help=f"use {takes}, or remove it",
        fixes=(removal(f"Remove `/{row.name}`", statement.text, use.span),),
    )


def _values(text: str, row: Option, use: OptionUse) -> Iterator[Diagnostic]:
    rules = option_rules()
    points = read_points(row.name, use.value)
    place = use.value_span if use.value else use.name_span if use.value is None else use.span
    for problem in points.problems:
        yield finding(
            rules[f"{row.name}/{problem.name}"],
            problem.message,
            place,
            problem.label,
            help=problem.help,
            fixes=() if points.swept else _value_fixes(row, use, problem.instead, points),
        )
    if points.values is None:
        return
    yield from _bands(text, row, use, points)
    if row.remark:
        fix = removal(f"Remove `/{row.name}`", text, use.span)
        yield finding(rules[f"{row.name}/no-effect-here"], row.remark, use.span, fixes=(fix,))


def _value_fixes(row: Option, use: OptionUse, instead: tuple[str, ...], points: Points) -> tuple[Fix, ...]:
    span = use.value_span
    kept = points.value
    return tuple(
        replacement(
            f"Write `{text}`",
            span if use.value is not None else Span(span.start, span.end),
            text,
            safe=_same(row, text, kept),
        )
        for text in instead
    )


def _same(row: Option, text: str, kept: Value | None) -> bool:
    """A fix is safe where the text was rejected before, or where the value stays the same."""
    return kept is None or read_points(row.name, text).value == kept


def _bands(text: str, row: Option, use: OptionUse, points: Points) -> Iterator[Diagnostic]:
    rules = option_rules()
    values = points.values or ()
    ends = (values[0], values[-1]) if isinstance(values, range) and values else tuple(values)
    numbers = sorted({value for value in ends if isinstance(value, int | float)})
    seen: set[str] = set()
    for number in reversed(numbers):
        band = next((each for each in row.bands if each.low <= number <= each.high), None)
        if band is None or band.name in seen or (points.swept and band.severity > Severity.WARNING):
            continue  # trying values out is what a sweep is for, so only warnings speak up
        seen.add(band.name)
        fixes = (removal(f"Remove `/{row.name}`", text, use.span),) if band.removes else ()
        yield finding(
            rules[f"{row.name}/{band.name}"],
            band.message.format(value=f"{number:g}" if isinstance(number, float) else number),
            use.value_span,
            help=band.help,
            fixes=fixes,
        )


def _calls(statement: Statement, context: Context) -> Iterator[Diagnostic]:
    known = {recipe.name for recipe in context.recipes}
    for use in statement.recipes:
        name = use.name.lower()
        if name in known:
            if statement.command_name != "recipe" and has_cycle(name, context.recipes):
                yield finding(RECIPE_CYCLE, f"the recipe `#{use.name}` uses itself", use.span, "left out")
            continue
        guess = nearest(name, context.recipe_names)
        fixes = (replacement(f"Write `#{guess}`", use.span, f"#{guess}"),) if guess else ()
        help_text = (
            f"write `#{guess}`"
            if guess
            else f"define it with `/recipe #{use.name} …`, or write `\\#{use.name}` for the word"
        )
        yield finding(UNKNOWN_RECIPE, f"no recipe is called `#{use.name}`", use.span, help=help_text, fixes=fixes)


def _shape(seen: View) -> Iterator[Diagnostic]:
    """Statements that lack what their command lives on, or have what it cannot take."""
    statement = seen.statement
    row = command(statement.command_name)
    here = statement.command.span if statement.command else Span(0, min(len(statement.text), 1))
    if statement.command_name == "recipe" and statement.label is None:
        yield finding(UNNAMED_RECIPE, "a recipe needs a name", here, help="write `/recipe #name` and its text")
    elif statement.command_name == "set" and (seen.sides.positive or seen.sides.negative):
        span = statement.prompt.span if statement.positive.text else here
        help_text = "start the text with `/render`, or name it with `/recipe #name`"
        yield finding(SET_HAS_TEXT, "text under `/set` is not drawn", span, help=help_text)
    elif row and row.draws and statement.command and not statement.positive.text and not seen.called:
        yield finding(EMPTY, "there is no prompt, so the model draws what it likes", here)
