"""A model file that does not say which model of its family it is: asked for where the file is called."""

from __future__ import annotations

from collections.abc import Iterator

from promptlang.diagnostics import Diagnostic, Rule, Severity, finding
from promptlang.meaning.view import View
from promptlang.sentences import listed
from promptlang.syntax.nodes import Concept
from promptlang.tables.models.families import hidden_variants

RULE = Rule(
    name="concept/variant-unknown",
    severity=Severity.HINT,
    summary="no file tells which model of its family this is",
    why="Some models and their distilled versions have the same keys and shapes, and want other steps and guidance.",
    example="/render a cow <a-file-of-z-image>",
    source="headers of the published files",
)
RULES = (RULE,)
ABOUT = frozenset({Concept})


def check(seen: View) -> Iterator[Diagnostic]:
    """Under `/set` as well, which asks once for all that stands below it."""
    known, call = seen.checkpoint, seen.checkpoint_call
    hidden = hidden_variants(seen.family, seen.variant)
    if call is None or known is None or known.path is None or not hidden:
        return
    names = listed((f'`variant = "{each.name}"`' for each in hidden), "or")
    message = f"the file does not tell which {seen.family.title} it is: {', '.join(each.name for each in hidden)}"
    yield finding(RULE, message, call.node.span, help=f"write {names} beside its name in `promptlang.toml`")
