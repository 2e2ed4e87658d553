"""What the page asks for: a statement of its text, by a line, with what it depends on."""

from __future__ import annotations

import json

from promptlang.statements.scan import Scan
from promptlang.tables.commands import command
from promptlang_lsp.texts.snapshot import Snapshot, opened


def order(message: str | bytes) -> tuple[str, int] | None:
    """The text and the line of a request, None where the message is none."""
    try:
        asked = json.loads(message)
    except (ValueError, RecursionError):
        return None
    match asked:
        case {"text": str(text), "line": int(line)}:
            return text, line
        case _:
            return None


def alone(text: str, line: int) -> str:
    """The statement at a line (from 0) with the declarations it depends on.

    Where the line draws nothing (a comment, a declaration), it is the next statement that does.
    """
    whole = _whole(text)
    return whole.alone(_chosen(whole, line))


def shown(text: str, line: int) -> str:
    """The statement at a line by itself, as a person wrote it."""
    whole = _whole(text)
    return whole.pieces[_chosen(whole, line)].text.strip()


def _whole(text: str) -> Snapshot:
    return opened("", 0, text, "utf-32")


def _chosen(whole: Snapshot, line: int) -> int:
    end_of_line = whole.offset((max(line, 0) + 1, 0)) - 1
    here = whole.index_at(end_of_line)
    return next((number for number in range(here, len(whole.pieces)) if _draws(whole.pieces[number].scan)), here)


def _draws(read: Scan) -> bool:
    row = command(read.command.name if read.command else "render")
    return row is not None and row.draws and bool(read.command or read.positive.text)
