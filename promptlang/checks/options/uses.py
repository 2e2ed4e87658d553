"""Options as such: repetition, the command they belong to, values and ranges, all from the option table."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator

from promptlang.checks.options.endings import cut_short, misread
from promptlang.checks.options.written import is_written, places
from promptlang.diagnostics import (
    MOST_MENDED,
    OURS,
    Diagnostic,
    Fix,
    Label,
    Rule,
    Severity,
    finding,
    further,
    replacement,
)
from promptlang.meaning.settings import Points, points_of, read_points
from promptlang.sentences import listed
from promptlang.source import Span
from promptlang.statements.removal import removal, taken_out
from promptlang.statements.wording import as_text
from promptlang.syntax.nodes import OptionUse, Statement
from promptlang.tables.commands import DRAW
from promptlang.tables.models.concepts import native_side
from promptlang.tables.models.families import UNKNOWN, family
from promptlang.tables.models.known import KnownConcept
from promptlang.tables.options.fills import Nothing
from promptlang.tables.options.kinds import Problem, Size, quoted
from promptlang.tables.options.reading import is_off
from promptlang.tables.options.row import Option
from promptlang.tables.options.rules import option_rules
from promptlang.tables.options.table import OPTIONS
from promptlang.values import replace

REPEATED_OPTION = Rule(
    name="option/repeated",
    severity=Severity.WARNING,
    summary="an option is given more than once",
    why="The last one wins; the others have no effect. Of several `/negative` the first counts: all that follows is "
    "the negative prompt.",
    example="/render /steps:20 /steps:30 a cow",
    source=OURS,
    tags=("unnecessary",),
)
WRONG_COMMAND = Rule(
    name="option/wrong-command",
    severity=Severity.WARNING,
    summary="the command does not take this option",
    why="The option is left out of the plan.",
    example="/render /strength:0.5 a cow",
    source=OURS,
)
RULES = (REPEATED_OPTION, WRONG_COMMAND)

_UNSAID = frozenset({"automatic", "auto", "default"})
"""What other programs call the value that holds without the option."""
_BEGUN = rf"(?i)[\r\n][^\w\r\n]*(?:{'|'.join(DRAW)})\b"
"""A command that starts nothing as it stands: options on both sides of it may be meant for two statements."""


def check(
    statement: Statement, standing: Collection[str] = (), model: KnownConcept | None = None
) -> Iterator[Diagnostic]:
    """What is wrong with the options of a statement that `model` draws, in order of their rows.

    `standing` are those that have to stand there, since leaving them out gives another value.
    """
    uses: dict[str, list[OptionUse]] = {}
    meant = statement.command_name
    if not all(use.name in OPTIONS for use in statement.options):
        from promptlang.checks.options import unknown  # few statements have such

        yield from unknown.check(statement)
        meant = unknown.command_meant_first(statement)
    for use in statement.options:
        if row := OPTIONS.get(use.name):
            uses.setdefault(row.name, []).append(use)
    for name, given in uses.items():
        row = OPTIONS[name]
        if len(given) > 1:
            yield _repeated(statement.text, row, given)
        if row.counts_under(statement.command_name):
            yield from _values(statement, row, given[-1], standing, model)
        elif not row.counts_under(meant):
            yield _wrong_command(row, given[-1], statement)


def _repeated(text: str, row: Option, places: list[OptionUse]) -> Diagnostic:
    if row.decides == "side":
        return _repeated_mark(text, row, places)
    *earlier, last = places
    message = f"`/{row.name}` is given {len(places)} times, and the last one wins"
    related = (Label(last.span, "this one counts"), *further((use.span for use in earlier[1:]), "no effect"))
    title = "Remove the earlier ones" if len(earlier) > 1 else "Remove the earlier one"
    fixes: tuple[Fix, ...] = ()
    if len(earlier) <= MOST_MENDED:
        is_read = row.is_flag or bool(read_points(row.name, last.value).values)
        fix = removal(title, text, *(use.span for use in earlier))
        is_one = re.search(_BEGUN, text[earlier[0].span.end : last.span.start]) is None
        fixes = (replace(fix, safe=fix.safe and is_read),) if is_one else ()
    return finding(REPEATED_OPTION, message, earlier[0].span, "no effect", related=related, fixes=fixes)


def _repeated_mark(text: str, row: Option, places: list[OptionUse]) -> Diagnostic:
    """The first mark starts the negative prompt, so a later one is the one to take away."""
    first = next((use for use in places if not use.value), places[0])
    later = [use for use in places if use is not first]
    message = f"`/{row.name}` is given {len(places)} times, and the first one starts the negative prompt"
    related = (Label(first.span, "this one counts"), *further((use.span for use in later[1:]), "no effect"))
    title = "Remove the later ones" if len(later) > 1 else "Remove the later one"
    are_bare = not any(use.value for use in later)  # a value would be words to leave out
    fixes = (removal(title, text, *(use.span for use in later)),) if are_bare and len(later) <= MOST_MENDED else ()
    return finding(REPEATED_OPTION, message, later[0].span, "no effect", related=related, fixes=fixes)


def _wrong_command(row: Option, use: OptionUse, statement: Statement) -> Diagnostic:
    takes = listed((f"`/{name}`" for name in sorted(row.commands or ())), "or")
    return finding(
        WRONG_COMMAND,
        f"`/{row.name}` belongs to {takes}, so it has no effect under `/{statement.command_name}`",
        use.span,
        help=f"use {takes}, or remove it",
        # one of two things that may be meant; the rest of a value that a blank cut would be left
        fixes=() if cut_short(statement.text, row, use) else (replace(taken_out(statement, row.name), safe=False),),
    )


def _values(
    statement: Statement, row: Option, use: OptionUse, standing: Collection[str], model: KnownConcept | None
) -> Iterator[Diagnostic]:
    text, rules = statement.text, option_rules()
    points = _points(row, use.value, model)
    place = use.value_span if use.value else use.name_span if use.value is None else use.span
    if points.values is None and points.problems and (better := _better(text, row, use, points)):
        yield better
        return
    for problem in points.problems:
        yield finding(
            rules[f"{row.name}/{problem.name}"],
            problem.message,
            place,
            problem.label,
            help=f"write `{words}`" if (words := _with_words(row, use)) else problem.help,
            fixes=() if points.swept else _value_fixes(row, use, problem, points),
        )
    if points.values is None:
        return
    if cut := cut_short(text, row, use):
        yield cut
    if row.bands:
        yield from (each for each in _bands(statement, row, use, points) if not each.fixes or row.name not in standing)
    if remark := row.remark_on(points.value):
        fix = taken_out(statement, row.name)
        fixes = (replace(fix, safe=fix.safe and isinstance(row.fills, Nothing)),)
        yield finding(rules[f"{row.name}/no-effect-here"], remark, use.span, fixes=fixes)


def _points(row: Option, text: str | None, model: KnownConcept | None) -> Points:
    """What a text gives an option; where it is no size, the examples are those that the model draws best."""
    points = read_points(row.name, text)
    if not points.problems or not isinstance(row.kind, Size) or model is None or family(model.family) is UNKNOWN:
        return points
    side = native_side(model)
    return points_of(replace(row, kind=replace(row.kind, likely=((side, side), (side + side // 2, side)))), text)


def _better(text: str, row: Option, use: OptionUse, points: Points) -> Diagnostic | None:
    """A finding that says more of a value that is none than its kind can."""
    rule = option_rules()[f"{row.name}/{points.problems[0].name}"]
    return _unsaid(rule, text, row, use, points) or misread(rule, text, row, use) or _of_another(text, row, use)


def _unsaid(rule: Rule, text: str, row: Option, use: OptionUse, points: Points) -> Diagnostic | None:
    """A word for the value that holds where the option is left out; beside another use of it that one would count."""
    if not use.value or use.value.lower() not in _UNSAID or not row.default:
        return None
    fix = replace(removal(f"Remove `/{row.name}`", text, use.span), safe=False)
    is_alone = sum(1 for _ in places(text, row)) == 1
    return finding(
        rule,
        points.problems[0].message,
        use.value_span,
        help=f"leave `/{row.name}` out, which does the same",
        fixes=(fix,) if is_alone else (),
    )


def _of_another(text: str, row: Option, use: OptionUse) -> Diagnostic | None:
    """A value of the option that this one is mistaken for; surely meant where other tools use a name of this one."""
    other = OPTIONS.get(row.mistaken_for)
    if other is None or not use.value or not (points := read_points(other.name, use.value)).values:
        return None
    span = Span(use.span.start, use.name_span.end)
    is_there = is_written(text, other.name)
    left = (each["value"] or "" for each in places(text, row) if each.start() != use.span.start)
    are_read = all(read_points(row.name, value.strip('"')).values for value in left)  # one of them counts then
    fix = replacement(f"Write `/{other.name}`", span, f"/{other.name}", safe=bool(row.aliases) and not points.swept)
    return finding(
        option_rules()[f"{row.name}/unknown-value"],
        f"`{use.value}` is a {other.words}, and no {row.words}",
        use.span,
        help=f"leave it out, since `/{other.name}` is given as well"
        if is_there
        else f"write `/{other.name}:{quoted(use.value)}`",
        fixes=(fix,) if are_read and not is_there else (),
    )


def _value_fixes(row: Option, use: OptionUse, problem: Problem, points: Points) -> tuple[Fix, ...]:
    span = use.value_span
    kept = points.value
    if words := _with_words(row, use):  # with a value it starts no negative prompt
        return (replacement(f"Write `{words}`", use.span, words, safe=False),)
    if row.is_flag and use.value:
        return (
            ()
            if is_off(use.value)
            else (replacement(f"Write `/{row.name}`", Span(use.name_span.end, use.span.end), "", safe=True),)
        )
    return tuple(
        replacement(
            f"Write `{quoted(text)}`",
            _quotes_too(span, use),
            quoted(text),
            safe=read_points(row.name, text).value == kept if kept is not None else problem.respelled and not place,
        )
        for place, text in enumerate(problem.instead)
    )


def _with_words(row: Option, use: OptionUse) -> str:
    """The mark of a side before the words that were given as its value; nothing for other options."""
    return f"/{row.name} {as_text(use.value)}" if row.decides == "side" and use.value else ""


def _quotes_too(span: Span, use: OptionUse) -> Span:
    """The place of a value with the quotes around it."""
    return Span(use.name_span.end + 1, use.span.end) if use.value is not None else span


def _bands(statement: Statement, row: Option, use: OptionUse, points: Points) -> Iterator[Diagnostic]:
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
        fixes = (taken_out(statement, row.name),) if band.removes else ()
        yield finding(
            rules[f"{row.name}/{band.name}"],
            band.message.format(value=f"{number:g}" if isinstance(number, float) else number),
            use.value_span,
            help=band.help,
            fixes=fixes,
        )
