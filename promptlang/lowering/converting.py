"""A whole text in another dialect, statement by statement; what cannot be converted stays, and is said."""

from __future__ import annotations

from promptlang.diagnostics import Edit
from promptlang.dialects.convert import Conversion, convert
from promptlang.dialects.readback import Loss
from promptlang.filling.whose import kept_arithmetic
from promptlang.fixes import applied
from promptlang.meaning.contexts import contexts, parsed
from promptlang.meaning.project import EMPTY_PROJECT, Project
from promptlang.meaning.settings import decided
from promptlang.meaning.view import View, view
from promptlang.statements.converting import edits_for
from promptlang.statements.extent import body
from promptlang.syntax.nodes import Statement
from promptlang.tables.commands import command
from promptlang.tables.dialects import dialect_row
from promptlang.values import dataclass, replace


@dataclass(frozen=True, slots=True)
class Converted:
    """A file in another dialect: its text, and for each statement that was converted what came of it.

    `left` are statements that stay as they are, with the reason; spans count from the start of the file.
    """

    text: str
    conversions: tuple[tuple[str, Conversion], ...]
    left: tuple[Loss, ...]


def convert_file(
    text: str, target: str, *, source: str | None = None, project: Project | None = None, recompute: bool = False
) -> Converted:
    """The statements of a file in the dialect `target`; with `source`, those in that dialect alone."""
    known = project or EMPTY_PROJECT
    document = parsed(text, known)
    edits: list[Edit] = []
    conversions: list[tuple[str, Conversion]] = []
    left: list[Loss] = []
    for (start, statement), context in zip(document.placed(), contexts(document, known), strict=True):
        dialect = statement.prompt.dialect
        if not _is_drawn(statement) or dialect == target or (source and dialect != source):
            continue
        seen = view(statement, context)
        reason = _obstacle(seen, target)
        if not reason:
            found = convert(
                statement.prompt, target, statement.negative_prompt, recompute=recompute, kind_of=known.kind_of
            )
            if (changes := edits_for(statement, found, target, kept=kept_arithmetic(seen, target))) is not None:
                edits += (edit.moved(start) for edit in changes)
                conversions.append((dialect, _moved(found, start)))
                continue
            reason = "its words would be read as options or comments"
        left.append(Loss(body(statement).moved(start), f"left as it is, for {reason}"))
    return Converted(applied(text, edits), tuple(conversions), tuple(left))


def _is_drawn(statement: Statement) -> bool:
    row = command(statement.command_name)
    return row is not None and row.draws and bool(statement.positive.text or statement.negative.text)


def _obstacle(seen: View, target: str) -> str:
    """Why a statement cannot be converted alone; empty where it can."""
    if not dialect_row(target).is_written and seen.context.parser != target:
        return f"it would be read as `/parser:{seen.context.parser}`, which holds where no other is named"
    if recipes := seen.statement.recipes:
        return f"it calls `#{recipes[0].name}`, which others may call"
    if decided(seen.settings, "variants") is not None:
        return "its variants are no part of the dialect"
    if seen.choices and not dialect_row(target).compares:
        return "the concepts it compares are no part of the dialect"
    return ""


def _moved(found: Conversion, start: int) -> Conversion:
    return replace(found, losses=tuple(Loss(loss.span.moved(start), loss.message) for loss in found.losses))
