"""A prompt without `/parser` that was plainly written for another program."""

from __future__ import annotations

from collections.abc import Iterator

from promptlang.diagnostics import Diagnostic, Fix, Rule, Severity, finding
from promptlang.dialects.detect import detect
from promptlang.lints.places import insertion
from promptlang.meaning.settings import decided
from promptlang.meaning.view import View

RULE = Rule(
    name="prompt/other-dialect",
    severity=Severity.HINT,
    summary="the prompt is written for another program",
    why="Without `/parser` only `(x)`, `[x]` and `<name>` have a meaning. `[a:b:0.5]`, `BREAK`, `<lora:…>`, `word++` "
    "and `embedding:` belong to other programs.",
    example="/render a [cat:dog:0.5] in a hat",
    source="decision of this language",
)
RULES = (RULE,)


def check(seen: View) -> Iterator[Diagnostic]:
    """A hint on the first thing that shows it."""
    if decided(seen.settings, "dialect"):
        return
    found = detect(seen.statement.positive)
    if found is None:
        return
    option = f"/parser:{found.dialect}"
    what = f"`{found.written}`" if len(found.written) <= 40 else "this"
    yield finding(
        RULE,
        f"{what} {found.says}, but there is no `/parser`",
        found.span,
        help=f"write `{option}` if the prompt comes from there",
        fixes=(Fix(f"Insert `{option}`", (insertion(seen, option),), safe=False),),
    )
