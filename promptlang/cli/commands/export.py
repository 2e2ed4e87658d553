"""`promptlang export`: plans in the words of other programs, and what those have no words for."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Sequence

from promptlang.cli.arguments import CLEAN, FAILED, FOUND, Argument, Command, Given, UsageError
from promptlang.cli.inputs import CONFIG, PROMPTS, STDIN_NAME, Input, projects, several
from promptlang.cli.mistakes import DEBUG, spared
from promptlang.cli.outputs import FORCE, output, refuse_existing, stored
from promptlang.cli.terminal import NOTHING_FOUND, TEXT_OR_JSON, complain, hand_out, quiet, warn
from promptlang.diagnostics import Severity
from promptlang.exporters.targets import ROWS, TARGETS, Written, written
from promptlang.files import shown
from promptlang.lints.places import lines_of
from promptlang.meaning.project import EMPTY_PROJECT, Project
from promptlang.plans.plan import Plan
from promptlang.sentences import few, plural
from promptlang.values import dataclass

FEW = 5  # lines that a remark names

COMMAND = Command(
    name="export",
    summary="Write prompts for other programs.",
    arguments=(
        PROMPTS,
        Argument(
            names=("--to",), value="TOOL", choices=tuple(TARGETS), help="The program that they are for.", needed=True
        ),
        output("Write to a file that does not exist yet; of several, to FILE-1, FILE-2 …"),
        FORCE,
        TEXT_OR_JSON,
        *CONFIG,
        STDIN_NAME,
        quiet("remarks"),
        DEBUG,
    ),
    details=(
        *(f"`{row.name}`: {row.docs}" for row in ROWS),
        "What a program has no word for is said on standard error, and in the JSON.",
        "Exit code: 0, 1 where a statement has no plan because of an error, 2 where the command could not do its work.",
    ),
    examples=("promptlang export --to comfyui cow.prompt -o cow.json", "promptlang export --to diffusers cow.prompt"),
)


def run(arguments: Given) -> int:
    """Write every plan of everything named."""
    name = arguments.text("to")
    if name is None:
        raise UsageError("`--to` is missing", f"write `--to {ROWS[0].name}`, or another of {', '.join(TARGETS)}")
    known = projects(arguments)
    found: list[_Exported] = []
    refused = False
    failed: list[str] = []
    for each in several(arguments, unread=failed.append):
        with spared(each.file.source.name, arguments, failed):
            project = known.of(each.path)
            plans, is_refused = _plans(each, project)
            lines = lines_of(each.file.source, project or EMPTY_PROJECT) if plans else ()
            found += (_Exported(each.file.source.name, lines[plan.statement], written(plan, name)) for plan in plans)
            refused |= is_refused
    if not found and not refused and not failed:
        warn(NOTHING_FOUND)
    if not arguments.flag("quiet") and arguments.text("output-format") == "text":
        for remark in _remarks(found):
            warn(remark)
    if not _stored(found, name, arguments) or failed:
        return FAILED
    return FOUND if refused else CLEAN


@dataclass(frozen=True, slots=True)
class _Exported:
    """A plan as it was written, with the text that it comes from and the line of its statement there."""

    source: str
    line: int
    written: Written


def _remarks(found: Sequence[_Exported]) -> Iterator[str]:
    """Each remark once, however many plans it holds for, with the lines of those where others have no such."""
    lines: dict[str, set[int]] = {}
    places: dict[tuple[str, str], set[int]] = {}
    for each in found:
        lines.setdefault(each.source, set()).add(each.line)
        for remark in each.written.remarks:
            places.setdefault((each.source, remark), set()).add(each.line)
    for (source, remark), here in places.items():
        if here == lines[source]:
            yield f"{source}: {remark}"
        else:
            yield f"{source}, {_listed(sorted(here))}: {remark}"


def _listed(lines: Sequence[int]) -> str:
    """`line 3`; `lines 3, 10 and 7 more`."""
    return f"{plural(len(lines), 'line')} {few([*map(str, lines)], FEW)}"


def _plans(given: Input, project: Project | None) -> tuple[tuple[Plan, ...], bool]:
    """The plans of a text, and whether a statement has none because of an error, which is said."""
    from promptlang.cli.commands.compile import compiled

    name = given.file.source.name
    if given.file.problem:
        complain(f"`{name}` is {given.file.problem.message}", given.file.problem.help)
        return (), True
    plans, report = compiled(given, project)
    errors = [each for each in report.diagnostics if each.severity is Severity.ERROR]
    for each in errors:
        complain(f"{name}: {each.message}", each.help)
    return plans, bool(errors)


def _stored(found: Sequence[_Exported], name: str, arguments: Given) -> bool:
    """Print what was written, or store it, a file a plan; false where the system refuses."""
    file = arguments.text("output")
    if arguments.text("output-format") == "json":
        data = [
            {"file": each.source, "to": name, "text": each.written.text, "remarks": each.written.remarks}
            for each in found
        ]
        texts = [json.dumps(data, indent=2, ensure_ascii=not file) + "\n"]
    else:
        texts = [each.written.text.rstrip("\n") + "\n" for each in found]
    if not file:
        hand_out("\n".join(texts))
        return True
    stem, ending = os.path.splitext(file)
    paths = [file] if len(texts) == 1 else [f"{stem}-{number}{ending}" for number in range(1, len(texts) + 1)]
    for path in paths:
        refuse_existing(path, arguments, arguments.texts("paths"))
    if not all(stored(path, text, arguments) for path, text in zip(paths, texts, strict=True)):
        return False
    if len(paths) > 1 and not arguments.flag("quiet"):
        print(f"{len(paths)} files: `{shown(paths[0])}` to `{shown(paths[-1])}`")
    return True
