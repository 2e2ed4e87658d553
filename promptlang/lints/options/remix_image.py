"""`/remix` without the image it starts from."""

from __future__ import annotations

from collections.abc import Iterator

from promptlang.diagnostics import Diagnostic, Rule, Severity, finding
from promptlang.lints.about import under
from promptlang.lints.places import command_span
from promptlang.meaning.view import View
from promptlang.tables.commands import COMMANDS, command

RULE = Rule(
    name="remix/no-image",
    severity=Severity.ERROR,
    summary="`/remix` has no image",
    why="It starts from a picture: `/image:path` names one inside the project.",
    example="/remix a cow",
    source="decision of this language",
)
RULES = (RULE,)
ABOUT = frozenset(under(name) for name, row in COMMANDS.items() if row.needs)


def check(seen: View) -> Iterator[Diagnostic]:
    """What the command needs and does not have."""
    row = command(seen.statement.command_name)
    for name in row.needs if row else ():
        if name not in seen.settings:
            message = f"`/{seen.statement.command_name}` needs `/{name}:path`"
            yield finding(RULE, message, command_span(seen), help=f"write `/{name}:picture.png`")
