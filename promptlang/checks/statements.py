"""Statements that lack what their command lives on, or have what it cannot take."""

from __future__ import annotations

import re
from collections.abc import Iterator

from promptlang.diagnostics import OURS, Diagnostic, Rule, Severity, finding
from promptlang.lints.places import command_span
from promptlang.meaning.remarks import without_remarks
from promptlang.meaning.view import View
from promptlang.statements.scan import is_section_mark
from promptlang.syntax.nodes import Negative, Statement, Text, walk
from promptlang.tables.commands import command

HOSTED = Rule(
    name="command/hosted",
    severity=Severity.WARNING,
    summary="the command belongs to the hosted service and draws nothing here",
    why="It is known by name only, so that its text is not mistaken for a prompt.",
    example="/showprompt",
    source="pages of the hosted service",
)
SET_HAS_TEXT = Rule(
    name="set/has-text",
    severity=Severity.WARNING,
    summary="`/set` is given prompt text",
    why="`/set` takes options and a concept for the statements below it; other text is not drawn.",
    example="/set /steps:30 a cow\n/render a dog",
    source=OURS,
)
EMPTY = Rule(
    name="prompt/empty",
    severity=Severity.INFORMATION,
    summary="nothing is asked for",
    why="Without words the model draws whatever it finds in the noise.",
    example="/render /steps:20",
    source=OURS,
)
ONLY_NEGATIVE = Rule(
    name="prompt/only-negative",
    severity=Severity.WARNING,
    summary="every word is in the negative prompt",
    why="What follows `/negative` is the negative prompt up to the next command, whatever options stand between; so is "
    "what square brackets hold. With nothing else there, the model draws what it likes.",
    example="/render /negative blurry /steps:20 a cow",
    source=OURS,
)
RULES = (HOSTED, SET_HAS_TEXT, EMPTY, ONLY_NEGATIVE)

_WORD = re.compile(r"[^\s\-\u2013\u2014\u2500\u2501=*_~#.,;:|+]")
"""What no mark between words is."""
_SHOWN = 20  # characters of marks


def hosted(statement: Statement) -> Diagnostic:
    """A command of the hosted service, which is all there is to say about its statement."""
    assert statement.command is not None
    name = statement.command.name
    return finding(
        HOSTED,
        f"`/{name}` belongs to the hosted service and draws nothing here",
        statement.command.span,
        help="write `/render` to make images, or remove the statement",
    )


def check(seen: View) -> Iterator[Diagnostic]:
    """Statements that lack what their command lives on, or have what it cannot take."""
    statement = seen.statement
    row = command(statement.command_name)
    if statement.command_name == "set" and (seen.sides.positive or seen.sides.negative):
        span = statement.prompt.span if statement.positive.text else command_span(seen)
        help_text = "start the text with `/render`, or name it with `/recipe #name`"
        yield finding(SET_HAS_TEXT, "text under `/set` is not drawn", span, help=help_text)
    elif row and row.draws and (statement.command or statement.options or seen.positive.text):
        drawn = without_remarks(seen)
        yield from () if _has_words(drawn) else _wordless(drawn)


def _has_words(seen: View) -> bool:
    """Whether there is something to draw: a word outside of what is kept away."""
    first = seen.parts[0] if seen.parts else None
    if isinstance(first, Text) and _WORD.search(first.text):
        return True  # as nearly always
    if Negative in seen.kinds:
        return any(_WORD.search(run.text) for run in seen.sides.positive)
    return any(isinstance(node, Text) and _WORD.search(node.text) for node in walk(seen.parts))


def _wordless(seen: View) -> Iterator[Diagnostic]:
    """A prompt that asks for nothing, where no concept is called that may be all of it."""
    statement, marks = seen.statement, seen.positive.text.strip()
    added = [each for each in seen.called if each is not seen.checkpoint_call and not each.negative]
    if seen.sides.negative and not added and statement.command_name != "remix":
        mark = next((use.span for use in statement.options if is_section_mark(use)), None)
        where = "before `/negative`" if mark else "outside the square brackets"
        yield finding(
            ONLY_NEGATIVE,
            "every word is in the negative prompt, so the model draws what it likes",
            mark or (statement.prompt.span if statement.positive.text else command_span(seen)),
            help=f"write the words to draw {where}",
        )
    elif marks and not seen.called:
        message = f"there is no word in the prompt, only `{marks[:_SHOWN]}`, so the model draws what it likes"
        yield finding(EMPTY, message, statement.prompt.span if statement.positive.text else command_span(seen))
    elif not seen.called:
        yield finding(EMPTY, "there is no prompt, so the model draws what it likes", command_span(seen))
