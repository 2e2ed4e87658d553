"""A project file and those it extends, read into one project."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from promptlang.checks.patterns import normal
from promptlang.checks.review import judged
from promptlang.config.bounds import beyond
from promptlang.config.drawing import drawing_model
from promptlang.config.keys import KeyPath
from promptlang.config.rules import BAD_TOML, BAD_VALUE, CYCLE, LONG_CHAIN, PROJECT_FILE, UNREADABLE, WRONG_OUTSIDE
from promptlang.config.settings import settings
from promptlang.config.values import FilesOf, Setting, Toml
from promptlang.diagnostics import Diagnostic, Severity, finding
from promptlang.files import Report, TextFile, read_text, reason, shown
from promptlang.meaning.project import EMPTY_PROJECT, DefaultOption, FileIgnores, Project
from promptlang.source import Source, Span
from promptlang.tables.models.known import KnownConcept
from promptlang.values import dataclass, field, replace

if TYPE_CHECKING:
    from promptlang.statements.recipes import SharedRecipe

OUT_HELP = "name a folder inside the project, or the other one with `render --out` each time"
LONGEST = 20  # project files that extend one another


@dataclass(frozen=True, slots=True)
class Configuration:
    """A project, what was found in its files, and where the value of each key that counts stands in them."""

    project: Project
    reports: tuple[Report, ...] = ()
    placed: Mapping[KeyPath, tuple[Source, Span]] = field(default_factory=dict[KeyPath, tuple[Source, Span]])


@dataclass(slots=True)
class Chain:
    """The project files read so far, the nearest first: where they lie, and the report and the place that name each."""

    reports: list[Report] = field(default_factory=list[Report])
    named: list[tuple[Path, tuple[int, Span] | None]] = field(
        default_factory=list["tuple[Path, tuple[int, Span] | None]"]
    )
    settings: dict[KeyPath, Setting] = field(default_factory=dict[KeyPath, Setting])
    homes: dict[KeyPath, int] = field(default_factory=dict[KeyPath, int])  # the report of the file each stands in


def load(path: Path, file: TextFile | None = None) -> Configuration:
    """Read a project file and those it extends; `file` stands in for what lies at `path`.

    Never raises on what stands in them.
    """
    chain = Chain()
    _read(path.absolute(), chain, (), None, file)
    project = _project(path.absolute(), chain.settings)
    for each in drawing_model(project, chain.settings.get(("concept",))):
        _complain(chain, chain.homes["concept",], each)
    if fault := project.out_fault(path.parent):
        place = chain.settings.get(("out",))
        found = finding(BAD_VALUE, fault, place.span if place else Span(0, 0), help=OUT_HELP)
        _complain(chain, chain.homes.get(("out",), 0), found)
    _keep_outside(path.absolute(), chain)
    reports = tuple(
        replace(report, diagnostics=judged(project, report.diagnostics))
        for report in chain.reports
        if report.diagnostics
    )
    placed = {key: (chain.reports[chain.homes[key]].source, each.span) for key, each in chain.settings.items()}
    return Configuration(project, reports, placed)


def _read(
    path: Path,
    chain: Chain,
    above: tuple[Path, ...],
    asked: tuple[int, Span] | None,
    file: TextFile | None = None,
) -> None:
    """Add a file and those it extends to the chain; `asked` is the report and the place that name it."""
    try:
        file = file or read_text(path)
    except OSError as error:
        problem = f"cannot read `{path.name}`: {reason(error)}"
        if asked:
            _complain(chain, asked[0], finding(UNREADABLE, problem, asked[1], help="write the path of a project file"))
        else:
            chain.reports.append(Report(Source("", str(path)), (finding(UNREADABLE, problem, Span(0, 0)),)))
            chain.named.append((path, asked))
        return
    chain.named.append((path, asked))
    table = _table(file)
    if isinstance(table, Diagnostic):
        chain.reports.append(Report(file.source, (table,)))
        return
    found, diagnostics = settings(file.source, table, path)
    chain.reports.append(Report(file.source, diagnostics))
    number = len(chain.reports) - 1
    for key, setting in found.items():
        if key not in chain.settings:
            chain.settings[key], chain.homes[key] = setting, number
    extended = found.get(("extend",))
    if not extended:
        return
    target = Path(os.path.normpath(path.parent / str(extended.value)))
    if len(above) >= LONGEST:
        message = f"{LONGEST} project files extend one another above this one, and no more are read"
        _complain(chain, number, finding(LONG_CHAIN, message, extended.span, help="remove this `extend`"))
    elif target in (*above, path):
        message = "these project files extend each other in a circle"
        circle = finding(CYCLE, message, extended.span, "back to where it began", help="remove this `extend`")
        _complain(chain, number, circle)
    else:
        _read(target, chain, (*above, path), (number, extended.span))


def _complain(chain: Chain, number: int, diagnostic: Diagnostic) -> None:
    report = chain.reports[number]
    chain.reports[number] = replace(report, diagnostics=(*report.diagnostics, diagnostic))


def _keep_outside(first: Path, chain: Chain) -> None:
    """Say of files outside the project that something is wrong in them, without a word of what stands there.

    Whoever writes a project file or a link may name any file, and what is printed may be read by anybody.
    """
    root = os.path.realpath(first.parent)
    for number in reversed(range(len(chain.reports))):
        report, (path, asked) = chain.reports[number], chain.named[number]
        real = Path(os.path.realpath(path))
        is_own = real.name == PROJECT_FILE or real.is_relative_to(root)
        if is_own or not report.diagnostics or not report.source.text:
            continue
        many = len(report.diagnostics)
        what = "one thing is" if many == 1 else f"{many} things are"
        message = f"`{shown(real)}` lies outside the project, and {what} wrong in it"
        help = f"run `promptlang check {shown(real)}`, which says what"
        found = finding(WRONG_OUTSIDE, message, asked[1] if asked else Span(0, 0), help=help)
        found = replace(found, severity=min(each.severity for each in report.diagnostics))
        chain.reports[number] = replace(report, diagnostics=())
        if asked:
            _complain(chain, asked[0], found)
        else:
            chain.reports[number] = Report(Source("", report.source.name), (found,))


def _table(file: TextFile) -> Mapping[str, Toml] | Diagnostic:
    """The content of a TOML text, or why there is none."""
    import tomllib

    if found := file.problem or beyond(file.source.text):
        return found
    try:
        return tomllib.loads(file.source.text)
    except tomllib.TOMLDecodeError as error:
        return _toml_problem(file.source, str(error))
    except RecursionError:
        return finding(BAD_TOML, "arrays or tables are nested too deeply", Span(0, 0))


def _toml_problem(source: Source, message: str) -> Diagnostic:
    """The parser's message, with the place it gives in words turned into a span."""
    import re

    words, _, place = message.partition(" (at ")
    numbers = re.fullmatch(r"line (\d+), column (\d+)\)", place)
    offset = len(source.text.rstrip())
    if numbers:
        starts = [0]  # tomllib counts lines by line feeds alone
        while after := source.text.find("\n", starts[-1]) + 1:
            starts.append(after)
        offset = min(starts[int(numbers[1]) - 1] + int(numbers[2]) - 1, len(source.text))
    end = offset + 1 if offset < len(source.text) and source.text[offset] not in "\r\n" else offset
    message = f"not valid TOML: {words[:1].lower()}{words[1:]}"
    return finding(BAD_TOML, message, Span(offset, end), help="see https://toml.io for how TOML is written")


