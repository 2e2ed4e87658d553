"""`promptlang show`: what a picture was drawn by, and what tells it from another one."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from promptlang.cli.arguments import CLEAN, FAILED, FOUND, Argument, Command, Given
from promptlang.cli.inputs import CONFIG, Projects, naming, projects
from promptlang.cli.mistakes import DEBUG, tell
from promptlang.cli.terminal import COLOUR, complain, has_colour, is_unicode, warn, width
from promptlang.files import reason, visible
from promptlang.values import dataclass

if TYPE_CHECKING:
    from promptlang.exporters.facts import Difference
    from promptlang.lowering.explaining import Explanation
    from promptlang.meaning.project import Project
    from promptlang.plans.plan import Plan
    from promptlang.reports.data import Json

COMMAND = Command(
    name="show",
    summary="Show what a picture was drawn by, and what tells it from another one.",
    arguments=(
        Argument(names=("picture",), value="PICTURE", help="A picture, of ours or of another program.", needed=True),
        Argument(names=("--diff",), value="PICTURE", help="Show what this picture was drawn by otherwise."),
        Argument(names=("--json",), help="Print plain data."),
        *CONFIG,
        Argument(names=("--color",), value="WHEN", choices=COLOUR, default="auto", help="Whether to print in colour."),
        DEBUG,
    ),
    details=(
        "The statement that draws it again, what that will do as `explain` says it, where the picture comes from, and "
        "what is otherwise where it is drawn here. Pictures of other programs are read as `import` reads them.",
        "Of a picture of ours every option has the origin that it had when the picture was drawn.",
        "Exit code: 0, 1 where a picture says nothing about how it was made, 2 where it cannot be read.",
    ),
    examples=("promptlang show cow-001.png", "promptlang show cow-001.png --diff cow-002.png"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Seen:
    """A picture: the program that made it, its statements, what is to be said about them, and the plan; None where
    the statement has none. `here` is the plan that its statement has here, where that may be another.
    """

    name: str
    program: str = ""
    text: str = ""
    remarks: tuple[str, ...] = ()
    plan: Plan | None = None
    here: Plan | None = None
    explained: tuple[Explanation, ...] = ()


def run(arguments: Given) -> int:
    """Show the picture; 1 where it, or that it is compared with, says nothing."""
    known = projects(arguments)
    seen: list[_Seen] = []
    for name in filter(None, (arguments.text("picture"), arguments.text("diff"))):
        try:
            seen.append(_seen(Path(name), known))
        except OSError as error:
            complain(f"cannot read `{name}`: {reason(error)}")
            return FAILED
        except Exception as error:  # what a stranger wrote into a picture is no reason to end in a traceback
            tell(error, visible(name), arguments)
            return FAILED
    if arguments.flag("json"):
        print(json.dumps(_record(seen), indent=2, ensure_ascii=not is_unicode(sys.stdout)))
    else:
        _show(seen, arguments)
    return CLEAN if all(each.text for each in seen) else FOUND


def _seen(path: Path, known: Projects) -> _Seen:
    """What a file says; raises OSError where the system refuses."""
    from promptlang.importers.reading import read_file
    from promptlang.importers.retold import told

    project = known.of(path)
    reading = read_file(path)
    said = told(reading, named=naming(project))
    text = "\n\n".join(said.statements)
    seen = _Seen(name=visible(str(path)), program=reading.program, text=text, remarks=said.remarks, plan=reading.plan)
    return _explained(seen, project) if text else seen


def _explained(seen: _Seen, project: Project | None) -> _Seen:
    """The same with what its statements do here, and with the plan that the first one has."""
    from promptlang.lowering.explaining import explain_file

    explained = explain_file(seen.text, project=project)
    here = next((plan for each in explained for plan in each.plans), None)
    if seen.plan is None:
        return replace(seen, explained=explained, plan=here)
    origins = {each.key: each.source for each in seen.plan.origins}
    then = tuple(
        replace(
            each,
            options=tuple(replace(row, origin=origins[row.name]) for row in each.options if row.name in origins),
        )
        for each in explained
    )
    return replace(seen, explained=then, here=here)


def _differences(first: Plan | None, second: Plan | None) -> tuple[Difference, ...]:
    from promptlang.exporters.facts import differences

    return differences(first, second) if first and second else ()


# --- for people -------------------------------------------------------------------------------------------------------


def _show(seen: Sequence[_Seen], arguments: Given) -> None:
    for each in seen:
        for remark in each.remarks:
            warn(f"{each.name}: {remark}")
    first, *others = seen
    if first.text:
        _show_one(first, arguments)
    for other in others:
        _show_difference(first, other)


def _show_one(seen: _Seen, arguments: Given) -> None:
    from promptlang.reports.explanation import show
    from promptlang.source import Source

    print(f"# {seen.name}: {_made(seen)}")
    print(f"{seen.text}\n")
    colour = has_colour(arguments.text("color") or "auto", sys.stdout)
    show(seen.explained, Source(seen.text), (), colour=colour, width=width(sys.stdout), stream=sys.stdout)
    if others := _differences(seen.plan, seen.here):
        print("\ndrawn here now, it would differ:")
        _print_table(others)


def _made(seen: _Seen) -> str:
    """Who made it, and as which point of a sweep."""
    from promptlang.tables.options.table import OPTIONS

    axes = seen.plan.axes if seen.plan else ()
    points = ", ".join(f"{OPTIONS[name].words if name in OPTIONS else name} {value}" for name, value in axes)
    return f"{seen.program or 'a program that does not say its name'}{f', a sweep at {points}' if points else ''}"


def _show_difference(first: _Seen, second: _Seen) -> None:
    if not (first.plan and second.plan):
        silent = second if first.plan else first
        warn(f"{silent.name}: what it was drawn by is not known, so it is compared with nothing")
        return
    found = _differences(first.plan, second.plan)
    if not found:
        print(f"\n{second.name} was drawn by the same")
        return
    print(f"\n{second.name} was drawn by something else:")
    _print_table(found)


def _print_table(differences: Iterable[Difference]) -> None:
    from promptlang.reports.cells import visible as printable

    for each in differences:
        print(f"  {each.name}")
        for sign, value in (("-", each.first), ("+", each.second)):
            if value:
                print(f"    {sign} {printable(value)}")


# --- for programs -----------------------------------------------------------------------------------------------------


def _record(seen: Sequence[_Seen]) -> Json:
    from promptlang.plans.json import to_data

    pictures: list[Json] = [
        {
            "file": each.name,
            "program": each.program,
            "statement": each.text,
            "remarks": list(each.remarks),
            "plan": to_data(each.plan) if each.plan else None,
            "here": _as_data(_differences(each.plan, each.here)),
        }
        for each in seen
    ]
    first, *others = seen
    compared: Json = _as_data(_differences(first.plan, others[0].plan)) if others else None
    return {"pictures": pictures, "differences": compared}


def _as_data(differences: Iterable[Difference]) -> list[Json]:
    return [{"name": each.name, "first": each.first, "second": each.second} for each in differences]
