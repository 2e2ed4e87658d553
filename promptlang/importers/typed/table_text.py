"""Prompts in a table, a row each, as Markdown has it and as it is copied from a spreadsheet, with tabs between."""

from __future__ import annotations

import re

from promptlang.importers.imported import Imported
from promptlang.importers.typed.yaml_text import is_known, of_record
from promptlang.models.evidence.records import Record

_BAR = re.compile(r"(?<!\\)\|")
_RULE = re.compile(r"[ \t|:-]*-[ \t|:]*")  # below the headings
_BREAK = re.compile(r"[ \t]*<br[ \t]*/?>[ \t]*", re.IGNORECASE)
_PROMPT, _NEGATIVE = "prompt", "negative_prompt"
_SIDES = {"positive": _PROMPT, "positive_prompt": _PROMPT, "negative": _NEGATIVE, "neg": _NEGATIVE}


def begins(text: str) -> bool:
    """Whether a text begins as a table with a column of prompts does."""
    first, _, _ = text.lstrip().partition("\n")
    return _PROMPT in first.lower() and ("|" in first or "\t" in first)


def imported(text: str) -> tuple[Imported, ...]:
    """What the rows say, a prompt each; nothing where it is no such table."""
    heading, *rows = [line.strip(" ") for line in text.splitlines() if line.strip()] or [""]
    is_markdown = bool(rows) and _RULE.fullmatch(rows[0]) is not None
    names = [_name(cell) for cell in _cells(heading, is_markdown)]
    others = [name for name in names if name != _PROMPT]
    if _PROMPT not in names or len(set(names)) < len(names) or not (is_markdown or any(map(is_known, others))):
        return ()
    if not rows[is_markdown:]:
        return ()
    found: list[Imported] = []
    for row in rows[is_markdown:]:
        cells = _cells(row, is_markdown)
        record = Record({name: cell for name, cell in zip(names, cells, strict=False) if cell})
        if len(cells) > len(names) or not record.text(_PROMPT):
            return ()
        found.append(of_record(record))
    return tuple(found)


def _name(cell: str) -> str:
    """A heading as settings are called in records."""
    name = "_".join(cell.strip("*").lower().split())
    return _SIDES.get(name, name)


def _cells(line: str, is_markdown: bool) -> list[str]:
    if not is_markdown:
        return [cell.strip() for cell in line.split("\t")]
    cells = _BAR.split(line.strip().removeprefix("|"))
    if not cells[-1].strip():
        cells.pop()
    return [_BREAK.sub("\n", cell.replace(r"\|", "|")).strip().strip("`") for cell in cells]
