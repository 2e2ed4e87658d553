"""What holds for every fix that is offered: taken alone, all together, and before and after the formatter."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from promptlang.checks.review import review
from promptlang.checks.rules import RULES
from promptlang.diagnostics import Diagnostic, Edit, Fix, Severity
from promptlang.fixes import applied, fixed
from promptlang.lowering.lower import compile
from promptlang.meaning.project import Project
from promptlang.plans.json import content_hash
from promptlang.statements.parsing import parse
from promptlang.statements.scan import scan
from promptlang.syntax.nodes import OptionUse
from tests.fuzz.broken import hold

PICKY = Project(severities={name: rule.severity for name, rule in RULES.items() if not rule.enabled})
"""A project that has every rule switched on."""


def _found(text: str) -> tuple[Diagnostic, ...]:
    return review(text, project=PICKY)


def each_fix_mends(text: str) -> None:
    """A fix takes its finding away, brings no other of its rule, and leaves alone what it does not touch."""
    found = _found(text)
    before = Counter(each.rule.name for each in found)
    for each in found:
        for fix in each.fixes:
            after = applied(text, fix.edits)
            left = Counter(other.rule.name for other in _found(after))
            name = each.rule.name
            hold(f"a fix of {name} takes its finding away", seen=(fix.title, after), is_true=left[name] < before[name])
            hold(f"a fix of {name} leaves the other options", seen=(fix.title, after), is_true=_stay(text, fix, after))
            if fix.safe:
                kept = _are_kept(_hashes(text), _hashes(after), may_come=_is_rejected(found))
                hold(f"a safe fix of {name} keeps the plans", seen=(fix.title, after), is_true=kept)


def all_fixes_settle(text: str) -> None:
    """All fixes together, the safe ones and then the others, come to an end after which none is left to apply."""
    for unsafe in (False, True):
        result = fixed(text, _found, unsafe=unsafe)
        which = "all" if unsafe else "safe"
        hold(f"{which} fixes settle", seen=result.text, is_true=result.settled)
        again = fixed(result.text, _found, unsafe=unsafe)
        hold(f"{which} fixes twice are once", seen=(result.text, again.text), is_true=again.text == result.text)


def _stay(text: str, fix: Fix, after: str) -> bool:
    """Whether every option that no edit touches is there as before, or a command, where one is freed."""
    untouched = Counter(
        (use.name, use.value)
        for use, start in _options(text)
        if not (_touches(fix.edits, use, start) or (use.value or "").startswith('"'))
    )  # a lone quote may find its partner
    freed = Counter((each.command_name, None) for each in parse(after).statements)
    return untouched <= Counter((use.name, use.value) for use, _ in _options(after)) + freed


def _options(text: str) -> Iterable[tuple[OptionUse, int]]:
    document = parse(text)
    for start, statement in document.placed():
        yield from ((use, start) for use in scan(statement.text).options)


def _touches(edits: Iterable[Edit], use: OptionUse, start: int) -> bool:
    span = use.span.moved(start)
    return any(edit.span.start <= span.end and span.start <= edit.span.end for edit in edits)


def _hashes(text: str) -> list[str]:
    return [content_hash(plan) for plan in compile(text, project=PICKY).plans]


def _are_kept(before: list[str], after: list[str], *, may_come: bool) -> bool:
    """Whether the plans are the same; those of a statement that was rejected may come."""
    there = iter(after)
    return all(any(other == each for other in there) for each in before) if may_come else before == after


def _is_rejected(found: Iterable[Diagnostic]) -> bool:
    return any(each.severity is Severity.ERROR for each in found)
