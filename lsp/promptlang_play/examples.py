"""Texts to begin with: one file each in `examples/`, whose first line is `# Title: what it shows`."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

_FOLDER = Path(__file__).parent / "examples"
_HEAD = re.compile(r"# (?P<title>[^:]+): (?P<about>.+)")


@dataclass(frozen=True, slots=True)
class Example:
    """A text, what it is called, and what it shows."""

    title: str
    about: str
    text: str


def examples() -> tuple[Example, ...]:
    """All of them, in order; a page without a file begins with the first."""
    return tuple(_example(path.read_text(encoding="utf-8")) for path in sorted(_FOLDER.glob("*.prompt")))


def _example(text: str) -> Example:
    head = _HEAD.match(text)
    assert head, "an example begins with its title"
    return Example(head["title"], head["about"][:1].upper() + head["about"][1:], text)
