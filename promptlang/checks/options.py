"""Options as such: names, repetition, the command they belong to, values and ranges, all from the option table."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from functools import lru_cache

from promptlang.checks.endings import cut_short, misread
from promptlang.diagnostics import (
    MOST_MENDED,
    OURS,
    Diagnostic,
    Edit,
    Fix,
    Label,
    Rule,
    Severity,
    finding,
    further,
    replacement,
)
from promptlang.lints.places import beginning
from promptlang.meaning.run_on import command_meant, loses_words, run_on
from promptlang.meaning.settings import Points, points_of, read_points
from promptlang.sentences import listed
from promptlang.source import Span
from promptlang.statements.cutting import begins_line
from promptlang.statements.removal import removal, taken_out
from promptlang.statements.wording import as_text
from promptlang.suggest import nearest
from promptlang.syntax.nodes import OptionUse, Statement
from promptlang.tables.commands import COMMANDS
from promptlang.tables.models.concepts import native_side
from promptlang.tables.models.families import UNKNOWN, family
from promptlang.tables.models.known import KnownConcept
from promptlang.tables.options.elsewhere import DRAWING, INSTEAD, REDRAWING
from promptlang.tables.options.fills import Nothing
from promptlang.tables.options.kinds import Problem, Size, quoted, sample
from promptlang.tables.options.reading import is_off
from promptlang.tables.options.row import Option
from promptlang.tables.options.rules import option_rules
from promptlang.tables.options.table import ELSEWHERE, OPTIONS, SIZE, SWAP
from promptlang.values import replace

INSIDE_LINE = Rule(
    name="command/inside-line",
    severity=Severity.ERROR,
    summary="a command stands in the middle of a line",
    why="A statement starts at a command at the start of a line; anywhere else the command starts nothing.",
    example="/render a cow /render a dog",
    source=OURS,
)
UNKNOWN_OPTION = Rule(
    name="option/unknown",
    severity=Severity.ERROR,
    summary="no option has this name",
    why="The hosted service rejects unknown options too. Words with a slash inside, such as `and/or`, are text.",
    example="/render /clipskp:2 a cow",
    source="answers of the hosted service",
)
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
RULES = (INSIDE_LINE, UNKNOWN_OPTION, REPEATED_OPTION, WRONG_COMMAND)

_SIDES = frozenset({"width", "height", "w", "h"})
_UNSAID = frozenset({"automatic", "auto", "default"})
"""What other programs call the value that holds without the option."""
_BEGUN = r"(?i)[\r\n][^\w\r\n]*(?:render|compare|remix)\b"
"""A command that starts nothing as it stands: options on both sides of it may be meant for two statements."""
_STARTERS = tuple(name for name, row in COMMANDS.items() if not row.hosted)


def check(
    statement: Statement, standing: Collection[str] = (), model: KnownConcept | None = None
) -> Iterator[Diagnostic]:
    """What is wrong with the options of a statement that `model` draws, in order of their rows.

    `standing` are those that have to stand there, since leaving them out gives another value.
    """
    uses: dict[str, list[OptionUse]] = {}
    are_known = all(use.name in OPTIONS for use in statement.options)
    sides = () if are_known else _sides(statement)
    last = {} if are_known else _last_meant(statement)
    begin = 0 if are_known else beginning(statement)
    if sides:
        yield _of_sides(statement.text, *sides)
    for use in statement.options:
        row = OPTIONS.get(use.name)
        if row is None:
            if use not in sides:
                yield _unknown(statement.text, use, last, is_first=use.span.start == begin)
            continue
        uses.setdefault(row.name, []).append(use)
    for name, places in uses.items():
        row = OPTIONS[name]
        if len(places) > 1:
            yield _repeated(statement.text, row, places)
        if not row.counts_under(statement.command_name):
            if not row.counts_under(_command_meant_first(statement)):
                yield _wrong_command(row, places[-1], statement)
            continue
        yield from _values(statement, row, places[-1], standing, model)


def _command_meant_first(statement: Statement) -> str:
    """The command of a statement, or what its first word is meant to be where it has none."""
    first = min(statement.options, key=lambda each: each.span)
    if statement.command or first.name in OPTIONS or first.span.start != beginning(statement):
        return statement.command_name
    meant = command_meant(first.name) or nearest(first.name, (*_STARTERS, *OPTIONS))
    return meant if meant and meant in COMMANDS else statement.command_name


def _unknown(text: str, use: OptionUse, last: Mapping[str, OptionUse], *, is_first: bool) -> Diagnostic:
    if use.value is None and use.name in COMMANDS:
        return finding(
            INSIDE_LINE,
            f"`/{use.name}` starts a statement only at the start of a line",
            use.name_span,
            help=f"put `/{use.name}` on a line of its own, or write `\\/{use.name}` for the word",
            fixes=(Fix("Start a new line", (Edit(Span(use.span.start, use.span.start), "\n"),), safe=False),),
        )
    if (meant := ELSEWHERE.get(use.name.lower())) is not None:
        return _elsewhere(text, use, meant, is_last=last[meant.name] is use)
    starts_line = begins_line(text, use.span.start)
    if starts_line and use.value is not None and (command := command_meant(use.name)):
        return _command_with_value(text, use, command)
    if instead := INSTEAD.get(use.name.lower()):
        message = f"no option is called `/{use.name}`, which belongs to other programs"
        word = "" if use.value else f", or write `\\/{use.name}` for the word"
        command = command_meant(use.name) if use.name.lower() in (*DRAWING, *REDRAWING) else None
        can_begin = is_first and command and not use.value
        fixes = (replacement(f"Write `/{command}`", use.name_span, f"/{command}", safe=False),) if can_begin else ()
        return finding(UNKNOWN_OPTION, message, use.name_span, help=instead + word, fixes=fixes)
    if use.value is None and (ran := run_on(text[use.name_span.start + 1 : use.name_span.end])):
        fix = replacement(f"Write `{ran.written}`", use.name_span, ran.written, safe=False)
        return finding(
            UNKNOWN_OPTION,
            f"no option is called `/{use.name[:40]}`",
            use.name_span,
            help=f"write `{ran.written}`",
            fixes=() if _is_written(text, ran.row.name) or ran.row.name in last else (fix,),
        )
    starts_line = starts_line and use.value is None
    guess = nearest(use.name, (*_STARTERS, *OPTIONS) if starts_line else OPTIONS)
    written = f"/{guess}" if guess else None
    is_kept = guess is not None and not loses_words(use.name, guess)
    return finding(
        UNKNOWN_OPTION,
        f"no {'command or ' if starts_line else ''}option is called `/{use.name[:40]}`",
        use.name_span,
        help=f"write `{written}`" if written else f"write `\\/{use.name[:40]}` if it is part of the text",
        fixes=(replacement(f"Write `{written}`", use.name_span, written, safe=False),) if written and is_kept else (),
    )


def _command_with_value(text: str, use: OptionUse, command: str) -> Diagnostic:
    """A command with a colon, as bots take it: what stands behind is its words."""
    colon = Span(use.name_span.start, use.name_span.end + 1)
    is_blank = text[colon.end : colon.end + 1].strip() == ""
    fix = replacement(f"Write `/{command}`", colon, f"/{command}{'' if is_blank else ' '}", safe=False)
    is_known = use.name in COMMANDS
    message = f"the command `/{use.name}` takes no value" if is_known else f"no command is called `/{use.name}`"
    help = f"write `/{command}` and a blank, without the colon"
    is_words = not re.search(r"(?:\A|\ufeff)[/#]", use.value or "")  # else something would come free that is none
    return finding(UNKNOWN_OPTION, message, use.name_span, help=help, fixes=(fix,) if is_words else ())


def _sides(statement: Statement) -> tuple[OptionUse, ...]:
    """The width and the height as options, which are one here; nothing where one is missing, or they are no size."""
    sides = sorted((each for each in statement.options if each.name.lower() in _SIDES), key=lambda each: each.span)
    kinds = {each.name.lower()[0] for each in sides}
    if len(sides) != 2 or len(kinds) != 2 or any(each.name == SIZE.name for each in statement.options):
        return ()
    return () if read_points(SIZE.name, _size(sides)).values is None else tuple(sides)


def _size(sides: Sequence[OptionUse]) -> str:
    width, height = sorted(sides, key=lambda each: each.name.lower()[0], reverse=True)
    return f"{width.value}x{height.value}"


def _of_sides(text: str, first: OptionUse, second: OptionUse) -> Diagnostic:
    written = f"/{SIZE.name}:{_size((first, second))}"
    edits = (Edit(first.span, written), *removal("", text, second.span).edits)
    return finding(
        UNKNOWN_OPTION,
        f"no options are called `/{first.name}` and `/{second.name}`; here both are `/{SIZE.name}`",
        first.name_span,
        related=(Label(second.name_span, "this too"),),
        help=f"write `{written}`",
        fixes=(Fix(f"Write `{written}`", edits, safe=False),),
    )


def _last_meant(statement: Statement) -> dict[str, OptionUse]:
    """For each option that words of other tools mean, the last of these, which would win once all are spelt anew."""
    words = ((ELSEWHERE.get(use.name.lower()), use) for use in statement.options if use.name not in OPTIONS)
    return {row.name: use for row, use in words if row is not None}


def _elsewhere(text: str, use: OptionUse, meant: Option, *, is_last: bool) -> Diagnostic:
    """The word of another tool; a value that counts here as well may simply stay."""
    message = f"no option is called `/{use.name}`; here it is `/{meant.name}`"
    written = f"/{meant.name}"
    is_there = _is_written(text, meant.name)
    if meant.decides == "side" and use.value:
        written = f"{written} {as_text(use.value)}"
        help = f"write `{as_text(use.value)}` behind `/{meant.name}`" if is_there else f"write `{written}` at the end"
        fixes = () if is_there else (Fix(f"Write `{written}`", _at_the_end(text, use, written), safe=False),)
    elif meant.is_flag and is_off(use.value or ""):
        help, fixes = "leave it out", ()
    elif meant.is_flag or use.value is None:
        help = f"write `{written}`"
        fixes = (replacement(f"Write `{written}`", use.span, written, safe=False),)
    elif is_there:
        help, fixes = f"leave it out, since `{written}` is given as well", ()
    elif (points := read_points(meant.name, use.value)).values and not is_last:
        help, fixes = f"leave it out, since another word for `{written}` follows", ()
    elif points.values:
        help = f"write `{written}`"
        # what is written brings no error of its own, such as a sweep that leaves others open
        is_whole = not (meant.needs or meant is SWAP or points.swept)
        fixes = (replacement(f"Write `{written}`", use.name_span, written, safe=is_whole),)
    else:
        help, fixes = f"write `{written}` with a value such as `{sample(meant.kind)}`", ()
    return finding(UNKNOWN_OPTION, message, use.name_span, help=help, fixes=fixes)


@lru_cache(maxsize=64)
def _is_written(text: str, name: str) -> bool:
    """Whether the option stands somewhere in a statement, by its own name; kept, because each word for it asks."""
    return any(True for _ in _places(text, OPTIONS[name]))


def _places(text: str, row: Option) -> Iterator[re.Match[str]]:
    """The option wherever it stands, by any of its own names, and its value."""
    names = "|".join((row.name, *row.aliases))
    return re.finditer(rf"/(?:{names})(?![\w-])(?::(?P<value>\"[^\"]*\"|\S*))?", text, re.IGNORECASE)


def _at_the_end(text: str, use: OptionUse, written: str) -> tuple[Edit, ...]:
    """The edits that write a section behind all words, where it takes none of them with it."""
    end = len(text.rstrip())
    if use.span.end >= end:
        return (Edit(use.span, written),)
    return (*removal("", text, use.span).edits, Edit(Span(end, end), f" {written}"))


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
    is_alone = sum(1 for _ in _places(text, row)) == 1
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
    is_there = _is_written(text, other.name)
    left = (each["value"] or "" for each in _places(text, row) if each.start() != use.span.start)
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
