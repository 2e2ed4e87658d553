"""Statements that lack what their command lives on, or have what it cannot take."""

from __future__ import annotations

from collections.abc import Iterator

from promptlang.diagnostics import OURS, Diagnostic, Rule, Severity, finding
from promptlang.meaning.view import View
from promptlang.source import Span
from promptlang.syntax.nodes import Statement
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
RULES = (HOSTED, SET_HAS_TEXT, EMPTY)


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
    here = statement.command.span if statement.command else Span(0, min(len(statement.text), 1))
    if statement.command_name == "set" and (seen.sides.positive or seen.sides.negative):
        span = statement.prompt.span if statement.positive.text else here
        help_text = "start the text with `/render`, or name it with `/recipe #name`"
        yield finding(SET_HAS_TEXT, "text under `/set` is not drawn", span, help=help_text)
    elif row and row.draws and statement.command and not statement.positive.text and not seen.called:
        yield finding(EMPTY, "there is no prompt, so the model draws what it likes", here)
