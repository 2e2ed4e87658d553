"""Views of a prompt that the compiler gives: findings, plans, trees, fixes and explanations."""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import partial
from io import StringIO

from promptlang.checks.review import review
from promptlang.diagnostics import Diagnostic
from promptlang.dialects.dialect import dialect
from promptlang.fixes import fixed
from promptlang.lowering.explaining import explain_file
from promptlang.lowering.lower import compile
from promptlang.meaning.contexts import parsed
from promptlang.meaning.project import Project
from promptlang.plans.json import content_hash, to_data
from promptlang.plans.plan import Conditioning
from promptlang.reports.explanation import show
from promptlang.reports.text import full
from promptlang.source import Source
from promptlang.statements.format import format_text
from promptlang.syntax.nodes import Branch, Concept, Document, Part, Parts, Text, Weight, inner
from tests.golden.cases import Case

NAME = "case.prompt"
WIDTH = 88
NOT_SHOWN = (
    "source",
    "origins",
    "axes",
    "statement",
    "format",
    "edition",
    "dialect",
    "command",
    "positive",
    "negative",
    "arithmetic",
)


def diagnostics(case: Case, _: str) -> str:
    """Every diagnostic as the terminal prints it."""
    source = Source(case.text, NAME)
    found = (*findings(case, case.text), *compile(case.text, project=case.project).refused)
    return "\n\n".join(full(source, each).rstrip() for each in found) or "clean"


def findings(case: Case, text: str) -> tuple[Diagnostic, ...]:
    """What there is to say about a text in the place of the case."""
    path = case.folder / NAME if case.project else None  # the text alone lies nowhere
    return review(text, project=case.project, path=path)


def project(case: Case, _: str) -> str:
    """What there is to say about the project file and those it extends, as the terminal prints it."""
    reports = case.configuration.reports if case.configuration else ()
    found = [full(report.source, each).rstrip() for report in reports for each in report.diagnostics]
    return "\n\n".join(found) or "clean"


def plan(case: Case, _: str) -> str:
    """The plans, one field a line, without where values come from; prompts as weighted text."""
    plans = compile(case.text, project=case.project).plans
    return "\n\n".join("\n".join(_fields(each)) for each in plans) or "no plan"


def _fields(plan: object) -> Iterator[str]:
    data = to_data(plan)  # type: ignore[arg-type]
    yield f"positive: {_conditioning(plan.positive)}"  # type: ignore[attr-defined]
    yield f"negative: {_conditioning(plan.negative)}"  # type: ignore[attr-defined]
    for key, value in data.items():
        if key not in NOT_SHOWN and value not in (None, False, [], ""):
            yield f"{key}: {json.dumps(value, ensure_ascii=False)}"


def _conditioning(side: Conditioning) -> str:
    branches: list[str] = []
    for branch in side.branches:
        segments = [
            " + ".join(
                "BREAK" if run.ends_chunk else f"{run.text!r} × {run.weight:.4g}" if run.weight != 1 else repr(run.text)
                for run in segment.runs
            )
            or "nothing"
            for segment in branch.segments
        ]
        ends = [f" until {segment.until}" if len(segments) > 1 else "" for segment in branch.segments]
        branches.append("; ".join(map("".join, zip(segments, ends, strict=True))))
    return f" {side.combine.upper()} ".join(branches)


def origins(case: Case, _: str) -> str:
    """Every option with its value and where it comes from."""
    return "\n".join(
        f"{option.name}: {option.value or 'on'} ({option.origin})"
        for explanation in explain_file(case.text, project=case.project)
        for option in explanation.options
    )


def fix(case: Case, _: str) -> str:
    """The text after all safe fixes."""
    return fixed(case.text, partial(findings, case)).text


def unsafe_fix(case: Case, _: str) -> str:
    """The text after all fixes."""
    return fixed(case.text, partial(findings, case), unsafe=True).text


def formatted(case: Case, _: str) -> str:
    """The text as `promptlang fmt` writes it: once is enough, and the pictures stay the same."""
    after = format_text(case.text)
    assert format_text(after) == after
    assert _pictures(case, after) == _pictures(case, case.text)
    return after.removesuffix("\n")


def _pictures(case: Case, text: str) -> list[str]:
    return [content_hash(each) for each in compile(text, project=case.project).plans]


def explanation(case: Case, _: str) -> str:
    """What `promptlang explain` prints."""
    stream = StringIO()
    explained = explain_file(case.text, project=case.project)
    show(explained, Source(case.text, NAME), findings(case, case.text), colour=False, width=WIDTH, stream=stream)
    return stream.getvalue().rstrip("\n")


def tree(case: Case, _: str) -> str:
    """The tree of every prompt, one node a line."""
    return "\n".join("\n".join(_nodes(statement.prompt.parts, 0)) for statement in _parsed(case).statements)


def _parsed(case: Case) -> Document:
    return parsed(case.text, case.project or Project())


def _nodes(parts: Parts, depth: int) -> Iterator[str]:
    waiting: list[tuple[Part | Branch, int]] = [(part, depth) for part in reversed(parts)]
    while waiting:
        node, level = waiting.pop()
        yield f"{'  ' * level}{_described(node)}"
        waiting += ((below, level + 1) for below in reversed(inner(node)))


def _described(node: Part | Branch) -> str:
    name = type(node).__name__.lower()
    match node:
        case Text(text=text):
            return f"{name} {text!r}"
        case Weight(factor=factor):
            return f"{name} {factor:g}"
        case Concept(name=called, weight=weight):
            return f"{name} {called}" + ("" if weight is None else f" {weight:g}")
        case _:
            return name


def written(case: Case, _: str) -> str:
    """Every prompt printed back by its dialect."""
    return "\n".join(dialect(each.prompt.dialect).write(each.prompt.parts) for each in _parsed(case).statements)
