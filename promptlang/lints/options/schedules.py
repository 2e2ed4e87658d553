"""A noise schedule that the sampler cannot be told, and two that are asked for at once."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product

from promptlang.diagnostics import OURS, Diagnostic, Label, Rule, Severity, finding
from promptlang.lints.places import command_span
from promptlang.meaning.view import View
from promptlang.statements.removal import removal
from promptlang.tables.options.table import KARRAS, SAMPLER, SCHEDULE
from promptlang.tables.samplers import sampler

UNKNOWN_TO_SAMPLER = Rule(
    name="schedule/unknown-to-sampler",
    severity=Severity.ERROR,
    summary="the sampler has no such noise schedule",
    why="Every sampler spaces its noise levels in the ways that it was written for, and the picture would be another "
    "one than was asked for.",
    example="/render /sampler:ddim /schedule:karras a cow",
    source="the parameters of the diffusers schedulers",
)
CONFLICT = Rule(
    name="schedule/conflict",
    severity=Severity.WARNING,
    summary="two options choose the noise schedule",
    why="`/karras` is short for `/schedule:karras`, and of the two the last one wins.",
    example="/render /schedule:beta /karras a cow",
    source=OURS,
    tags=("unnecessary",),
)
RULES = (UNKNOWN_TO_SAMPLER, CONFLICT)


def check(seen: View) -> Iterator[Diagnostic]:
    """The conflict first, then the first pair of sampler and schedule that does not go together."""
    if (short := seen.use(KARRAS.name)) and (whole := seen.use(SCHEDULE.name)):
        first, last = sorted((short, whole), key=lambda use: use.span.start)
        message = f"`/{first.name}` has no effect next to `/{last.name}`"
        fix = removal(f"Remove `/{first.name}`", seen.statement.text, first.span)
        yield finding(
            CONFLICT, message, first.span, "no effect", related=(Label(last.span, "this one counts"),), fixes=(fix,)
        )
    chosen = seen.settings.get(SCHEDULE.name)
    if chosen is None:
        return
    for schedule, name in product(seen.values(SCHEDULE.name), seen.values(SAMPLER.name) or (seen.family.sampler,)):
        row = sampler(str(name))
        if row is None or schedule in row.schedules:
            continue
        use = chosen.use or seen.use(KARRAS.name) or seen.use(SAMPLER.name)
        known = ", ".join(f"`{each}`" for each in row.schedules)
        help_text = f"write one of {known}" if known else "leave the schedule out, or write `/sampler:dpm2m`"
        message = f"the sampler `{row.name}` has no schedule `{schedule}`"
        yield finding(UNKNOWN_TO_SAMPLER, message, use.span if use else command_span(seen), help=help_text)
        return
