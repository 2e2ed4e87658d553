"""`promptlang show`: what a picture was drawn by, and what tells it from another one."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from promptlang.cli.arguments import CLEAN, FAILED, FOUND, Argument, Command, Given
from promptlang.cli.inputs import CONFIG, projects
from promptlang.cli.mistakes import DEBUG, tell
from promptlang.cli.pictures.looking import Seen, seen
from promptlang.cli.terminal import COLOUR, JSON, complain, hand_out, has_colour, print_json, warn, width
from promptlang.files import reason, visible
from promptlang.values import dataclass, replace

if TYPE_CHECKING:
    from promptlang.exporters.facts import Difference
    from promptlang.lowering.explaining import Explanation
    from promptlang.meaning.project import Project
    from promptlang.plans.plan import Plan
    from promptlang.tables.options.schema import Json

COMMAND = Command(
    name="show",
    summary="Show what a picture was drawn by, and what tells it from another one.",
    arguments=(
        Argument(names=("picture",), value="PICTURE", help="A picture, of ours or of another program.", needed=True),
        Argument(names=("--diff",), value="PICTURE", help="Show what this picture was drawn by otherwise."),
        JSON,
        *CONFIG,
        COLOUR,
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
class _Shown:
    """A picture, what its statements do here, and the plan that the first one has here."""

    seen: Seen
    explained: tuple[Explanation, ...] = ()
    here: Plan | None = None

    @property
    def otherwise(self) -> tuple[Difference, ...]:
        """What tells the picture from the one that is drawn here."""
        return _differences(self.seen.plan, self.here) if self.seen.is_told else ()


def run(arguments: Given) -> int:
    """Show the picture; 1 where it, or that it is compared with, says nothing."""
    known = projects(arguments)
    found: list[_Shown] = []
    for name in filter(None, (arguments.text("picture"), arguments.text("diff"))):
        try:
            found.append(_looked(Path(name), known.of(name)))
        except OSError as error:
            complain(f"cannot read `{name}`: {reason(error)}")
            return FAILED
        except Exception as error:  # what a stranger wrote into a picture is no reason to end in a traceback
            tell(error, visible(name), arguments)
            return FAILED
    if arguments.flag("json"):
        print_json(_record(found))
    else:
        _show(found, arguments)
    return CLEAN if all(each.seen.text for each in found) else FOUND


def _looked(path: Path, project: Project | None) -> _Shown:
    """What a file says, and what that means here; raises OSError where the system refuses."""
    from promptlang.lowering.explaining import explain_file

    found = seen(path, project)
    if not found.text:
        return _Shown(seen=found)
    explained = explain_file(found.text, project=project)
    here = next((plan for each in explained for plan in each.plans), None)
    if found.plan and found.is_told:
        explained = tuple(_as_then(each, found.plan) for each in explained)
    return _Shown(seen=found, explained=explained, here=here)


def _as_then(explained: Explanation, plan: Plan) -> Explanation:
    """The same with the options that the picture was asked for, each from where it came then."""
    origins = {each.key: each.source for each in plan.origins}
    options = tuple(replace(row, origin=origins[row.name]) for row in explained.options if row.name in origins)
    return replace(explained, options=options)


def _differences(first: Plan | None, second: Plan | None) -> tuple[Difference, ...]:
    from promptlang.exporters.facts import differences

    return differences(first, second) if first and second else ()


# --- for people -------------------------------------------------------------------------------------------------------


def _show(found: Sequence[_Shown], arguments: Given) -> None:
    for each in found:
        for remark in each.seen.remarks:
            warn(f"{each.seen.name}: {remark}")
    first, *others = found
    if first.seen.text:
        _show_one(first, arguments)
    for other in others:
        _show_difference(first.seen, other.seen)


def _show_one(shown: _Shown, arguments: Given) -> None:
    from promptlang.reports.explanation import show
    from promptlang.source import Source

    text = shown.seen.text
    hand_out(f"# {shown.seen.name}: {_made(shown.seen)}\n{text}\n\n")
    colour = has_colour(arguments.text("color") or "auto", sys.stdout)
    show(shown.explained, Source(text), (), colour=colour, width=width(sys.stdout), stream=sys.stdout)
    if shown.otherwise:
        print("\ndrawn here now, it would differ:")
        _print_table(shown.otherwise)


def _made(picture: Seen) -> str:
    """Who made it, and as which point of a sweep."""
    from promptlang.exporters.facts import points

    point = points(picture.plan) if picture.plan else ""
    return f"{picture.program or 'a program that does not say its name'}{f', a sweep at {point}' if point else ''}"


def _show_difference(first: Seen, second: Seen) -> None:
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


def _record(found: Sequence[_Shown]) -> Json:
    from promptlang.plans.json import to_data

    pictures: list[Json] = [
        {
            "file": each.seen.name,
            "program": each.seen.program,
            "statement": each.seen.text,
            "remarks": list(each.seen.remarks),
            "plan": to_data(each.seen.plan) if each.seen.plan else None,
            "here": _as_data(each.otherwise),
        }
        for each in found
    ]
    first, *others = found
    compared: Json = _as_data(_differences(first.seen.plan, others[0].seen.plan)) if others else None
    return {"pictures": pictures, "differences": compared}


def _as_data(differences: Iterable[Difference]) -> list[Json]:
    return [{"name": each.name, "first": each.first, "second": each.second} for each in differences]
