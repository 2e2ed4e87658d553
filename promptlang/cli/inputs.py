"""What a command reads: files, folders of them, standard input, and the project each belongs to."""

from __future__ import annotations

import gc
import os
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import Protocol

from promptlang.cli.arguments import Argument, Given, UsageError
from promptlang.cli.terminal import complain, warn
from promptlang.config.find import find
from promptlang.config.rules import PROJECT_FILE
from promptlang.files import Report, TextFile, Unfit, decoded, head, is_folder, read_bytes, reason, shown
from promptlang.meaning.project import Project
from promptlang.source import Source
from promptlang.values import dataclass, field, replace

SUFFIX = ".prompt"
PROJECT_SUFFIX = os.path.splitext(PROJECT_FILE)[1]
SKIPPED = frozenset({"node_modules", "__pycache__"})  # beside folders whose name begins with a dot
STANDARD_INPUT = "-"
_MOST_FOLDERS = 200  # behind a link, which are looked through for what is left alone there

CONFIG = (
    Argument(names=("--config",), value="FILE", help="Use this project file for every text."),
    Argument(names=("--isolated",), help="Use no project file."),
)

STDIN_NAME = Argument(names=("--stdin-filename",), value="NAME", help="The name and place of standard input.")
PROMPTS = Argument(
    names=("paths",),
    value="PATH",
    help="Files, folders (searched for *.prompt), or - for standard input.",
    many=True,
    needed=True,
)
PROMPTS_OR_HERE = replace(PROMPTS, needed=False, help=f"{PROMPTS.help} Default: this folder.")


@dataclass(frozen=True, slots=True)
class Input:
    """A text to work on, and where it lies; that of standard input is the name it was given."""

    file: TextFile
    where: str  # of twenty thousand texts, hardly any is asked for its path
    is_standard_input: bool = False

    @property
    def path(self) -> Path:
        """Where it lies."""
        return Path(self.where)


@dataclass(frozen=True, slots=True)
class Projects:
    """The project of each folder, read once; `reports` says what was found in the project files."""

    fixed: Path | None = None
    isolated: bool = False
    by_folder: dict[str, Project | None] = field(default_factory=dict[str, Project | None])  # as it is written
    by_file: dict[Path, Project] = field(default_factory=dict[Path, Project])
    reports: list[Report] = field(default_factory=list[Report])

    def of(self, path: Path | str) -> Project | None:
        """The project that a file belongs to; None where there is none."""
        written = os.path.dirname(path)
        if written not in self.by_folder:
            self.by_folder[written] = self._found(Path(path).absolute().parent)
        found = self.by_folder[written]
        return found.seen_from(Path(path)) if found and found.recipes else found

    def _found(self, folder: Path) -> Project | None:
        if self.isolated:
            return None
        file = self.fixed or find(folder)
        if file is None:
            return None
        if file not in self.by_file:
            from promptlang.config.chain import load

            configuration = load(file)
            known = {report.source.name for report in self.reports}
            self.by_file[file] = configuration.project
            self.reports.extend(report for report in configuration.reports if report.source.name not in known)
        return self.by_file[file]


def projects(arguments: Given) -> Projects:
    """The projects as `--config` and `--isolated` want them."""
    config = arguments.text("config")
    if config and arguments.flag("isolated"):
        raise UsageError("`--config` and `--isolated` exclude each other", "leave one of them out")
    if config and not os.path.isfile(config):
        raise UsageError(f"there is no project file `{config}`", "`promptlang init` writes one")
    return Projects(Path(config).absolute() if config else None, arguments.flag("isolated"))


def naming(project: Project | None) -> Callable[[str], str | None] | None:
    """How a project calls the model of a name; None where there is no project."""
    if project is None:
        return None

    def named(name: str) -> str | None:
        found = project.known(name)
        return found.name if found else None

    return named


def files(paths: Iterable[str], tell: Callable[[str], None] = warn) -> Iterator[str]:
    """The files named, and the prompts in the folders named, each once; `tell` hears of those that are left alone."""
    seen: set[str] = set()
    for path in map(str, map(Path, paths)):
        found = _prompts(path, tell) if os.path.isdir(path) else iter(((path, os.path.realpath(path)),))
        for name, real in found:
            if real not in seen:
                seen.add(real)
                yield name


def _prompts(folder: str, tell: Callable[[str], None]) -> Iterator[tuple[str, str]]:
    """The prompts in a folder and those below it, in order of name: as named, and what that really is."""
    inside = os.path.join(os.path.realpath(folder), "")
    waiting = [folder]
    while waiting:
        here = waiting.pop()
        try:
            entries = sorted(os.scandir(here), key=lambda entry: entry.name)
        except OSError:
            continue
        really = os.path.realpath(here)
        shown = [entry for entry in entries if not entry.name.startswith(".")]
        for entry in shown:
            if not entry.name.endswith(SUFFIX) or is_folder(entry):
                continue
            real = os.path.join(really, entry.name)
            if entry.is_symlink():
                real = os.path.realpath(entry.path)
                if not real.startswith(inside):
                    path = entry.path
                    tell(f"`{path}` leads out of `{folder}`, so it is left alone; name the file itself to have it read")
                    continue
            yield entry.name if here == os.curdir else entry.path, real
        folders = [entry for entry in shown if entry.name not in SKIPPED and is_folder(entry)]
        for entry in folders:
            if entry.is_symlink() and not _lies_in(inside, entry.path) and _has_prompts(entry.path):
                tell(f"`{entry.path}` is a link to a folder, so its prompts are left alone; name it to have them read")
        waiting += reversed([entry.path for entry in folders if not entry.is_symlink()])


