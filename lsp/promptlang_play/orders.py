"""What the page asks for: a statement of its text, by a line, with what it depends on."""

from __future__ import annotations

import json
from itertools import accumulate

from promptlang import parse
from promptlang.syntax.nodes import Statement
from promptlang.tables.commands import command


def order(message: str | bytes) -> tuple[str, int] | None:
    """The text and the line of a request, None where the message is none."""
    try:
        asked = json.loads(message)
    except ValueError:
        return None
    match asked:
        case {"text": str(text), "line": int(line)}:
            return text, line
        case _:
            return None


def alone(text: str, line: int) -> str:
    """The statement at a line (from 0) with the declarations it depends on: `/set` above it, and every recipe.

    Where the line draws nothing (a comment, a declaration), it is the next statement that does.
    """
    text, place = _placed(text, line)
    statements = parse(text).statements
    chosen = _chosen(statements, place)
    kept = (
        each.text.rstrip()
        for number, each in enumerate(statements)
        if number == chosen or each.command_name == "recipe" or (each.command_name == "set" and number < chosen)
    )
    return "\n\n".join(kept) + "\n"


def shown(text: str, line: int) -> str:
    """The statement at a line by itself, as a person wrote it."""
    text, place = _placed(text, line)
    statements = parse(text).statements
    return statements[_chosen(statements, place)].text.strip() if statements else ""


def _placed(text: str, line: int) -> tuple[str, int]:
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    return "\n".join(lines), len("\n".join(lines[: max(line, 0) + 1]))


def _chosen(statements: tuple[Statement, ...], place: int) -> int:
    starts = accumulate((len(each.text) for each in statements), initial=0)
    placed = enumerate(zip(starts, statements, strict=False))
    here = max((number for number, (start, _) in placed if start <= place), default=0)
    return next((number for number in range(here, len(statements)) if _draws(statements[number])), here)


def _draws(statement: Statement) -> bool:
    row = command(statement.command_name)
    return row is not None and row.draws and bool(statement.command or statement.positive.text)
