"""A file cut into the texts of its statements, before anything in them is read."""

from __future__ import annotations

import re

from promptlang.tables.commands import COMMANDS, Command, command

BLANKS = " \t\r\n\ufeff"
"""What may stand before the first command of a file without being text."""

LONGEST = 20_000
"""Characters of a statement that an editor still reads: it is read in one go, and nobody is answered meanwhile."""

TOGETHER = 64
"""Statements that are taken through one step before the next: the processor then has the code of that step at hand."""

_COMMAND_LINE = re.compile(r"[\r\n]([ \t\ufeff]*/([A-Za-z]+))(?=\s|\Z)")
_OPENING = re.compile(rf"[{BLANKS}]*/([A-Za-z]+)(?=\s|\Z)")
_FRONT_MATTER = re.compile(r"\ufeff?---[ \t]*(?:\r\n|\r|\n|\Z)")


def is_foreign(text: str) -> bool:
    """Whether a text opens like a Dotprompt file, which is somebody else's."""
    return _FRONT_MATTER.match(text) is not None


def starts(text: str) -> tuple[int, ...]:
    """The offsets where statements start: at each command at the start of a line, and at 0 for text before it."""
    found = [match.start(1) for match in _COMMAND_LINE.finditer(text) if match[2].lower() in COMMANDS]
    if found and not text[: found[0]].strip(BLANKS):
        del found[0]  # the text that it begins is the first there is
    return (0, *found)


def has_command(text: str) -> bool:
    """Whether a statement of this language stands in a text, with its command."""
    return len(starts(text)) > 1 or opening(text) is not None


def begins_line(text: str, at: int) -> bool:
    """Whether nothing but blanks stands before a place on its line."""
    while at and text[at - 1] in " \t\ufeff":
        at -= 1
    return not at or text[at - 1] in "\r\n"


def opening(text: str, at: int = 0) -> Command | None:
    """The command that stands there, behind blanks and line ends, if any does."""
    found = _OPENING.match(text, at)
    return command(found[1]) if found else None


def declares(text: str) -> bool:
    """Whether the text of a statement opens with a command that speaks for other statements."""
    row = opening(text)
    return row is not None and row.declares
