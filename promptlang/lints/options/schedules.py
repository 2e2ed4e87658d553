"""A sampler or a noise schedule that there is none such of in the arithmetic of a statement, or two schedules."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import lru_cache
from itertools import product

from promptlang.diagnostics import OURS, Diagnostic, Label, Rule, Severity, finding
from promptlang.filling.whose import arithmetic_of, chosen, samplers_of
from promptlang.lints.places import command_span, option_span
from promptlang.meaning.settings import Setting, Settings
from promptlang.meaning.view import View
from promptlang.statements.removal import taken_out
from promptlang.tables.arithmetics import has, schedules
from promptlang.tables.options.kinds import along
from promptlang.tables.options.table import ARITHMETIC, KARRAS, OPTIONS, SAMPLER, SCHEDULE
from promptlang.tables.samplers import Sampler

UNKNOWN_TO_SAMPLER = Rule(
    name="schedule/unknown-to-sampler",
    severity=Severity.ERROR,
    summary="the sampler has no such noise schedule",
    why="Every sampler spaces its noise levels in the ways that it was written for, and the picture would be another "
    "one than was asked for.",
    example="/render /sampler:ddim /schedule:karras a cow",
    source="the parameters of the diffusers schedulers",
)
UNKNOWN_TO_ARITHMETIC = Rule(
    name="sampler/unknown-to-arithmetic",
    severity=Severity.ERROR,
    summary="the program whose arithmetic draws the statement has no such sampler",
    why="Another sampler would be another picture than the one that was asked for.",
    example="/render /arithmetic:comfy /sampler:plms a cow",
    source="the samplers of ComfyUI and of stable-diffusion-webui",
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
RULES = (UNKNOWN_TO_SAMPLER, UNKNOWN_TO_ARITHMETIC, CONFLICT)
ABOUT = frozenset({SAMPLER.name, SCHEDULE.name, KARRAS.name, ARITHMETIC.name})
"""A family's own sampler is drawn wherever it is asked for."""
_CHOOSING = frozenset(name for row in (SAMPLER, SCHEDULE, KARRAS) for name in (row.name, *row.aliases))


def check(seen: View) -> Iterator[Diagnostic]:
    """The conflicts first, then the first pair of sampler and schedule that does not go together."""
    if not _CHOOSING.isdisjoint([each.name for each in seen.statement.options]):
        yield from _conflicts(seen)
    name = arithmetic_of(seen)
    if _fit(seen.settings, seen.family.sampler, name):
        return
    rows = samplers_of(seen)
    if without := next((row for row in rows if not has(row, name)), None):
        yield _without(seen, without, name)
    elif spaced := seen.settings.get(SCHEDULE.name):
        yield from _spaced(seen, spaced, rows, name)


@lru_cache(maxsize=256)
def _fit(settings: Settings, otherwise: str, name: str) -> bool:
    """Whether each of the samplers is in the arithmetic, and has each of the schedules there."""
    spaced = settings.get(SCHEDULE.name)
    wanted = (spaced and spaced.points.values) or ()
    rows = chosen(settings, otherwise)
    return all(has(row, name) and all(each in schedules(row, name) for each in wanted) for row in rows)


def _conflicts(seen: View) -> Iterator[Diagnostic]:
    """Two options that each choose the schedule, or a name of a sampler that does, beside one of them."""
    if (short := seen.use(KARRAS.name)) and (whole := seen.use(SCHEDULE.name)):
        first, last = sorted((short, whole), key=lambda use: use.span.start)
        message = f"`/{first.name}` has no effect next to `/{last.name}`"
        fix = taken_out(seen.statement, OPTIONS[first.name].name)
        yield finding(
            CONFLICT, message, first.span, "no effect", related=(Label(last.span, "this one counts"),), fixes=(fix,)
        )
    yield from _in_name(seen)


def _in_name(seen: View) -> Iterator[Diagnostic]:
    """A schedule in the name of the sampler next to another one that is written."""
    named, whole = seen.use(SAMPLER.name), seen.use(SCHEDULE.name) or seen.use(KARRAS.name)
    value = seen.settings.get(SCHEDULE.name)
    if named is None or whole is None or value is None:
        return
    given = dict(along(SAMPLER.kind, named.value)).get(SCHEDULE.name)
    if given and given not in map(str, seen.values(SCHEDULE.name)):
        message = f"the schedule `{given}` of the sampler's name has no effect next to `/{whole.name}`"
        help = "write the name of the sampler alone"
        yield finding(CONFLICT, message, named.value_span, related=(Label(whole.span, "this one counts"),), help=help)


def _without(seen: View, row: Sampler, name: str) -> Diagnostic:
    from promptlang.refusals.sampling import arithmetic_refusal  # most statements ask for what there is

    at_fault = next(filter(None, (seen.settings.get(each.name) for each in (SAMPLER, ARITHMETIC))), None)
    span = option_span(seen, at_fault) if at_fault else command_span(seen)
    refusal = arithmetic_refusal(row, name)
    assert refusal
    return finding(UNKNOWN_TO_ARITHMETIC, refusal.message, span, help=refusal.help)


def _spaced(seen: View, spaced: Setting, rows: Sequence[Sampler], name: str) -> Iterator[Diagnostic]:
    """The first pair of sampler and schedule that does not go together."""
    for schedule, row in product(seen.values(SCHEDULE.name), rows):
        known = schedules(row, name)
        if schedule in known:
            continue
        from promptlang.refusals.sampling import or_elsewhere, schedule_refusal

        use = spaced.use or seen.use(KARRAS.name) or seen.use(SAMPLER.name)
        written = ", ".join(f"`{each}`" for each in known)
        help_text = f"write one of {written}" if written else "leave the schedule out"
        help_text += or_elsewhere(row, str(schedule)) or ("" if written else ", or write `/sampler:dpm2m`")
        refusal = schedule_refusal(row, str(schedule), name)
        assert refusal
        yield finding(UNKNOWN_TO_SAMPLER, refusal.message, use.span if use else command_span(seen), help=help_text)
        return
