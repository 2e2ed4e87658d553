"""`/remix` without the image it starts from."""

from __future__ import annotations

import re
from collections.abc import Iterator

from promptlang.diagnostics import Diagnostic, Rule, Severity, finding, replacement
from promptlang.lints.about import under
from promptlang.lints.places import command_span
from promptlang.meaning.view import View
from promptlang.source import Passage, Span
from promptlang.tables.commands import COMMANDS, command
from promptlang.tables.endings import PICTURES

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
            picture = _picture(seen.statement.positive)
            help, fixes = f"write `/{name}:picture.png`", ()
            if picture is not None:
                written = f"/{name}:{seen.statement.text[picture.start : picture.end]}"
                help, fixes = f"write `{written}`", (replacement(f"Write `{written}`", picture, written, safe=False),)
            yield finding(RULE, message, command_span(seen), help=help, fixes=fixes)


def _picture(passage: Passage) -> Span | None:
    """Where the words name a picture, as behind the commands of other programs."""
    words = re.finditer(r"(?<!\S)[\w./-]+(?!\S)", passage.text)
    return next((passage.span(*each.span()) for each in words if each[0].lower().endswith(PICTURES)), None)
