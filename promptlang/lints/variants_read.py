"""What the variants of a prompt have to say, where they are switched on."""

from __future__ import annotations

from collections.abc import Iterator

from promptlang.diagnostics import Diagnostic, finding
from promptlang.meaning.view import View
from promptlang.variants.rules import UNREADABLE


def check(seen: View) -> Iterator[Diagnostic]:
    """Marks that begin nothing, wildcards and variables that do not exist, picks that leave no prompt."""
    if "variants" not in seen.settings:
        return
    from promptlang.variants.parsing import parse
    from promptlang.variants.wildcards import current

    wildcards = current(seen.context.project.wildcards)
    template = parse(seen.statement.positive, wildcards)
    yield from template.diagnostics
    if "__" in seen.statement.positive.text:
        for path, why in wildcards.unreadable:
            yield finding(UNREADABLE, f"{path.name} is left out: {why}", template.span)
