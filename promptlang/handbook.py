"""The pages of the documentation: in the package as it is installed, in the source tree beside it."""

from __future__ import annotations

from functools import cache
from pathlib import Path

HERE = Path(__file__).parent
RULES, OPTIONS, EDITORS = "rules.md", "options.md", "editors.md"


@cache
def page(name: str) -> Path | None:
    """The file of a page, where the documentation was not left out."""
    places = (HERE / "docs" / name, HERE.resolve().parent / "docs" / name)
    return next((place for place in places if place.is_file()), None)


@cache
def address(name: str, anchor: str) -> str | None:
    """The `file:` address of a place on a page, where that page is there."""
    found = page(name)
    return f"{found.as_uri()}#{anchor}" if found else None
