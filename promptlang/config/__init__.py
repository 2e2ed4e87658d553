"""`promptlang.toml` to `Project`: the nearest file counts, `extend` builds on another, every complaint has a place.

Most texts have no project file, so finding one costs no more than this module; reading one loads the rest.
"""

from __future__ import annotations

import os
from pathlib import Path

from promptlang.config.rules import PROJECT_FILE
from promptlang.files import Report, TextFile
from promptlang.meaning.project import Project
from promptlang.values import dataclass


@dataclass(frozen=True, slots=True)
class Configuration:
    """A project, and what was found in its files."""

    project: Project
    reports: tuple[Report, ...] = ()


def find(folder: Path) -> Path | None:
    """The project file of a folder: its own, or that of the nearest folder above."""
    path = os.path.abspath(folder)
    while True:
        candidate = os.path.join(path, PROJECT_FILE)
        if os.path.isfile(candidate):
            return Path(candidate)
        above = os.path.dirname(path)
        if above == path:
            return None
        path = above


def load(path: Path, file: TextFile | None = None) -> Configuration:
    """Read a project file and those it extends; `file` stands in for what lies at `path`.

    Never raises on what stands in them.
    """
    from promptlang.config.chain import read_chain

    return read_chain(path, file)
