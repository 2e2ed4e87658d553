"""`promptlang gallery`: a page of all pictures in a folder, to search in and to filter."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from promptlang.cli.arguments import CLEAN, FAILED, FOUND, Argument, Command, Given, UsageError
from promptlang.cli.inputs import CONFIG, Projects, projects
from promptlang.cli.mistakes import DEBUG, tell
from promptlang.cli.pictures.looking import PICTURES, counted, inside, seen
from promptlang.cli.terminal import complain
from promptlang.files import head, reason, shown, visible
from promptlang.writing import LeftAlone, write_text

if TYPE_CHECKING:
    from promptlang.reports.pages.gallery import Pictured

NAME = "gallery.html"

COMMAND = Command(
    name="gallery",
    summary="Write a page of all pictures in a folder, to search in and to filter.",
    arguments=(
        Argument(names=("folder",), value="DIR", help="Where the pictures lie, folders in it included.", needed=True),
        Argument(
            names=("--output", "-o"), value="FILE", help=f"Write the page here. Default: {NAME} beside the pictures."
        ),
        Argument(names=("--force",), help="Overwrite a file that is no gallery."),
        *CONFIG,
        Argument(names=("--quiet", "-q"), help="Leave the summary out."),
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

    folder = arguments.text("folder") or ""
    page = Path(arguments.text("output") or os.path.join(folder, NAME))
    if not os.path.isdir(folder):
        raise UsageError(f"there is no folder `{folder}`", "name one that pictures lie in")
    if os.path.lexists(page) and not (arguments.flag("force") or _is_ours(page, mark(KIND))):
        raise UsageError(f"`{page}` is there already, and no gallery", "write `--force` to overwrite it")
    failures: list[str] = []
    pictures = _pictures(folder, page, arguments, failures)
    text, count = gallery(Path(folder).resolve().name or folder, pictures)
    if count:
        try:
            write_text(page, text)
        except (OSError, LeftAlone) as error:
            complain(f"cannot write `{page}`: {reason(error)}")
            return FAILED
    if not arguments.flag("quiet"):
        print(f"{_number(count)} in `{shown(page)}`" if count else f"no pictures in `{visible(folder)}`")
    return FAILED if failures else CLEAN if count else FOUND


def _pictures(folder: str, page: Path, arguments: Given, failures: list[str]) -> Iterator[Pictured]:
    """What is known of each picture; `failures` are those that cannot be read."""
    known = projects(arguments)
    for path in counted(tuple(inside(folder, PICTURES))):
        try:
            found = _pictured(path, page, known)
        except OSError as error:
            complain(f"cannot read `{visible(path)}`: {reason(error)}")
            failures.append(path)
            continue
        except Exception as error:  # one file's misfortune silences no other
            tell(error, visible(path), arguments)
            failures.append(path)
            continue
        if found:
            yield found


def _pictured(path: str, page: Path, known: Projects) -> Pictured | None:
    """What the page says of a picture; None for a page of pictures."""
    from promptlang.reports.pages.gallery import Pictured

    found = seen(Path(path), known.of(path))
    if found.is_page:
        return None
    there = os.path.relpath(os.path.abspath(path), page.absolute().parent)
    return Pictured(
        path=Path(there).as_posix(),
        time=os.path.getmtime(path),
        program=found.program,
        statement=found.text,
        plan=found.plan,
    )


def _is_ours(page: Path, mark: str) -> bool:
    """Whether a file begins as our galleries do."""
    return mark.encode() in head(page, len(mark) + 100)


def _number(count: int) -> str:
    return "1 picture" if count == 1 else f"{count:,} pictures"
