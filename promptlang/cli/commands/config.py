"""`promptlang config`: what holds in a folder, and which line of which project file says so."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path

from promptlang.cli.arguments import CLEAN, FOUND, Argument, Command, Given, UsageError
from promptlang.cli.findings.output import print_reports
from promptlang.cli.inputs import CONFIG
from promptlang.cli.terminal import COLOUR, JSON, paint, print_json, width
from promptlang.config.chain import Configuration, load
from promptlang.config.find import find
from promptlang.config.keys import KEYS, Key, KeyPath, key
from promptlang.config.rules import PROJECT_FILE
from promptlang.diagnostics import Severity
from promptlang.files import shown, visible
from promptlang.meaning.project import EMPTY_PROJECT
from promptlang.reports.cells import cell_width
from promptlang.values import dataclass

COMMAND = Command(
    name="config",
    summary="Show what holds in a folder, and where it comes from.",
    arguments=(
        Argument(names=("path",), value="PATH", help="A folder, a prompt or a project file. Default: this folder."),
        CONFIG[0],
        JSON,
        COLOUR,
    ),
    details=(
        f"`{PROJECT_FILE}` is looked for in the folder and in those above it; it may extend another one.",
        "Exit code: 0, 1 where something in the project files is wrong, 2 where the command could not do its work.",
    ),
    examples=("promptlang config", "promptlang config prompts/cow.prompt --json"),
)
WIDEST_VALUE = 60
LEAST_VALUE = 12  # cells beside its key; with fewer it stands below


@dataclass(frozen=True, slots=True)
class Line:
    """One key, its value as TOML, and the file and line it stands in; no file where it is the default."""

    key: str
    value: str
    file: str = ""
    line: int = 0

    @property
    def origin(self) -> str:
        """Where it comes from."""
        return f"{self.file}:{self.line}" if self.file else "default"


def run(arguments: Given) -> int:
    """Print what holds; 1 where something in the project files is wrong."""
    file = _file(arguments)
    configuration = load(file) if file else Configuration(EMPTY_PROJECT)
    lines = [*_lines(configuration)]
    if arguments.flag("json"):
        rows = [{"key": each.key, "value": each.value, "file": each.file or None, "line": each.line or None}
                for each in lines]  # fmt: skip
        print_json({"file": str(file) if file else None, "settings": rows})
    else:
        _show(file, lines, arguments.text("color") or "auto")
    print_reports(arguments, configuration.reports, sys.stderr)
    problems = (each.severity for report in configuration.reports for each in report.diagnostics)
    return FOUND if any(severity <= Severity.WARNING for severity in problems) else CLEAN


def _file(arguments: Given) -> Path | None:
    """The project file that counts at the path; raises UsageError for a path that is not there."""
    named = arguments.text("config") or arguments.text("path") or "."
    if not os.path.exists(named):
        raise UsageError(f"`{named}` does not exist", "name a folder, a prompt or a project file")
    if arguments.text("config") or named.endswith(os.path.splitext(PROJECT_FILE)[1]):
        return Path(named).absolute()
    path = Path(named).absolute()
    return find(path if path.is_dir() else path.parent)


def _lines(configuration: Configuration) -> Iterator[Line]:
    """Every key in the order of the table: as it is set, else its default; the writer's own names behind their row."""
    by_row: dict[KeyPath, list[Line]] = {}
    for path, (source, span) in configuration.placed.items():
        row = key(path)
        if row:
            value = " ".join(source.text[span.start : span.end].split())
            if row.shape == "concept table" and not value.startswith("{"):
                value = "{ … }"  # a table of its own, in the lines below
            line = Line(".".join(path), value, shown(source.name), source.position(span.start)[0])
            by_row.setdefault(row.path, []).append(line)
    for row in KEYS:
        yield from by_row.get(row.path, () if "*" in row.path else (_default(row),))


def _default(row: Key) -> Line:
    quoted = row.shape in ("text", "inside", "edition")
    return Line(row.dotted, f'"{row.default}"' if quoted else row.default)


def _show(file: Path | None, lines: list[Line], colour: str) -> None:
    style = paint(colour, sys.stdout)
    none = f"none here or above; {style('help', 'promptlang init')} writes one"
    print(f"{style('heading', 'Project file')}  {style('help', visible(shown(file))) if file else none}\n")
    names = max(cell_width(visible(each.key)) for each in lines)
    beside = names + max(cell_width(visible(each.origin)) for each in lines) + 4
    room = width(sys.stdout) - beside if sys.stdout.isatty() else WIDEST_VALUE
    is_narrow = room < LEAST_VALUE
    most = min(room + names * is_narrow, WIDEST_VALUE)
    values = [_short(visible(each.value), most) for each in lines]
    widest = max(map(cell_width, values))
    for each, value in zip(lines, values, strict=True):
        name = visible(each.key)
        key = f"{name}\n" if is_narrow else f"{name}{' ' * (names - cell_width(name))}"
        origin = style("faint", each.origin) if not each.file else style("help", visible(each.origin))
        print(f"{key}  {value}{' ' * (widest - cell_width(value))}  {origin}")


def _short(value: str, most: int) -> str:
    return value if len(value) <= most else f"{value[: most - 1]}…"
