"""The steps of a statement that words in a schedule are drawn at."""

from __future__ import annotations

from promptlang.dialects.dialect import dialect
from promptlang.filling.whose import arithmetic_of, samplers_of
from promptlang.meaning.view import View
from promptlang.plans.remixing import steps_left
from promptlang.tables.commands import command
from promptlang.tables.dialects import DIALECTS
from promptlang.tables.options.picture import DEFAULT_STRENGTH
from promptlang.tables.options.table import IMAGE, STEPS, STRENGTH
from promptlang.values import dataclass


@dataclass(frozen=True, slots=True)
class Moment:
    """A switch falls behind step `last` of `drawn`, counted from 1; it is 0 where it falls before the first."""

    last: int
    drawn: int


def steps_asked(seen: View) -> int:
    """The steps that a statement asks for, the most where they are swept."""
    return int(max(seen.numbers(STEPS.name, seen.family.steps)))


def steps_drawn(seen: View) -> int:
    """How many of them are drawn: fewer where a picture is given."""
    steps, row = steps_asked(seen), command(seen.statement.command_name)
    if row is None or IMAGE.name not in row.needs:
        return steps
    strength = max(seen.numbers(STRENGTH.name, DEFAULT_STRENGTH))
    return steps_left(steps, strength, seen.statement.prompt.dialect, seen.family, arithmetic_of(seen))


def moment(seen: View, when: str) -> Moment | None:
    """Where a switch with that number falls, as the dialect's owner counts; None where samplers or steps are swept."""
    name, samplers = seen.statement.prompt.dialect, samplers_of(seen)
    switching = dialect(name).switching if DIALECTS[name].steps else None
    if switching is None or len(samplers) != 1 or len(set(seen.numbers(STEPS.name, seen.family.steps))) != 1:
        return None
    calls, drawn = samplers[0].calls_per_step, steps_drawn(seen)
    last = switching.last_before(when, steps_asked(seen) * calls)
    return Moment(min(max(last + 1, 0) // calls, drawn), drawn) if drawn else None
