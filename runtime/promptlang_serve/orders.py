"""What requests have ordered, what came of it, and how far it is."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from promptlang.plans.plan import Plan
from promptlang_runtime.drawing.glimpses import Glimpse
from promptlang_runtime.executors.orders import Failure
from promptlang_runtime.planning.jobs import Job

if TYPE_CHECKING:
    from PIL import Image


@dataclass(frozen=True, slots=True)
class Drawn:
    """A finished picture, the plan that it is one of, and its seed."""

    picture: Image.Image
    plan: Plan
    seed: int


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of an order: its pictures, in order and without those that were skipped, or why there are none."""

    drawn: tuple[Drawn, ...] = ()
    failure: Failure | None = None


@dataclass(slots=True, eq=False)
class Order:
    """The pictures of one request; `stoppable` by whoever stops what is being drawn."""

    plans: Sequence[Plan]
    stoppable: bool
    done: Future[Outcome] = field(default_factory=Future[Outcome])
    jobs: dict[int, Job] = field(default_factory=dict[int, Job])  # those not drawn yet, by their places
    drawn: dict[int, Drawn] = field(default_factory=dict[int, Drawn])
    wanted: tuple[tuple[Plan, int], ...] = ()

    def finish(self, failure: Failure | None = None) -> None:
        """Hand over what there is."""
        self.jobs.clear()
        if not self.done.done():
            drawn = tuple(self.drawn[place] for place in sorted(self.drawn))
            self.done.set_result(Outcome(() if failure else drawn, failure))


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """How far what is being drawn is, from 0 to 1, how many seconds it and what waits will take, and how it looks."""

    share: float = 0.0
    calls: int = 0
    of: int = 0
    waiting: int = 0
    seconds: float = 0.0
    glimpse: Glimpse | None = None


class Full(Exception):
    """As many requests wait as may; `seconds` is when it is worth while to come again."""

    def __init__(self, seconds: int) -> None:
        super().__init__()
        self.seconds = seconds
