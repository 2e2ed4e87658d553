"""From a view to its plans: one for each point of its sweeps, whatever the checks say of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import lru_cache

from promptlang.dialects.dialect import dialect
from promptlang.filling.fields import Point, filled, from_family
from promptlang.filling.heard import heard
from promptlang.meaning.networks import model_of, networks, refiner_of
from promptlang.meaning.settings import Settings, axes
from promptlang.meaning.view import View
from promptlang.plans.plan import Conditioned, Conditioning, Origin, Plan, Run, Segment
from promptlang.source import Span
from promptlang.tables.options.kinds import Value, written
from promptlang.tables.samplers import calls, sampler

_made: Callable[..., Plan] = Plan
"""Which field takes what is up to the rows of the option table; a test reads every row's values back by type."""


def planned(seen: View) -> Iterator[Plan]:
    """The plans of a view, whatever the checks say of it: one for each point of its sweeps, in order."""
    swept = axes(seen.settings)
    for point in _grid([setting.points.values or () for setting in swept]):
        yield plan_at(seen, {setting.row.name: value for setting, value in zip(swept, point, strict=True)})


def apart(seen: View) -> Iterator[Plan]:
    """The plan of the first point, and those of every further value of one option: what each of them asks for."""
    swept = {each.row.name: each.points.values or () for each in axes(seen.settings)}
    first = {name: values[0] for name, values in swept.items() if values}
    yield plan_at(seen, first)
    for name, values in swept.items():
        yield from (plan_at(seen, {**first, name: value}) for value in values[1:])


def _grid(axes: Sequence[Sequence[Value]]) -> Iterator[tuple[Value, ...]]:
    """Every point of a grid, the last axis fastest; a range of a billion values is never written out."""
    if not axes:
        yield ()
        return
    first, *others = axes
    for value in first:
        for rest in _grid(others):
            yield (value, *rest)


def plan_at(seen: View, point: Point) -> Plan:
    """The plan at one point of the sweeps."""
    return _plan_at(seen, tuple(point.items()))


@lru_cache(maxsize=16)
def _plan_at(seen: View, values: tuple[tuple[str, Value], ...]) -> Plan:
    """Kept, since checking asks the first plans of a statement what lowering makes all of them for."""
    statement, point = seen.statement, dict(values)
    fields = {"refiner": refiner_of(seen), **filled(seen, point)}
    positive, negative = _conditioning(seen, fields)
    return _made(
        **fields,
        command=statement.command_name,
        model=model_of(seen),
        positive=positive,
        negative=negative,
        weighting=dialect(statement.prompt.dialect).weighting,
        networks=networks(seen, calls(*_sampled(fields))),
        edition=seen.edition.name,
        dialect=statement.prompt.dialect,
        source=statement.text,
        expanded=seen.positive.text if seen.positive is not statement.positive or statement.recipes else "",
        origins=_origins(seen),
        axes=(*seen.point, *((name, written(value)) for name, value in point.items())),
    )


def _sampled(fields: Mapping[str, object]) -> tuple[str, int]:
    """The sampler, and the steps."""
    method, steps = fields["sampler"], fields["steps"]
    assert isinstance(method, str)
    assert isinstance(steps, int)
    return method, steps


def _conditioning(seen: View, fields: Mapping[str, object]) -> tuple[Conditioning, Conditioning]:
    method, steps = _sampled(fields)
    owner = dialect(seen.statement.prompt.dialect)
    if owner.condition is None:
        until = calls(method, steps)
        above, below = plain(seen.sides.positive, until), plain(seen.sides.negative, until)
    else:
        row = sampler(method)
        doubled = steps * (row.calls_per_step if row else 1)
        above = owner.condition(seen.positive, doubled)
        below = (owner.condition_negative or owner.condition)(seen.negative, doubled)
        if any(each.kind == "inversion" for each in seen.called):
            from promptlang.meaning.embeddings import with_words  # few prompts call one

            above, below = with_words(above, seen.project), with_words(below, seen.project)
    return heard(above, seen, seen.positive), heard(below, seen, seen.negative)


def plain(runs: tuple[Run, ...], until: int) -> Conditioning:
    """One branch that holds for the whole picture."""
    return Conditioning(branches=(Conditioned((Segment(until, runs),)),))


def _origins(seen: View) -> tuple[Origin, ...]:
    """Where every value comes from, for those that a statement, a recipe, a project or a concept gives."""
    command, call = seen.statement.command, seen.checkpoint_call
    place = call.node.span if call else Span(0, 0)
    return (
        *_given(seen.settings, command.span if command else Span(0, 0)),
        Origin("concept", seen.model_origin, place.start, place.end),
        *_of_family(seen.settings),
    )


@lru_cache(maxsize=256)
def _given(settings: Settings, command: Span) -> tuple[Origin, ...]:
    """Where the settings come from; what does not stand in the statement is placed at its command."""
    spans = ((each, each.use.span if each.use else command) for each in settings.values())
    return tuple(Origin(each.row.name, each.origin, span.start, span.end) for each, span in spans)


@lru_cache(maxsize=256)
def _of_family(settings: Settings) -> tuple[Origin, ...]:
    return tuple(Origin(name, "family") for name in from_family(settings))
