"""What was drawn in this session, for a page that is loaded again: statements, and what each picture is drawn by."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from threading import Lock
from typing import TypeAlias

from promptlang.cli.pictures.looking import seen
from promptlang.exporters.facts import facts, points, told_apart
from promptlang.meaning.project import Project
from promptlang.plans.plan import Plan

MOST = 500  # runs that are remembered

Told: TypeAlias = "dict[str, object]"
Labels: TypeAlias = "Mapping[tuple[tuple[str, str], ...], str]"


@dataclass(slots=True, kw_only=True)
class Run:
    """One statement that was asked for, and what came of it."""

    id: int
    statement: str
    time: float  # seconds since 1970
    wanted: int = 0
    pictures: list[Told] = field(default_factory=list[Told])
    complaint: str = ""
    stopped: bool = False

    def head(self) -> Told:
        """What is known of it before anything is drawn."""
        return {"id": self.id, "statement": self.statement, "time": self.time, "wanted": self.wanted}


@dataclass(slots=True)
class Runs:
    """Those of a session, the oldest first."""

    all: list[Run] = field(default_factory=list[Run])
    number: int = 0
    lock: Lock = field(default_factory=Lock)

    def begin(self, statement: str) -> Run:
        """One more."""
        with self.lock:
            self.number += 1
            run = Run(id=self.number, statement=statement, time=time.time())
            self.all = [*self.all[1 - MOST :], run]
        return run

    def data(self) -> Told:
        """Those that something came of."""
        return {"runs": [asdict(run) for run in self.all if run.pictures or run.complaint]}


def labels(plans: Sequence[Plan]) -> Labels:
    """What tells the pictures of a statement apart, by the axes of their plans."""
    return dict(zip((each.axes for each in plans), map(points, told_apart(plans)), strict=True))


def told(picture: Path, address: str, project: Project | None, labels: Labels) -> Told:
    """What the page shows of a picture: where it is asked for, and what it was drawn by, as far as it says so.

    `labels` are those of its statement.
    """
    found = seen(picture, project)
    return {
        "url": address,
        "name": picture.name,
        "statement": found.text,
        "point": labels.get(found.plan.axes, points(found.plan)) if found.plan else "",
        "facts": facts(found.plan) if found.plan else {},
        "page": found.is_page,
    }
