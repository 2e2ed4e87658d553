"""What each tool answers, once as data and once as text: what the command of its name prints."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from io import StringIO
from typing import TypedDict

from promptlang.checks.review import review
from promptlang.cli.arguments import UsageError
from promptlang.cli.commands import convert as converting
from promptlang.cli.commands import explain as explaining
from promptlang.cli.commands import rule as ruling
from promptlang.diagnostics import Diagnostic
from promptlang.dialects.convert import Conversion
from promptlang.dialects.readback import Loss
from promptlang.fixes import fixed
from promptlang.lowering.converting import convert_file
from promptlang.lowering.explaining import explain_drawn, explain_file
from promptlang.lowering.lower import compile as compiled
from promptlang.meaning.project import EMPTY_PROJECT
from promptlang.plans.json import to_data
from promptlang.reports.data import record
from promptlang.reports.explanation import show
from promptlang.reports.text import concise, full, plain
from promptlang.statements.converting import convert_alone
from promptlang.tables.dialects import DIALECTS
from promptlang_mcp.folder import Page

Data = Mapping[str, object]
MOST = 20  # explanations and plans of one answer: a sweep may have a thousand
WIDTH = 100


class Checked(TypedDict):
    """Findings in order of place, those of project files first, and the text that the safe fixes would leave."""

    diagnostics: list[Data]
    errors: int
    warnings: int
    fixed: str | None


class Explained(TypedDict):
    """What the statements will do, as far as there is room, how many there are, and what is found in them."""

    explanations: list[Data]
    statements: int
    diagnostics: list[Data]


class Compiled(TypedDict):
    """The plans, as far as there is room, how many there are, the pictures they ask for, and what is found."""

    plans: list[Data]
    count: int
    images: int
    diagnostics: list[Data]


class Converted(TypedDict):
    """The text in the other dialect, its negative prompt, what is lost, and what acts otherwise there."""

    text: str
    negative: str
    losses: list[Data]
    notes: list[Data]


class Rules(TypedDict):
    """What the table says about each rule."""

    rules: list[Data]


@dataclass(frozen=True, slots=True)
class Answer:
    """What a tool says: for people and models that read text, and as the data that its schema describes."""

    text: str
    data: Checked | Explained | Compiled | Converted | Rules


def check(page: Page) -> Answer:
    """What is found in a text, and in the files of its project."""
    source, findings = page.source, _findings(page)
    records = [record(report.source, each) for report in page.of_project for each in report.diagnostics]
    blocks = [full(report.source, each, width=WIDTH) for report in page.of_project for each in report.diagnostics]
    records += [record(source, each) for each in findings]
    blocks += [full(source, each, width=WIDTH) for each in findings]
    mended = None if page.file.problem else fixed(source.text, lambda text: _reviewed(text, page)).text
    counts = {word: sum(each["severity"] == word for each in records) for word in ("error", "warning")}
    data = Checked(
        diagnostics=[*records],
        errors=counts["error"],
        warnings=counts["warning"],
        fixed=mended if mended != source.text else None,
    )
    return Answer("\n\n".join(blocks) or "no findings", data)


def explain(page: Page, parser: str | None) -> Answer:
    """What each statement of a text will do; with `parser` the text is one bare prompt of that dialect."""
    source = page.source
    if page.file.problem:
        found, findings = (), _findings(page)
    elif parser:
        found = (explain_drawn(source.text, _dialect(parser)),)
        findings = found[0].diagnostics
    else:
        found, findings = explain_file(source.text, project=page.project), _findings(page)
    stream = StringIO()
    show(found[:MOST], source, findings, colour=False, width=WIDTH, stream=stream)
    data = Explained(
        explanations=[explaining.record(each) for each in found[:MOST]],
        statements=len(found),
        diagnostics=[record(source, each) for each in findings],
    )
    return Answer(_with_rest(stream.getvalue(), len(found), "statements"), data)


def compile(page: Page) -> Answer:
    """The plans of a text, and what is found in it."""
    source, findings = page.source, _findings(page)
    made = compiled("" if page.file.problem else source.text, project=page.project)
    plans = [to_data(plan) for plan in made.plans[:MOST]]
    findings = (*findings, *made.refused)
    data = Compiled(
        plans=[*plans],
        count=len(made.plans),
        images=sum(plan.images for plan in made.plans),
        diagnostics=[record(source, each) for each in findings],
    )
    lines = [concise(source, each) for each in findings]
    text = "\n".join((*lines, json.dumps(plans, indent=1, ensure_ascii=False)))
    return Answer(_with_rest(text, len(made.plans), "plans"), data)


def convert(page: Page, target: str, source: str | None, negative: str | None, *, recompute: bool) -> Answer:
    """A bare prompt of the dialect `source` in the dialect `target`; without `source`, the statements of a file."""
    if page.file.problem:
        raise UsageError(f"`{page.source.name}` is {page.file.problem.message}", page.file.problem.help)
    known, to, text = page.project or EMPTY_PROJECT, _dialect(target), page.source.text
    if source is None:
        if negative:
            raise UsageError("statements have their negative prompts in them", "leave `negative` out, or give `source`")
        done = convert_file(text, to, project=known, recompute=recompute)
        return _conversion(page, done.text, "", [found for _, found in done.conversions], done.left)
    found = convert_alone(text, _dialect(source), to, negative or "", recompute=recompute, kind_of=known.kind_of)
    return _conversion(page, found.positive, found.negative, [found], ())


def rule(names: Sequence[str]) -> Answer:
    """What rules mean."""
    rules = ruling.matching_rules(names)
    pages = [ruling.page(each, plain, WIDTH) for each in rules]
    return Answer("\n\n".join(pages), Rules(rules=[ruling.record(each) for each in rules]))


def _findings(page: Page) -> tuple[Diagnostic, ...]:
    return (page.file.problem,) if page.file.problem else _reviewed(page.source.text, page)


def _reviewed(text: str, page: Page) -> tuple[Diagnostic, ...]:
    return review(text, project=page.project, path=page.path)


def _dialect(name: str) -> str:
    """The name of a dialect, or of the program whose dialect it is."""
    names = {alias: row.name for row in DIALECTS.values() for alias in (row.name, *row.aliases)}
    if name.lower() not in names:
        raise UsageError(f"there is no dialect `{name}`", f"one of {', '.join(names)}")
    return names[name.lower()]


def _with_rest(text: str, count: int, what: str) -> str:
    return f"{text}\nThe first {MOST} of {count} {what} are shown." if count > MOST else text


def _conversion(page: Page, text: str, negative: str, found: Sequence[Conversion], left: Iterable[Loss]) -> Answer:
    losses = [*left, *(loss for each in found for loss in each.losses)]
    notes = [note for each in found for note in each.notes]
    data = Converted(
        text=text,
        negative=negative,
        losses=[converting.loss_record(page.source, each) for each in losses],
        notes=[converting.note_record(each) for each in notes],
    )
    below = [f"{converting.NEGATIVE}{negative}"] if negative else []
    said = [f"lost: {each.message}" for each in losses] + [f"note: {each.message}" for each in notes]
    return Answer("\n".join((text, *below, *said)), data)
