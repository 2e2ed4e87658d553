"""From a checked document to plans: plain data, one plan for every batch of images, nothing of the syntax left."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache

from promptlang.checks.checking import check_statement, gathered
from promptlang.diagnostics import Diagnostic, Severity, finding
from promptlang.filling.plans import planned
from promptlang.looks import OneLook
from promptlang.meaning.contexts import Context, contexts, parsed
from promptlang.meaning.project import EMPTY_PROJECT, Project
from promptlang.meaning.spread import spread
from promptlang.meaning.view import view
from promptlang.plans.plan import Plan
from promptlang.plans.rules import verify
from promptlang.source import Span
from promptlang.syntax.nodes import Statement
from promptlang.tables.commands import command
from promptlang.values import dataclass, replace
from promptlang.variants.rules import NO_PLAN


@dataclass(frozen=True, slots=True)
class Compilation:
    """The plans of a text, and what there is to say about it. A statement with an error has no plan."""

    plans: tuple[Plan, ...]
    diagnostics: tuple[Diagnostic, ...]
    refused: tuple[Diagnostic, ...] = ()  # those among them that only making the plans has brought to light


def compile(text: str, *, project: Project | None = None) -> Compilation:
    """The plans of a text, in its order; deterministic.

    Example: `compile("/render /parser:new /clipskip:2 a cow").plans[0].clip_skip` is 2.
    """
    with OneLook():
        return _compiled(text, project or EMPTY_PROJECT)


def _compiled(text: str, project: Project) -> Compilation:
    document = parsed(text, project)
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
