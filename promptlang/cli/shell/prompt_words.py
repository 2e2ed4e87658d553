"""Words of a prompt on a command line: commands, options with their values, and concepts of the project around here."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from promptlang.config.find import find
from promptlang.meaning.project import EMPTY_PROJECT, Project
from promptlang.tables.commands import ROWS as COMMANDS
from promptlang.tables.options.kinds import Choice, examples
from promptlang.tables.options.table import ROWS, option


def prompt_words(typed: str) -> Iterator[tuple[str, str]]:
    """What may stand for a word, each with a few words about it; of a quoted text, for its last piece."""
    blank = max(map(typed.rfind, " \t\n")) + 1
    before, piece = typed[:blank], typed[blank:]
    found = _options(piece) if piece.startswith("/") else _concepts() if piece.startswith("<") else iter(())
    return ((f"{before}{word}", docs) for word, docs in found)


def _options(piece: str) -> Iterator[tuple[str, str]]:
    name, colon, _ = piece.partition(":")
    if not colon:
        yield from ((f"/{row.name}", row.docs) for row in COMMANDS if not row.hosted)
        yield from ((f"/{row.name}{'' if row.is_flag else ':'}", row.docs) for row in ROWS)
    elif row := option(name[1:]):
        docs = {item.name: item.docs for item in row.kind.items} if isinstance(row.kind, Choice) else {}
        yield from ((f"{name}:{value}", docs.get(value, "")) for value in examples(row.kind))


def _concepts() -> Iterator[tuple[str, str]]:
    """Concepts by entry, then by file; no file is opened."""
    project = _project()
    yield from ((f"<{each.name}>", f"{each.kind}, {each.family}") for each in project.by_name.values())
    yield from ((f"<{project.files.name(path)}>", str(path)) for path in project.files.by_name.values())


def _project() -> Project:
    file = find(Path.cwd())
    if file is None:
        return EMPTY_PROJECT
    from promptlang.config.chain import load

    return load(file).project
