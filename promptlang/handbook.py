"""The pages of the documentation, and the files for editors: in the package as it is installed, in the source tree
beside it.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

HERE = Path(__file__).parent
RULES, OPTIONS, EDITORS, CONFIGURATION = "rules.md", "options.md", "editors.md", "configuration.md"


@cache
def page(name: str) -> Path | None:
    """The file of a page, where the documentation was not left out."""
    return next((folder / name for folder in _places("docs") if (folder / name).is_file()), None)


def editor_files() -> Path | None:
    """The folder with what editors are set up with, where it was not left out."""
    return next((folder for folder in _places("editors") if folder.is_dir()), None)


def _places(name: str) -> tuple[Path, Path]:
    return HERE / name, HERE.resolve().parent / name


@cache
def address(name: str, anchor: str) -> str | None:
    """The `file:` address of a place on a page, where that page is there."""
    found = page(name)
    return f"{found.as_uri()}#{anchor}" if found else None
