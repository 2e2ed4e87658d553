"""What a golden case can show of a prompt: one function for each kind of block."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator

from promptlang.checks.checking import check
from promptlang.dialects import dialect
from promptlang.fixes import fixed
from promptlang.lowering.explaining import explain_file
from promptlang.lowering.lower import compile
from promptlang.plans.json import to_data
from promptlang.plans.plan import Conditioning
from promptlang.reports.text import full
from promptlang.source import Source
from promptlang.statements.parsing import parse
from promptlang.syntax.nodes import Branch, Concept, Part, Parts, Text, Weight, inner

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
)


def diagnostics(text: str) -> str:
    """Every diagnostic as the terminal prints it."""
    source = Source(text, "case.prompt")
    return "\n\n".join(full(source, each).rstrip() for each in check(text)) or "clean"


def plan(text: str) -> str:
    """The plans, one field a line, without where values come from; prompts as weighted text."""
    plans = compile(text).plans
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


def origins(text: str) -> str:
    """Every option with its value and where it comes from."""
    return "\n".join(
        f"{option.name}: {option.value or 'on'} ({option.origin})"
        for explanation in explain_file(text)
        for option in explanation.options
    )


def fix(text: str) -> str:
    """The text after all safe fixes."""
    return fixed(text, check).text


def unsafe_fix(text: str) -> str:
    """The text after all fixes."""
    return fixed(text, check, unsafe=True).text


def tree(text: str) -> str:
    """The tree of every prompt, one node a line."""
    return "\n".join("\n".join(_nodes(statement.prompt.parts, 0)) for statement in parse(text).statements)


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


def written(text: str) -> str:
    """Every prompt printed back by its dialect."""
    return "\n".join(dialect(each.prompt.dialect).write(each.prompt.parts) for each in parse(text).statements)


VIEWS: dict[str, Callable[[str], str]] = {
    "diagnostics": diagnostics,
    "plan": plan,
    "origins": origins,
    "fix": fix,
    "unsafe-fix": unsafe_fix,
    "tree": tree,
    "written": written,
}
