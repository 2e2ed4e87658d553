"""Where the project file of a folder lies. Most texts have none, so looking costs no more than this module."""

from __future__ import annotations

import os
from pathlib import Path

from promptlang.config.rules import PROJECT_FILE


def find(folder: Path) -> Path | None:
    """The project file of a folder: its own, or that of the nearest folder above."""
    path = os.path.abspath(folder)
    while True:
        candidate = os.path.join(path, PROJECT_FILE)
        if os.path.lexists(candidate):  # what is no file is said where it is read
            return Path(candidate)
        above = os.path.dirname(path)
        if above == path:
            return None
        path = above