def _lies_in(inside: str, path: str) -> bool:
    return os.path.join(os.path.realpath(path), "").startswith(inside)


def _has_prompts(folder: str) -> bool:
    """Whether there are prompts in a folder and those below it, as far as is looked."""
    found = islice(os.walk(folder), _MOST_FOLDERS)
    return any(name.endswith(SUFFIX) and not name.startswith(".") for _, _, names in found for name in names)


def read(path: Path | str, *, project_files: bool = False) -> Input:
    """One file; raises UsageError where the system refuses, and for a project file unless those are asked for."""
    try:
        data = read_bytes(path)
    except OSError as error:
        if isinstance(error, Unfit):
            _refuse_foreign(head(path), str(path), is_named_prompt=True)
        are_words = isinstance(error, FileNotFoundError) and " " in os.path.basename(path)
        help = "write `-` and hand words that stand in no file over by standard input" if are_words else ""
        raise UsageError(f"cannot read `{path}`: {reason(error)}", help) from error
    if not is_project_file(path):
        _refuse_foreign(data, str(path), is_named_prompt=os.fspath(path).endswith(SUFFIX))
    file = decoded(data, shown(path))
    if is_project_file(path) and not project_files:
        raise UsageError(f"`{path}` is a project file, not a prompt", f"write `promptlang check {path}`")
    return Input(file, os.fspath(path))


class Reader(Protocol):
    """How a file is read; `read` is one."""

    def __call__(self, path: str, *, project_files: bool = False) -> Input: ...


def _refuse_foreign(data: bytes, name: str, *, is_named_prompt: bool) -> None:
    """Raise UsageError for a file of another kind; nothing in it is a prompt."""
    if is_named_prompt and (data[:1].isalpha() or data[:1] == b"/") and data[4:12].isascii() and b"\0" not in data[:12]:
        return  # most texts begin so, and no picture, archive or JSON
    from promptlang.foreign import foreign, language

    found = foreign(data, is_named_prompt=is_named_prompt)
    if found is None and not is_named_prompt and (found := language(data, name)):
        from promptlang.statements.cutting import has_command

        found = None if has_command(data.decode(errors="replace")) else found  # as people keep prompts in their notes
    if found:
        raise UsageError(f"`{name}` is {found.what}, not a prompt", found.help)


def is_project_file(path: Path | str) -> bool:
    """Whether a file sets a project up; any name may be extended, or given to `--config`."""
    return os.fspath(path).endswith(PROJECT_SUFFIX)


def is_standard_input(paths: Sequence[str]) -> bool:
    """Whether standard input is what is named; raises UsageError where it is named beside files."""
    if STANDARD_INPUT in paths and len(paths) > 1:
        raise UsageError("standard input cannot be read together with files", "write `-` alone")
    return STANDARD_INPUT in paths


def read_standard_input(name: str | None) -> Input:
    """Standard input, under the name it was given."""
    data = sys.stdin.buffer.read()
    _refuse_foreign(data, name or "standard input", is_named_prompt=True)
    return Input(decoded(data, name or "<stdin>"), name or "stdin.prompt", is_standard_input=True)


def file_or_words(words: Sequence[str], *, piped: str | None, where: str, help: str) -> Input:
    """What is named: standard input, which is called `piped`, a file where one has that name, else the words
    themselves, which lie at `where`; raises UsageError for a folder, and for a file that is not there.
    """
    first = words[0]
    if len(words) == 1 and first == STANDARD_INPUT:
        return read_standard_input(piped)
    if len(words) == 1 and os.path.isfile(first):
        return read(first)
    if len(words) == 1 and (first.endswith(SUFFIX) or os.path.isdir(first)):
        what = "is a folder" if os.path.isdir(first) else "does not exist"
        raise UsageError(f"`{first}` {what}", help)
    return Input(TextFile(Source(" ".join(words))), where)


def several(
    arguments: Given,
    *,
    unread: Callable[[str], None] | None = None,
    project_files: bool = False,
    reader: Reader = read,
) -> Iterator[Input]:
    """Everything that the arguments of PROMPTS name, files as `reader` reads them.

    What cannot be read is complained about and passed to `unread`; without that it raises UsageError.
    """
    from promptlang.statements.parsing import SELDOM

    gc.set_threshold(*SELDOM)
    paths = arguments.texts("paths") or (".",)
    if is_standard_input(paths):
        yield read_standard_input(arguments.text("stdin-filename"))
        return
    for path in files(paths):
        try:
            yield reader(path, project_files=project_files)
        except UsageError as error:
            if unread is None:
                raise
            complain(str(error), error.help)
            unread(path)
