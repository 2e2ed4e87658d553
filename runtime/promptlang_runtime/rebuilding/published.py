"""What the configurations of published models say that no tensor's shape does, from `published/`, a file a family."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from promptlang.models.evidence.records import Record, read_record

FOLDER = Path(__file__).parents[1] / "published"


@cache
def published(family: str) -> Record:
    """The configurations of a family's models, by the part of the pipeline that they are for."""
    return read_record(FOLDER / f"{family}.json")
