"""What was read, as the statements that say it: words that have to be written another way, and in another dialect."""

from __future__ import annotations

from typing import TYPE_CHECKING

from promptlang.dialects.convert import convert
from promptlang.dialects.dialect import dialect
from promptlang.importers.imported import Imported, Reading
from promptlang.importers.matching import Named, matched
from promptlang.importers.statement import as_statement, with_networks
from promptlang.source import Passage, Span
from promptlang.statements.parsing import read_prompt
from promptlang.statements.recipes import PLACE, SLOT
from promptlang.syntax.nodes import Text
from promptlang.tables.dialects import NEW
from promptlang.values import dataclass, replace

if TYPE_CHECKING:
    from promptlang.models.hashes.search import Search


@dataclass(frozen=True, slots=True)
class Told:
    """Statements, and what is to be said about them."""

    statements: tuple[str, ...]
    remarks: tuple[str, ...]


def told(reading: Reading, target: str = "", named: Named | None = None, search: Search | None = None) -> Told:
    """Each prompt of a reading as a statement, in the dialect `target` where one is named.

    `named` tells the project's own name of a model, `search` the file that has a hash.
    """
    statements: list[str] = []
    remarks = [*reading.remarks]
    for number, each in enumerate(reading.found, 1):
        which = f"prompt {number}: " if len(reading.found) > 1 else ""
        statement, said = _told(each, target, named, search)
        remarks += (f"{which}{remark}" for remark in said)
        if statement is None:
            remarks.append(f"{which}its words cannot be written as a statement: {each.positive[:80]}")
        else:
            statements.append(statement)
    return Told(tuple(statements), tuple(dict.fromkeys(remarks)))


def _told(
    found: Imported, target: str, named: Named | None, search: Search | None
) -> tuple[str | None, tuple[str, ...]]:
    if found.recipe:
        return _recipe(found), ()
    found, unknown = matched(found, named, search)
    found = as_prompt(found)
    found, lost = _in_dialect(found, target) if target and target != found.dialect else (found, ())
    return as_statement(found, found.command), (*unknown, *lost)


def _recipe(found: Imported) -> str:
    negative = f"\n/negative {found.negative}" if found.negative else ""
    return f"/recipe #{found.recipe} /parser:{found.dialect} {found.positive.replace(PLACE, SLOT)}{negative}"


def as_prompt(found: Imported) -> Imported:
    """What was read with its words as a dialect has to write them, and calls of the networks that it lists."""
    found = as_words(found)
    return found if found.are_set else with_networks(found)


def as_words(found: Imported) -> Imported:
    """The same where signs mean something; plain words, in which none does, are written so that none is read."""
    if not found.plain:
        return found
    write = dialect(NEW.name).write
    positive, negative = (
        write((Text(Span(0, len(side)), side),)) if side else "" for side in (found.positive, found.negative)
    )
    return replace(found, positive=positive, negative=negative, dialect=NEW.name)


def _in_dialect(found: Imported, target: str) -> tuple[Imported, tuple[str, ...]]:
    negative = read_prompt(Passage(found.negative), found.dialect, is_negative=True) if found.negative else None
    made = convert(read_prompt(Passage(found.positive), found.dialect), target, negative)
    changed = replace(found, positive=made.positive, negative=made.negative, dialect=target)
    return changed, tuple(each.message for each in made.losses)
