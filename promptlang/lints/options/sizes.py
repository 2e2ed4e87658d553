"""Sizes far from what the model was trained on, and two that contradict each other."""

from __future__ import annotations

from collections.abc import Iterator

from promptlang.diagnostics import Diagnostic, Label, Rule, Severity, finding
from promptlang.meaning.view import View
from promptlang.statements.removal import taken_out
from promptlang.tables.models.concepts import native_side
from promptlang.tables.models.family import ASPECTS
from promptlang.tables.options.table import SIZE

FAR = Rule(
    name="size/far-from-native",
    severity=Severity.WARNING,
    summary="the size is far from the model's own",
    why="Far above its native size a model often repeats the subject, far below it knows no detail. Upscaling "
    "afterwards works better.",
    example="/render /size:1536x1536 a cow <sd15>",
    source="help page on sizes and seeds",
)
CONFLICT = Rule(
    name="size/conflict",
    severity=Severity.WARNING,
    summary="two options choose the size",
    why="`/size` wins over the aspect flags, and of two flags the last one wins.",
    example="/render /size:512x512 /tall a cow",
    source="decision of this language",
    tags=("unnecessary",),
)
RULES = (FAR, CONFLICT)
_CHOOSING = (SIZE.name, *ASPECTS)
ABOUT = frozenset(_CHOOSING)
LARGEST, SMALLEST = 2.6, 0.2  # areas in squares of the native side: 768 on 512 is fine, 1024 is not


def check(seen: View) -> Iterator[Diagnostic]:
    """The conflict first, then each size that is swept or given."""
    given = {use.name: use for use in seen.statement.options}
    uses = [given[name] for name in _CHOOSING if name in given]
    if len(uses) > 1:
        winner = uses[0] if uses[0].name == SIZE.name else max(uses, key=lambda use: use.span.start)
        for use in uses:
            if use is not winner:
                message = f"`/{use.name}` has no effect next to `/{winner.name}`"
                related = (Label(winner.span, "this one counts"),)
                fix = taken_out(seen.statement, use.name)
                yield finding(CONFLICT, message, use.span, "no effect", related=related, fixes=(fix,))
    setting = seen.settings.get(SIZE.name)
    if setting is None or setting.use is None or seen.checkpoint is None:
        return
    native = native_side(seen.checkpoint)
    for size in setting.points.values or ():
        match size:
            case (int() as width, int() as height):
                if seen.family.rendered and any(side % seen.family.multiple for side in (width, height)):
                    return  # no picture of the family has that size at all
                share = width * height / native**2
                if not SMALLEST <= share <= LARGEST:
                    message = (
                        f"{width}x{height} is far from the {native}x{native} that `{seen.checkpoint.name}` draws best"
                    )
                    help_text = f"write `/size:{native}x{native}`, and enlarge the picture afterwards"
                    yield finding(FAR, message, setting.use.value_span, help=help_text)
                    return
            case _:
                pass
