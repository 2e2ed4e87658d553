"""Options that nobody knows, and what is meant by them: a command, the word of another tool, or a name with slips."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

from promptlang.checks.options.written import is_written
from promptlang.diagnostics import OURS, Diagnostic, Edit, Fix, Label, Rule, Severity, finding, replacement
from promptlang.lints.places import beginning
from promptlang.meaning.run_on import command_meant, loses_words, run_on
from promptlang.meaning.settings import read_points
from promptlang.source import Span
from promptlang.statements.cutting import begins_line
from promptlang.statements.removal import removal
from promptlang.statements.wording import as_text
from promptlang.suggest import nearest
from promptlang.syntax.nodes import OptionUse, Statement
from promptlang.tables.commands import COMMANDS
from promptlang.tables.options.elsewhere import DRAWING, INSTEAD, REDRAWING
from promptlang.tables.options.kinds import sample
from promptlang.tables.options.reading import is_off
from promptlang.tables.options.row import Option
from promptlang.tables.options.table import ELSEWHERE, OPTIONS, SIZE, SWAP

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
RULES = (INSIDE_LINE, UNKNOWN_OPTION)

_SIDES = frozenset({"width", "height", "w", "h"})
_STARTERS = tuple(name for name, row in COMMANDS.items() if not row.hosted)


def check(statement: Statement) -> Iterator[Diagnostic]:
    """A finding for each, or one for two that are one option here."""
    unknown = [use for use in statement.options if use.name not in OPTIONS]
    if sides := _sides(statement):
        yield _of_sides(statement.text, *sides)
    last, begin = _last_meant(unknown), beginning(statement)
    for use in unknown:
        if use not in sides:
            yield _unknown(statement.text, use, last, is_first=use.span.start == begin)


def command_meant_first(statement: Statement) -> str:
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
            fixes=() if is_written(text, ran.row.name) or ran.row.name in last else (fix,),
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


def _last_meant(unknown: Sequence[OptionUse]) -> dict[str, OptionUse]:
    """For each option that words of other tools mean, the last of these, which would win once all are spelt anew."""
    words = ((ELSEWHERE.get(use.name.lower()), use) for use in unknown)
    return {row.name: use for row, use in words if row is not None}


def _elsewhere(text: str, use: OptionUse, meant: Option, *, is_last: bool) -> Diagnostic:
    """The word of another tool; a value that counts here as well may simply stay."""
    message = f"no option is called `/{use.name}`; here it is `/{meant.name}`"
    written = f"/{meant.name}"
    is_there = is_written(text, meant.name)
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


def _at_the_end(text: str, use: OptionUse, written: str) -> tuple[Edit, ...]:
    """The edits that write a section behind all words, where it takes none of them with it."""
    end = len(text.rstrip())
    if use.span.end >= end:
        return (Edit(use.span, written),)
    return (*removal("", text, use.span).edits, Edit(Span(end, end), f" {written}"))
