"""`promptlang doctor`: what is installed, which devices draw, what the project around here finds, and the editors."""

from __future__ import annotations

import os
import re
import sys
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from importlib.metadata import PackageNotFoundError, entry_points, requires, version
from itertools import groupby
from pathlib import Path
from shutil import which

from promptlang.cli.arguments import CLEAN, FOUND, Command, Given
from promptlang.cli.extras import DISTRIBUTION
from promptlang.cli.table import EXTRAS
from promptlang.cli.terminal import COLOUR, JSON, paint, print_json, say, width
from promptlang.config.chain import load
from promptlang.config.find import find
from promptlang.diagnostics import Severity
from promptlang.files import shown, visible
from promptlang.handbook import EDITORS as EDITORS_PAGE
from promptlang.handbook import editor_files, page
from promptlang.reports.cells import wrapped
from promptlang.sentences import counted, plural
from promptlang.tables.samplers import SAMPLERS
from promptlang.values import dataclass
from promptlang.version import VERSION

COMMAND = Command(
    name="doctor",
    summary="Say what is installed and found here, and what is missing.",
    arguments=(
        JSON,
        COLOUR,
    ),
    details=(
        "Parts with their versions, devices, the project around the current folder with its models, editors, "
        "and where the pages of the documentation lie. "
        "Nothing is changed, downloaded or sent.",
        "Exit code: 0, or 1 where something is broken; a part that is not installed is not.",
    ),
    examples=("promptlang doctor",),
)

GROUP = "promptlang.health"
"""The entry points by which the other packages add lines of their own: a subject, and what is found."""

EDITORS = {
    "code": "Visual Studio Code",
    "nvim": "Neovim",
    "emacs": "Emacs",
    "hx": "Helix",
    "zed": "Zed",
    "subl": "Sublime Text",
}
_REQUIREMENT = re.compile(r"([\w.-]+)(?:\[[^\]]*\])?[^;]*(?:;\s*extra\s*==\s*[\"'](\w+)[\"'])?")


@dataclass(frozen=True, slots=True)
class Line:
    """One finding: its subject, what is found, whether it is broken, and what to do about it."""

    subject: str
    text: str
    broken: bool = False
    help: str = ""


def run(arguments: Given) -> int:
    """Print all findings; 1 where one is broken."""
    lines = [*_lines()]
    if arguments.flag("json"):
        rows = [{"subject": each.subject, "text": each.text, "broken": each.broken, "help": each.help or None}
                for each in lines]  # fmt: skip
        print_json({"version": VERSION, "findings": rows})
    else:
        _show(lines, arguments.text("color") or "auto")
    return FOUND if any(each.broken for each in lines) else CLEAN


def _show(lines: Iterable[Line], colour: str) -> None:
    style, room = paint(colour, sys.stdout), width(sys.stdout) - 4 if sys.stdout.isatty() else 10_000
    heading = style("heading", f"promptlang {VERSION}")
    say(f"{heading}, Python {sys.version.split()[0]}, {visible(sys.executable)}", sys.stdout)
    for subject, group in groupby(lines, key=lambda each: each.subject):
        print(f"\n{style('heading', subject)}")
        for each in group:
            for number, line in enumerate(wrapped(visible(each.text), room)):
                print(f"{'    ' if number else '  '}{style('error', line) if each.broken else line}")
            if each.help:
                for line in wrapped(each.help, room):
                    print(f"    {style('help', line)}")


def _lines() -> Iterator[Line]:
    yield from _parts()
    for point in sorted(entry_points(group=GROUP), key=lambda each: each.name):
        try:
            found: Callable[[], Iterable[tuple[str, str]]] = point.load()
            lines = [Line(subject, text) for subject, text in found()]
        except ModuleNotFoundError:
            continue  # its part is not installed, which is said above
        yield from lines
    yield from _project()
    editors = [f"{title} ({path})" for name, title in EDITORS.items() if (path := which(name))]
    yield from (Line("Editors", each) for each in editors or ["none is on the path"])
    if files := editor_files():
        yield Line("Editors", f"files to set them up with: {files}")
    if setting_up := page(EDITORS_PAGE):
        yield Line("Pages", str(setting_up.parent), help=f"`{EDITORS_PAGE}` there says how to set an editor up")


# --- parts ------------------------------------------------------------------------------------------------------------


def _parts() -> Iterator[Line]:
    """Each part by what it needs: versions, or what to install for it."""
    needed = _needed()
    yield _part("check, compile, explain", needed.get("", ()), "")
    parts = {extra: [name for name, (_, of) in EXTRAS.items() if of == extra] for extra in needed if extra}
    for extra, commands in parts.items():
        if commands:
            yield _part(", ".join(commands), needed[extra], extra)
    for package in sorted({row.package for row in SAMPLERS.values() if row.package}):
        names = dict.fromkeys(row.name for row in SAMPLERS.values() if row.package == package)
        yield _part(f"{plural(len(names), 'sampler')} {', '.join(names)}", (package,), "")


def _needed() -> dict[str, tuple[str, ...]]:
    """The distributions that each extra needs, as the installed package says; "" is promptlang alone."""
    found: dict[str, tuple[str, ...]] = {}
    for line in requires(DISTRIBUTION) or ():
        if read := _REQUIREMENT.match(line):
            name, extra = read[1], read[2] or ""
            if name != DISTRIBUTION:
                found[extra] = (*found.get(extra, ()), name)
    return found


def _part(what: str, needs: Iterable[str], extra: str) -> Line:
    there = {name: _version(name) for name in needs}
    missing = [name for name, found in there.items() if not found]
    if not missing:
        return Line("Parts", f"{what}: {', '.join(f'{name} {found}' for name, found in there.items())}")
    install = f'run `pip install "{DISTRIBUTION}[{extra}]"`' if extra else f"run `pip install {' '.join(missing)}`"
    return Line("Parts", f"{what}: {', '.join(missing)} not installed", help=install)


def _version(distribution: str) -> str:
    try:
        return version(distribution)
    except PackageNotFoundError:
        return ""


# --- the project around here ------------------------------------------------------------------------------------------


def _project() -> Iterator[Line]:
    file = find(Path.cwd())
    if file is None:
        yield Line("Project", "none here or above", help="`promptlang init` writes one")
        return
    configuration = load(file)
    severe = [
        each for report in configuration.reports for each in report.diagnostics if each.severity <= Severity.WARNING
    ]
    wrong = any(each.severity is Severity.ERROR for each in severe)
    help = f"`promptlang check {visible(shown(file))}` shows them" if severe else ""
    findings = f", {counted(len(severe), 'finding')}" if severe else ""
    yield Line("Project", f"{shown(file)}{findings}", broken=wrong, help=help)
    if configuration.project.folders:
        yield from _models(configuration.project.folders)


def _models(folders: Iterable[Path]) -> Iterator[Line]:
    """How many models of each kind and family the folders hold; those that cannot be read, one by one."""
    from promptlang.models.inspection import inspections_of
    from promptlang.tables.models.families import family

    counts: Counter[tuple[str, str]] = Counter()
    for each in inspections_of(folders):
        if each.identity is None:
            yield Line("Models", f"{shown(each.path)}: {each.problem}", broken=os.path.isfile(each.path))
        else:
            counts[each.identity.kind, each.identity.family] += 1
    for (kind, name), number in sorted(counts.items()):
        yield Line("Models", f"{counted(number, kind)}: {family(name).title}")