def _project(file: Path, found: Mapping[KeyPath, Setting]) -> Project:
    """The settings of all files of a chain as one project."""
    plain = {key: setting.value for key, setting in found.items()}

    def paths(*key: str) -> tuple[Path, ...]:
        value = plain.get(key)
        return tuple(path for path in value if isinstance(path, Path)) if isinstance(value, tuple) else ()

    def text(key: str, default: str) -> str:
        value = plain.get((key,), default)
        return value if isinstance(value, str) else default

    shared = plain.get(("recipes",))
    patterns = tuple(each for each in shared if isinstance(each, FilesOf)) if isinstance(shared, tuple) else ()
    return Project(
        root=file.parent,
        file=file,
        edition=text("edition", EMPTY_PROJECT.edition),
        concept=text("concept", EMPTY_PROJECT.concept),
        out=text("out", EMPTY_PROJECT.out),
        concepts=tuple(value for value in plain.values() if isinstance(value, KnownConcept)),
        folders=paths("concepts", "folders"),
        options=tuple(value for value in plain.values() if isinstance(value, DefaultOption)),
        severities={normal(key[1]): _severity(value) for key, value in plain.items() if key[0] == "rules"},
        ignores=tuple(value for value in plain.values() if isinstance(value, FileIgnores)),
        wildcards=paths("settings", "wildcards"),
        recipes=_recipes(patterns) if patterns else (),
        recipe_patterns=tuple(each.folder / each.pattern for each in patterns),
        tags=paths("settings", "tags"),
        image_limit=_count(plain.get(("limits", "images")), EMPTY_PROJECT.image_limit) or EMPTY_PROJECT.image_limit,
        step_limit=_count(plain.get(("limits", "steps")), EMPTY_PROJECT.step_limit),
        force_clip_skip=plain.get(("settings", "force-clip-skip")) is True,
        allow_pickle=plain.get(("settings", "allow-pickle")) is True,
    )


def _recipes(patterns: tuple[FilesOf, ...]) -> tuple[SharedRecipe, ...]:
    from promptlang.config.patterns import shared_recipes  # few projects share recipes

    return shared_recipes(patterns)


def _count(value: object, default: int | None) -> int | None:
    """A limit: `false` is none at all."""
    if value is False:
        return None
    return value if isinstance(value, int) and not isinstance(value, bool) else default


def _severity(value: object) -> Severity | None:
    """A severity as read; `off` is None."""
    return value if isinstance(value, Severity) else None
