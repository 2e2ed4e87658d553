"""Texts of requests to plans: what a body says holds as `/set` above its text does, and no path leaves the project."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace as replaced
from http import HTTPStatus
from pathlib import Path

from promptlang.checks.review import review
from promptlang.diagnostics import Diagnostic, Label, Severity
from promptlang.lowering.lower import compile, is_blank
from promptlang.meaning.contexts import parsed
from promptlang.meaning.project import Project
from promptlang.meaning.settings import read_points
from promptlang.plans.enlarging import drawn_size, second_steps
from promptlang.plans.json import Json
from promptlang.plans.plan import PATHS, Plan
from promptlang.source import Source, Span
from promptlang.statements.scan import scan
from promptlang.syntax.nodes import Statement
from promptlang.tables.models.concepts import BUNDLED
from promptlang.tables.options.kinds import FilePath, Flag, quoted
from promptlang.tables.options.reading import read
from promptlang.tables.options.table import FILES, OPTIONS
from promptlang.values import dataclass
from promptlang_runtime.planning.jobs import placed
from promptlang_serve.answers import Refused
from promptlang_serve.findings import as_data
from promptlang_serve.limits import Limits

NAME = "prompt"
Defaults = Mapping[str, str]
"""Values of options by their names; a flag has an empty one."""


@dataclass(frozen=True, slots=True)
class Compiled:
    """The plans of a text, and what is found in it, as data."""

    plans: tuple[Plan, ...]
    findings: tuple[Json, ...]
    is_wrong: bool  # whether a statement has no plan because of an error


def compiled(text: str, project: Project, defaults: Defaults | None = None, model: str = "") -> Compiled:
    """The plans of a text where the defaults hold; raises Refused for a value or a path that is not taken."""
    first = parsed(text, project).statements[0]
    above = _set(defaults or {}, model)
    if above:
        above += "/render " if first.command is None and not is_blank(first) else ""
    whole = f"{above}{text}"
    if stray := next(_strays(parsed(whole, project).statements, project), None):
        raise Refused(HTTPStatus.UNPROCESSABLE_ENTITY, stray, code="outside-project")
    found = review(whole, project=project)
    made = compile(whole, project=project)
    own = [_moved(each, len(above)) for each in (*found, *made.refused)]
    source = Source(text, NAME)
    wrong = any(each.severity is Severity.ERROR for each in own)
    return Compiled(made.plans, tuple(as_data(source, each) for each in own), wrong)


def led_away(text: str, negative: str, project: Project) -> str:
    """A text whose last statement is led away from the words as well; raises Refused where they are no words alone."""
    words = " ".join(negative.split())
    if not words:
        return text
    before = parsed(text, project).statements
    if sum(each.command not in (None, "set") for each in before) > 1:
        message = "`negative_prompt` is for one statement, and there are several"
        raise Refused(HTTPStatus.UNPROCESSABLE_ENTITY, message, help="write `/negative` into each", code="value")
    row = OPTIONS["negative"]
    has_some = any(each.name == row.name for each in before[-1].options)
    whole = f"{text.rstrip()}{',' if has_some else f' /{row.name}'} {words}"
    after = parsed(whole, project).statements
    is_said = len(after) == len(before) and after[-1].negative.text.strip().endswith(words)
    if not is_said or len(after[-1].options) != len(before[-1].options) + (not has_some):
        message = "`negative_prompt` must be words, without options"
        raise Refused(HTTPStatus.UNPROCESSABLE_ENTITY, message, code="value")
    return whole


def drawable(made: Compiled, project: Project, limits: Limits) -> tuple[Plan, ...]:
    """The plans with their files where they lie, if there are any and all may be drawn; raises Refused."""
    if made.is_wrong:
        raise Refused(
            HTTPStatus.UNPROCESSABLE_ENTITY, _first_error(made), code="statement_error", findings=made.findings
        )
    if not made.plans:
        raise Refused(HTTPStatus.UNPROCESSABLE_ENTITY, "the text asks for no picture", findings=made.findings)
    for plan in made.plans:
        if problem := _beyond(plan, limits) or _foreign(plan, project):
            raise Refused(HTTPStatus.UNPROCESSABLE_ENTITY, problem, code="limit", findings=made.findings)
    count = sum(plan.images for plan in made.plans)
    if count > limits.images:
        message = f"{count} pictures are asked for, and {limits.images} are drawn for one request"
        raise Refused(HTTPStatus.UNPROCESSABLE_ENTITY, message, code="limit", findings=made.findings)
    return tuple(placed(plan, project.root) if project.root else plan for plan in made.plans)


def _set(defaults: Defaults, model: str) -> str:
    """The line that gives the defaults, empty where there are none; raises Refused for a value that is none."""
    words = [_written(name, value) for name, value in defaults.items()]
    if model:
        words.append(f"<{model}>")
    return f"/set {' '.join(words)}\n" if words else ""


def _written(name: str, value: str) -> str:
    row = OPTIONS[name]
    if isinstance(row.kind, Flag):
        return f"/{row.name}"
    found = read_points(row.name, value)
    if found.values is None:
        problem = found.problems[0] if found.problems else None
        message = problem.message if problem else f"`{name}` does not take this value"
        raise Refused(HTTPStatus.UNPROCESSABLE_ENTITY, message, code="value")
    written = f"/{row.name}:{quoted(value)}"
    if [(each.name, each.value) for each in scan(f"/set {written} a").options] != [(row.name, value)]:
        message = f"the value of `{name}` cannot be written as an option"
        raise Refused(HTTPStatus.UNPROCESSABLE_ENTITY, message, code="value")
    return written


def _strays(statements: Iterable[Statement], project: Project) -> Iterator[str]:
    """The paths in statements that lead out of the project: they are not even looked at."""
    names = {row.name for row in FILES} | {alias for row in FILES for alias in row.aliases}
    for statement in statements:
        for use in statement.options:
            if use.name not in names or not use.value:
                continue
            row = OPTIONS[use.name]
            for value in use.value.split("|"):
                if problems := read(FilePath(), row.name, value, row.words).problems:
                    yield problems[0].message
                elif project.root is None and not project.known(value):
                    yield f"`/{row.name}` names a file, and no project is served that it could lie in"
                elif project.root and not _is_inside(project.root / value, project.root):
                    yield f"`/{row.name}` leads out of the project by a link"


def _is_inside(path: Path, root: Path) -> bool:
    return path.resolve().is_relative_to(root.resolve())


def _foreign(plan: Plan, project: Project) -> str:
    """Why a plan asks for files that are not of the project; empty where it does not."""
    if plan.model.path is None and plan.model.name.lower() not in BUNDLED:
        return f"no model called `{plan.model.name[:60]}` is served here"
    own = {str(each.path) for each in project.concepts if each.path}
    for name in (*PATHS, "vae"):
        path = getattr(plan, name)
        if path is None or path in own or Path(path) in project.files.by_name.values():
            continue
        if (
            project.root is None
            or not (project.root / path).exists()
            or not _is_inside(project.root / path, project.root)
        ):
            return f"there is no such file in the project: `{name}` is `{path[:60]}`"
    return ""


def _beyond(plan: Plan, limits: Limits) -> str:
    """Why a plan is more than is drawn here; empty where it is not."""
    side = max(*plan.size, *drawn_size(plan))
    if side > limits.side:
        return f"a picture of {side} pixels a side is asked for, and {limits.side} is the most"
    steps = plan.steps + (second_steps(plan) if plan.hires is not None else 0)
    return f"{steps} steps are asked for, and {limits.steps} is the most" if steps > limits.steps else ""


def _moved(found: Diagnostic, above: int) -> Diagnostic:
    """A finding where the text stands alone; one about what stands above is about its beginning."""
    if not above:
        return found
    if found.label.span.start < above:
        place = Label(Span(0, 0), found.label.text)
        return replaced(found, label=place, related=(), fixes=())
    related = tuple(each for each in found.related if each.span.start >= above)
    fixes = tuple(each for each in found.fixes if all(edit.span.start >= above for edit in each.edits))
    return replaced(found, related=related, fixes=fixes).moved(-above)


def _first_error(made: Compiled) -> str:
    for each in made.findings:
        if isinstance(each, dict) and each["severity"] == Severity.ERROR.word:
            return str(each["message"])
    return "the text has an error"
