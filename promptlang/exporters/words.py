"""Both sides of a plan as another program's prompt, and what that cannot say of them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from promptlang.dialects.dialect import dialect, uncommented, unmet
from promptlang.dialects.readback import unread
from promptlang.plans.plan import Conditioning, Plan, Run, called_word
from promptlang.source import Passage, Span
from promptlang.statements.parsing import parse
from promptlang.statements.recipes import untold
from promptlang.syntax.nodes import Break, Concept, Part, Parts, Text, Weight
from promptlang.tables.dialects import DialectRow, dialect_row
from promptlang.values import dataclass

_NOWHERE = Span(0, 0)
_MEET = re.compile(r"\w\w|[^\w\s]{2}")  # of which CLIP makes one word


@dataclass(frozen=True, slots=True)
class Sides:
    """The prompts, and remarks in one clause each."""

    positive: str
    negative: str
    remarks: tuple[str, ...] = ()


def sides(plan: Plan, dialect_name: str, title: str, *, mixes: bool = False) -> Sides:
    """The prompts as that program reads them; in its own dialect they stand as they were written.

    With `mixes` the caller writes prompts that change and that are mixed, and nothing is remarked about them.
    """
    if own := _as_written(plan, dialect_name):
        return own
    row = dialect_row(dialect_name)
    remarks: list[str] = []
    for each in (plan.positive, plan.negative):
        remarks += () if mixes else _changing(each, title)
        remarks += _remarks(each, row, title)
    if _is_weighed(plan) and plan.weighting != dialect(row.name).weighting:
        remarks.append(f"word weights act by another formula in {title}")
    positive, negative = (written(_first(each), row, plan) for each in (plan.positive, plan.negative))
    remarks += (
        *_read_otherwise(plan.positive, positive, plan, row, title),
        *_read_otherwise(plan.negative, negative, plan, row, title),
    )
    return Sides(positive, negative, tuple(dict.fromkeys(remarks)))


def plain_sides(plan: Plan, title: str) -> Sides:
    """The prompts for a program in which no sign means anything."""
    remarks: list[str] = []
    for each in (plan.positive, plan.negative):
        remarks += _changing(each, title)
    if _is_weighed(plan):
        remarks.append(f"{title} weighs no words, so all of them count 1")
    if any(run.ends_chunk for run in _all_runs(plan)):
        remarks.append(f"{title} knows no `BREAK`")
    plain = (map(_plain, _first(each)) for each in (plan.positive, plan.negative))
    positive, negative = ("".join(run.text for run in apart(runs)) for runs in plain)
    return Sides(" ".join(positive.split()), " ".join(negative.split()), tuple(dict.fromkeys(remarks)))


def _as_written(plan: Plan, dialect_name: str) -> Sides | None:
    """The texts of the statement, where they are in that dialect and hold all that is drawn."""
    own = as_drawn(plan) if plan.dialect == dialect_name else None
    return Sides(own[0].strip(), own[1].strip()) if own else None


def as_drawn(plan: Plan) -> tuple[str, str] | None:
    """Both sides of the statement, with what variants and recipes made of them; None where no plan says that."""
    statements = parse(plan.source).statements if plan.source else ()
    if len(statements) != 1 or untold(statements[0], plan.expanded):
        return None
    texts = (plan.expanded or statements[0].positive.text, statements[0].negative.text)
    positive, negative = (uncommented(text, plan.dialect) for text in texts)
    return positive, negative


def _remarks(side: Conditioning, row: DialectRow, title: str) -> Iterator[str]:
    if not row.breaks and any(run.ends_chunk for run in _runs(side)):
        yield f"{title} knows no `BREAK`"
    if not row.below_zero and any(run.weight < 0 for run in _runs(side)):
        yield f"{title} knows no weight below 0"


def _changing(side: Conditioning, title: str) -> Iterator[str]:
    if any(len(branch.segments) > 1 for branch in side.branches):
        yield f"the prompt changes while the picture is drawn, and {title} is told its first words alone"
    if len(side.branches) > 1:
        yield f"several prompts are mixed, and {title} is told the first alone"


def _read_otherwise(side: Conditioning, text: str, plan: Plan, row: DialectRow, title: str) -> Iterator[str]:
    """What the program makes of words that it has no spelling for; inversions are words to some readers."""
    if any(each.kind == "inversion" for each in plan.networks):
        return
    owner, meant = dialect(row.name), _parts(_first(side), row, plan)
    read = owner.read(Passage(text), is_negative=side is plan.negative)
    yield from (loss.message for loss in unread(meant, read.parts, title, (), Passage(text)))
    yield from (each.message for each in unmet(read))


def _is_weighed(plan: Plan) -> bool:
    return any(run.weight != 1 for run in _all_runs(plan))


def _all_runs(plan: Plan) -> Iterator[Run]:
    return (run for side in (plan.positive, plan.negative) for run in _runs(side))


def _runs(side: Conditioning) -> Iterator[Run]:
    return (run for branch in side.branches for segment in branch.segments for run in segment.runs)


def _first(side: Conditioning) -> tuple[Run, ...]:
    """The words that are read first."""
    return side.branches[0].segments[0].runs if side.branches and side.branches[0].segments else ()


def written(runs: tuple[Run, ...], row: DialectRow, plan: Plan) -> str:
    """Weighted words of a plan as a dialect writes them."""
    return dialect(row.name).write(_parts(runs, row, plan)).strip()


def _parts(runs: Iterable[Run], row: DialectRow, plan: Plan) -> Parts:
    inversions = {called_word(each.name): each.name for each in plan.networks if each.kind == "inversion"}
    parts: list[Part] = []
    for run in apart(runs if row.breaks else (Run(run.text, run.weight) for run in runs)):
        inner = tuple(_words(run.text, inversions))
        parts += inner if run.weight == 1 or not run.text.strip() else (Weight(_NOWHERE, inner, run.weight),)
        if run.ends_chunk:
            parts.append(Break(_NOWHERE))
    return tuple(parts)


def apart(runs: Iterable[Run]) -> Iterator[Run]:
    """The runs with a blank between two of equal weight that would become one word, which they are not in a plan."""
    before = Run("")
    for run in runs:
        if not run.text and not run.ends_chunk:
            continue
        meets = run.weight == before.weight and not before.ends_chunk
        if meets and _MEET.fullmatch(before.text[-1:] + run.text[:1]):
            yield Run(" ", run.weight)
        yield run
        before = run


def _plain(run: Run) -> Run:
    return Run(run.text)


def _words(text: str, inversions: dict[str, str]) -> Parts:
    """The text, with a call where a word stands for an inversion."""
    if not inversions:
        return (Text(_NOWHERE, text),)
    pieces = re.split(f"({'|'.join(map(re.escape, inversions))})", text)
    return tuple(
        Concept(_NOWHERE, inversions[each], _NOWHERE, kind="embedding") if each in inversions else Text(_NOWHERE, each)
        for each in pieces
        if each
    )
