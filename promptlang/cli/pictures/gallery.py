"""`promptlang gallery`: a page of all pictures in a folder, to search in and to filter."""

from __future__ import annotations

import gc
import os
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from promptlang.cli.arguments import CLEAN, FAILED, FOUND, Argument, Command, Given, UsageError
from promptlang.cli.inputs import CONFIG, Projects, projects
from promptlang.cli.mistakes import DEBUG, tell
from promptlang.cli.outputs import cannot_write, output
from promptlang.cli.pictures.looking import inside, seen, with_progress
from promptlang.cli.terminal import complain, quiet
from promptlang.files import head, reason, shown, visible
from promptlang.sentences import counted
from promptlang.statements.parsing import SELDOM
from promptlang.tables.endings import TOLD
from promptlang.writing import write_text

if TYPE_CHECKING:
    from promptlang.reports.pages.gallery import Row

NAME = "gallery.html"

TOGETHER = 50  # pictures in one piece of work
WORTH = 200 if sys.platform == "linux" else 1000  # pictures from which a second process pays

COMMAND = Command(
    name="gallery",
    summary="Write a page of all pictures in a folder, to search in and to filter.",
    arguments=(
        Argument(names=("folder",), value="DIR", help="Where the pictures lie, folders in it included.", needed=True),
        output(f"Write the page here. Default: {NAME} beside the pictures."),
        Argument(names=("--force",), help="Overwrite a file that is no gallery."),
        *CONFIG,
        quiet("summary"),
        DEBUG,
    ),
    details=(
        "Every picture with its statement, to copy, and its plan; a search over words and `name:value`, and a filter "
        "for whatever the pictures differ in. The page needs no server and no network, and shows the files that lie "
        "there: move it with them. Sheets and grids are left out.",
        "A gallery that is there is written anew.",
        "Exit code: 0, 1 where the folder holds no picture, 2 where the command could not do its work.",
    ),
    examples=("promptlang gallery out/", "promptlang gallery ~/webui/outputs -o pictures.html"),
)


def run(arguments: Given) -> int:
    """Read every picture and write the page; a picture that cannot be read is named and left out."""
    from promptlang.reports.pages.gallery import KIND, gallery
    from promptlang.reports.pages.shell import mark

    gc.set_threshold(*SELDOM)
    folder = arguments.text("folder") or ""
    page = Path(arguments.text("output") or os.path.join(folder, NAME))
    if not os.path.isdir(folder):
        raise UsageError(f"there is no folder `{folder}`", "name one that pictures lie in")
    if os.path.lexists(page) and not (arguments.flag("force") or _is_ours(page, mark(KIND))):
        raise UsageError(f"`{page}` is there already, and no gallery", "write `--force` to overwrite it")
    failures: list[str] = []
    rows = _rows(tuple(inside(folder, TOLD)), page, arguments, failures)
    text, count = gallery(Path(folder).resolve().name or folder, rows)
    if count:
        try:
            write_text(page, text)
        except OSError as error:
            cannot_write(str(page), error)
            return FAILED
    if not arguments.flag("quiet"):
        print(f"{counted(count, 'picture')} in `{shown(page)}`" if count else f"no pictures in `{visible(folder)}`")
    return FAILED if failures else CLEAN if count else FOUND


_Found = list["Row"] | None
"""The row of a picture, none of a page of pictures; None where it has to be looked at again, to say what is wrong."""


def _rows(paths: Sequence[str], page: Path, arguments: Given, failures: list[str]) -> Iterator[Row]:
    """What is known of each picture; `failures` are those that cannot be read."""
    known = projects(arguments)
    for path, found in zip(with_progress(paths), _looked_at(paths, page, known), strict=True):
        try:
            yield from _row(path, page, known) if found is None else found
        except OSError as error:
            complain(f"cannot read `{visible(path)}`: {reason(error)}")
            failures.append(path)
        except Exception as error:  # one file's misfortune silences no other
            tell(error, visible(path), arguments)
            failures.append(path)


def _row(path: str, page: Path, known: Projects) -> list[Row]:
    """What the page says of a picture; nothing of a page of pictures."""
    from promptlang.reports.pages.gallery import Pictured, row

    found = seen(Path(path), known.of(path), in_series=True)
    if found.is_page:
        return []
    there = os.path.relpath(os.path.abspath(path), page.absolute().parent)
    pictured = Pictured(
        path=Path(there).as_posix(),
        time=os.path.getmtime(path),
        program=found.program,
        statement=found.text,
        plan=found.plan,
    )
    return [row(pictured)]


# --- many pictures ----------------------------------------------------------------------------------------------------


def _looked_at(paths: Sequence[str], page: Path, known: Projects) -> Iterator[_Found]:
    """What is known of each picture, worked out by as many processes as pay."""
    from promptlang.many.processes import by_many, cores

    jobs = min(cores(), 1 + len(paths) // WORTH)
    if jobs < 2:
        return iter([None] * len(paths))
    pieces = [paths[start : start + TOGETHER] for start in range(0, len(paths), TOGETHER)]
    given = (page, known.fixed, known.isolated)
    return by_many(
        pieces, jobs, start=_start, given=given, packed=tuple, work=_work, here=lambda piece: [None] * len(piece)
    )


_GIVEN: list[tuple[Path, Projects]] = []
"""In a process that works for another one: the page, and the projects."""


def _start(page: Path, fixed: Path | None, isolated: bool) -> None:
    _GIVEN[:] = ((page, Projects(fixed, isolated)),)


def _work(paths: Sequence[str]) -> list[_Found]:
    page, known = _GIVEN[0]
    found: list[_Found] = []
    for path in paths:
        try:
            found.append(_row(path, page, known))
        except Exception:  # who asked for the page looks at it again, and says what is wrong
            found.append(None)
    return found


def _is_ours(page: Path, mark: str) -> bool:
    """Whether a file begins as our galleries do."""
    return mark.encode() in head(page, len(mark) + 100)
