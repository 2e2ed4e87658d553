"""What holds for the text of every prompt file."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

from promptlang.checks.review import review
from promptlang.diagnostics import Diagnostic, Severity
from promptlang.fixes import fixed
from promptlang.lowering.explaining import explain_file
from promptlang.lowering.lower import Compilation, compile
from promptlang.plans.json import content_hash, from_json, to_json, verify
from promptlang.reports.text import full
from promptlang.source import Source, Span
from promptlang.statements.format import format_text
from promptlang.statements.parsing import parse
from promptlang.syntax.nodes import Statement
from promptlang.tables.commands import command
from tests.dialects.properties import assert_spans_nest
from tests.fuzz.broken import hold


def is_covered(text: str) -> None:
    """The statements of a document are its text, one after the other, and their prompts lie inside them."""
    document = parse(text)
    if document.statements:
        whole = "".join(statement.text for statement in document.statements)
        hold("statements cover the text", seen=whole, is_true=whole == text)
        starts = tuple(
            len("".join(each.text for each in document.statements[:at])) for at in range(len(document.starts))
        )
        hold("statements start where they stand", seen=document.starts, is_true=document.starts == starts)
    for statement in document.statements:
        for prompt in filter(None, (statement.prompt, statement.negative_prompt)):
            assert_spans_nest(prompt, len(statement.text))


def findings_fit(text: str) -> None:
    """Findings and their edits lie inside the text, and can be printed."""
    source = Source(text)
    for each in review(text):
        for span in _spans(each):
            hold(f"{each.rule.name} lies inside the text", seen=span, is_true=0 <= span.start <= span.end <= len(text))
        for fix in each.fixes:
            spans = sorted({edit.span for edit in fix.edits})
            apart = all(left.end <= right.start and left != right for left, right in pairwise(spans))
            hold(f"edits of {each.rule.name} do not overlap", seen=spans, is_true=apart)
        full(source, each)


def _spans(found: Diagnostic) -> Iterator[Span]:
    yield found.label.span
    yield from (label.span for label in found.related)
    yield from (edit.span for fix in found.fixes for edit in fix.edits)


def plans_are_valid(text: str) -> None:
    """Every plan passes `verify`, survives JSON, and no statement goes without one unsaid."""
    made = compile(text)
    for plan in made.plans:
        problems = verify(plan)
        hold("a plan is valid", seen=problems, is_true=not problems)
        written = to_json(plan, indent=None)
        back = from_json(written)
        hold("a plan survives JSON", seen=back, is_true=to_json(back, indent=None) == written)
    if all(each.severity > Severity.WARNING for each in made.diagnostics):
        planned = {plan.statement for plan in made.plans}
        silent = [
            number for number, each in enumerate(parse(text).statements) if _draws(each) and number not in planned
        ]
        hold("a statement without a finding has a plan", seen=silent, is_true=not silent)


def formatted_once(text: str) -> None:
    """Formatting twice is once, and the plans stay the same in the same order."""
    once = format_text(text)
    twice = format_text(once)
    hold("formatting twice is once", seen=(once, twice), is_true=once == twice)
    if once != text:
        hold("the formatter keeps the plans", seen=once, is_true=_hashes(compile(once)) == _hashes(compile(text)))


def fixed_safely(text: str) -> None:
    """Safe fixes settle, keep every plan there was, and leave none of their findings."""
    found = review(text)
    if not any(fix.safe for each in found for fix in each.fixes):
        return
    result = fixed(text, review)
    hold("safe fixes settle", seen=result.text, is_true=result.settled)
    before, after = compile(text), compile(result.text)
    kept = iter(_hashes(after))
    same = all(any(there == each for there in kept) for each in _hashes(before))  # in order; rejected ones may come
    hold("safe fixes keep the plans", seen=result.text, is_true=same)
    if not _has_errors(before):
        hold("safe fixes add no plan", seen=result.text, is_true=len(after.plans) == len(before.plans))


def _draws(statement: Statement) -> bool:
    row = command(statement.command_name)
    return row is not None and row.draws and bool(statement.positive.text)


def _hashes(made: Compilation) -> list[str]:
    return [content_hash(plan) for plan in made.plans]


def _has_errors(made: Compilation) -> bool:
    return any(each.severity is Severity.ERROR for each in made.diagnostics)


def explained(text: str) -> None:
    """Every statement is explained, with chunks of 77 ids and a multiplier for each, and the plans of `compile`."""
    told = explain_file(text)
    for each in told:
        for chunk in (*each.chunks, *each.negative_chunks):
            sizes = (len(chunk.ids), len(chunk.multipliers))
            hold("a chunk has 77 ids and multipliers", seen=sizes, is_true=sizes == (77, 77))
    shown = [content_hash(plan) for each in told for plan in each.plans]
    hold("explain shows the plans of compile", seen=len(shown), is_true=shown == _hashes(compile(text)))
