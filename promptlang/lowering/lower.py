"""From a checked document to plans: plain data, one plan for every batch of images, nothing of the syntax left."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache, lru_cache

from promptlang.checks.checking import check_statement, gathered
from promptlang.diagnostics import Diagnostic, Severity, finding
from promptlang.dialects.dialect import dialect
from promptlang.lowering.filling import filled, from_family
from promptlang.lowering.heard import heard
from promptlang.meaning.contexts import EMPTY_PROJECT, contexts, project_parser
from promptlang.meaning.networks import model_of, networks
from promptlang.meaning.project import Project
from promptlang.meaning.spread import has_variants, spread
from promptlang.meaning.view import Context, View, view
from promptlang.plans.plan import Conditioned, Conditioning, Origin, Plan, Run, Segment
from promptlang.plans.rules import verify
from promptlang.source import Span
from promptlang.statements.parsing import parse
from promptlang.syntax.nodes import Statement
from promptlang.tables.commands import command
from promptlang.tables.options.kinds import Value, written
from promptlang.tables.samplers import calls, sampler
from promptlang.variants.rules import NO_PLAN

_made: Callable[..., Plan] = Plan
"""Which field takes what is up to the rows of the option table; a test reads every row's values back by type."""


@dataclass(frozen=True, slots=True)
class Compilation:
    """The plans of a text, and what there is to say about it. A statement with an error has no plan."""

    plans: tuple[Plan, ...]
    diagnostics: tuple[Diagnostic, ...]
    refused: tuple[Diagnostic, ...] = ()  # those among them that only making the plans has brought to light


def compile(text: str, *, project: Project | None = None, name: str = "<text>") -> Compilation:
    """The plans of a text, in its order; deterministic.

    Example: `compile("/render /parser:new /clipskip:2 a cow").plans[0].clip_skip` is 2.
    """
    del name  # kept so that a call reads like the ones that print
    project = project or EMPTY_PROJECT
    document = parse(text, parser=project_parser(project))
    found: list[tuple[Diagnostic, ...]] = []
    plans: list[Plan] = []
    refused: list[Diagnostic] = []
    for number, ((start, statement), context) in enumerate(
        zip(document.placed(), contexts(document, project), strict=True)
    ):
        found.append(check_statement(statement, context))
        lowered = lower_statement(statement, context)
        plans.extend(_placed(plan, start, number) for plan in lowered)
        if not lowered:
            refused.extend(each.moved(start) for each in _refusal(statement, context))
    return Compilation(tuple(plans), (*gathered(document, project, found), *refused), tuple(refused))


def _placed(plan: Plan, start: int, number: int) -> Plan:
    """The plan of the statement of that number, which starts at that offset of the file."""
    if not start and not number:
        return plan
    return replace(plan, origins=tuple(origin.moved(start) for origin in plan.origins), statement=number)


@lru_cache(maxsize=16)
def lower_statement(statement: Statement, context: Context) -> tuple[Plan, ...]:
    """The plans of one statement; offsets of origins count from its start. No plan where there is an error."""
    plans = tuple(_all_plans(statement, context))
    return () if any(map(verify, plans)) else plans


def _all_plans(statement: Statement, context: Context) -> Iterator[Plan]:
    """The plans as the texts of the statement make them, valid or not."""
    row = command(statement.command_name)
    if row is None or not row.draws or is_blank(statement):
        return
    if any(each.severity is Severity.ERROR for each in check_statement(statement, context)):
        return
    for each in spread(view(statement, context)):
        yield from planned(each)


def _refusal(statement: Statement, context: Context) -> Iterator[Diagnostic]:
    """Why a statement without an error has no plan: a text that `/variants` puts together may hold what none did."""
    for plan in _all_plans(statement, context):
        if problems := verify(plan):
            place = statement.command.span if statement.command else Span(0, 1)
            yield finding(NO_PLAN, f"one of the texts that the variants make has no valid plan: {problems[0]}", place)
            return


def is_blank(statement: Statement) -> bool:
    """Whether there is nothing but comments and blanks, as before the first command of a file."""
    return statement.command is None and not statement.options and not statement.positive.text


def planned(seen: View) -> Iterator[Plan]:
    """The plans of a view, whatever the checks say of it: one for each point of its sweeps, in order."""
    swept = [setting for setting in seen.settings.values() if setting.points.swept]
    swept.sort(key=lambda setting: setting.use.span.start if setting.use else -1)
    for point in _grid([setting.points.values or () for setting in swept]):
        values = {setting.row.name: value for setting, value in zip(swept, point, strict=True)}
        axes = tuple((name, written(value)) for name, value in values.items())
        yield _plan(seen, values, axes)


def _grid(axes: Sequence[Sequence[Value]]) -> Iterator[tuple[Value, ...]]:
    """Every point of a grid, the last axis fastest; a range of a billion values is never written out."""
    if not axes:
        yield ()
        return
    first, *others = axes
    for value in first:
        for rest in _grid(others):
            yield (value, *rest)


def _plan(seen: View, point: Mapping[str, Value], axes: tuple[tuple[str, str], ...]) -> Plan:
    statement = seen.statement
    fields = filled(seen, point)
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
        expanded=seen.positive.text if has_variants(seen) else "",
        origins=tuple(_origins(seen)),
        axes=axes,
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


def _origins(seen: View) -> Iterator[Origin]:
    """Where every value comes from, for those that a statement, a recipe, a project or a concept gives."""
    for setting in seen.settings.values():
        span = setting.use.span if setting.use else seen.statement.command.span if seen.statement.command else None
        yield Origin(setting.row.name, setting.origin, span.start if span else 0, span.end if span else 0)
    call = seen.checkpoint_call
    yield Origin("concept", seen.model_origin, call.node.span.start if call else 0, call.node.span.end if call else 0)
    yield from map(_of_family, from_family(seen))


@cache
def _of_family(name: str) -> Origin:
    return Origin(name, "family")


__all__ = ["Compilation", "compile", "lower_statement", "plain", "planned"]
