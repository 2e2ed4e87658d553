"""Where a lint points when what it is about stands outside the statement, and where statements begin."""

from __future__ import annotations

from promptlang.diagnostics import Edit, Fix
from promptlang.meaning.contexts import parsed
from promptlang.meaning.project import Project
from promptlang.meaning.settings import Setting
from promptlang.meaning.view import View
from promptlang.source import Source, Span
from promptlang.statements.cutting import BLANKS
from promptlang.statements.extent import below_comments
from promptlang.statements.removal import taken_out
from promptlang.syntax.nodes import Statement

BRACKETS = ("()", "[]", "{}", "<>")
"""The pairs that hold words together in some dialect."""

ORIGIN_WORDS = {
    "recipe": "from a recipe",
    "set": "from `/set` above",
    "project": "from the project file",
    "concept": "recommended by the concept",
}


def option_span(seen: View, setting: Setting) -> Span:
    """The option itself, or the command of the statement that inherits it."""
    return setting.use.span if setting.use else command_span(seen)


def command_span(seen: View) -> Span:
    """The command, or the first character of a statement without one."""
    command, begin = seen.statement.command, beginning(seen.statement)
    return command.span if command else Span(begin, min(begin + 1, len(seen.statement.text)))


def command_end(seen: View) -> int:
    """Where an option can be inserted right after the command."""
    command = seen.statement.command
    return command.span.end if command else beginning(seen.statement)


def insertion(seen: View, options: str) -> Edit:
    """Options written right after the command, or before the text of a statement without one."""
    at = command_end(seen)
    return Edit(Span(at, at), f" {options}" if seen.statement.command else f"{options} ")


def left_out(seen: View, setting: Setting) -> tuple[Fix, ...]:
    """The fix that takes a setting out of the statement; none for what somebody gives elsewhere as well."""
    is_given = setting.otherwise is not None and setting.otherwise.origin != "concept"
    return (taken_out(seen.statement, setting.row.name),) if setting.use and not is_given else ()


def beginning(statement: Statement) -> int:
    """Where the statement itself begins, below the comments above it."""
    rest = statement.text[below_comments(statement) :]
    return len(statement.text) - len(rest.lstrip(BLANKS))


def lines_of(source: Source, project: Project) -> tuple[int, ...]:
    """The lines on which the statements of a text begin, counted from 1."""
    placed = parsed(source.text, project).placed()
    return tuple(source.position(start + beginning(statement))[0] for start, statement in placed)


def inherited(setting: Setting) -> str:
    """Words for where an inherited value comes from; empty for one that stands in the statement."""
    return "" if setting.use else f" ({ORIGIN_WORDS.get(setting.origin, setting.origin)})"
