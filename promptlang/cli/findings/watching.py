"""`promptlang check --watch`: look again whenever something has changed, and read only that."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable

from promptlang.cli.arguments import Given, UsageError
from promptlang.cli.inputs import Input, Projects, files, projects, read
from promptlang.diagnostics import Diagnostic
from promptlang.files import Report
from promptlang.many.stamps import names_files, stamp
from promptlang.values import dataclass, field
from promptlang.variants.wildcards import forget

INTERVAL = 0.3  # seconds between two looks, at least
_IDLE = 10  # of the time that a look takes, so many are slept: folders of models are large
_CLEAR = "\x1b[2J\x1b[3J\x1b[H"

Mark = tuple[int, int, int] | None  # when a file was changed, how large it is, and which it is
Found = tuple[Diagnostic, ...]


@dataclass(frozen=True, slots=True)
class Kept:
    """What earlier rounds read and found, good while the projects say the same."""

    projects: Projects
    inputs: dict[str, tuple[Mark, Input]] = field(default_factory=dict[str, tuple[Mark, Input]])
    findings: dict[str, tuple[Input, Found]] = field(default_factory=dict[str, tuple[Input, Found]])

    def read(self, path: str, *, project_files: bool = False) -> Input:
        """A file, read anew only where it has changed."""
        now = mark(path)
        known = self.inputs.get(path)
        if known is None or now is None or known[0] != now:
            known = self.inputs[path] = now, read(path, project_files=project_files)
        return known[1]

    def found(self, given: Input) -> Found | None:
        """What is known of a file as it was read last."""
        known = self.findings.get(given.where)
        return known[1] if known is not None and known[0] is given else None

    def keep(self, given: Input, found: Found) -> None:
        """Note what was found; what is said of a text that names files depends on those as well."""
        if not names_files(given.file.source.text):
            self.findings[given.where] = given, found


@dataclass(frozen=True, slots=True)
class _Look:
    """What there is to check at one moment, and what the findings in it depend on."""

    projects: Projects
    marks: dict[str, Mark]
    homes: dict[str, str | None]  # the stamp of the project of each folder
    reports: tuple[Report, ...]

    def is_like(self, other: _Look) -> bool:
        """Whether checking again would find the same."""
        return (self.marks, self.homes, self.reports) == (other.marks, other.homes, other.reports)

    def keeps(self, other: _Look) -> bool:
        """Whether what was found in an earlier look still holds for texts that have not changed."""
        stays = all(self.homes.get(folder, home) == home for folder, home in other.homes.items())
        return stays and self.reports == other.reports


def watch(arguments: Given, check: Callable[[Given, Kept], int]) -> int:
    """Check again and again, until Ctrl-C raises KeyboardInterrupt."""
    clears = sys.stdout.isatty() and arguments.text("output-format") in {"full", "concise"}
    look = _look(arguments)
    kept = Kept(look.projects)
    while True:
        if clears:
            sys.stdout.write(_CLEAR)
        check(arguments, kept)
        sys.stdout.flush()
        if not arguments.flag("quiet"):
            print("watching for changes; Ctrl-C ends it", file=sys.stderr, flush=True)
        after = _next(arguments, look)
        if not after.keeps(look):
            kept = Kept(after.projects)
            forget()
        look = after


def _next(arguments: Given, before: _Look) -> _Look:
    """Wait for something to change."""
    pause = INTERVAL
    while True:
        time.sleep(pause)
        start = time.monotonic()
        try:
            look = _look(arguments)
        except (UsageError, OSError):  # a file that is being replaced is not there for a moment
            continue
        if not look.is_like(before):
            return look
        pause = max(INTERVAL, _IDLE * (time.monotonic() - start))


def _look(arguments: Given) -> _Look:
    found = projects(arguments)
    paths = files(arguments.texts("paths") or (".",), tell=lambda _: None)
    baseline = arguments.text("baseline")
    marks = {path: mark(path) for path in (*paths, *([baseline] if baseline else ()))}
    for path in marks:
        found.of(path)
    stamps = {id(each): stamp(each) for each in found.by_file.values()}
    homes = {folder: stamps.get(id(project)) for folder, project in found.by_folder.items()}
    return _Look(found, marks, homes, tuple(found.reports))


def mark(path: str) -> Mark:
    """What tells a file from what it was before; None where it is not there just now."""
    try:
        status = os.stat(path)
    except OSError:
        return None
    return status.st_mtime_ns, status.st_size, status.st_ino
