"""One thread draws what all requests ask for: those that wait are planned anew for every batch, the oldest first."""

from __future__ import annotations

import math
import os
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from contextlib import suppress
from dataclasses import dataclass, field, replace
from itertools import count
from pathlib import Path
from threading import Condition, Thread
from typing import TYPE_CHECKING

from promptlang.plans.plan import Plan
from promptlang_runtime.drawing.glimpses import Glimpse, watched
from promptlang_runtime.errors import RenderError
from promptlang_runtime.executors.limits import memory_row
from promptlang_runtime.executors.orders import Executor, Failure, Result, Settings
from promptlang_runtime.executors.seeds import seeded, seeds_of
from promptlang_runtime.planning.batches import Batch, batches
from promptlang_runtime.planning.driving import results
from promptlang_runtime.planning.jobs import Job
from promptlang_runtime.unswept import unswept

if TYPE_CHECKING:
    from PIL import Image

_LATEST = 0.4  # how much the last batch counts
_GUESS = 5.0  # seconds a picture, before one was drawn


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


class _Stopped(BaseException):
    """Nobody wants the pictures of the batch that is being drawn; no library on the way catches it."""


def _chosen(settings: Settings) -> tuple[Executor, str]:
    """Who draws, and the kind of device; torch is imported here, when the first picture is due."""
    with unswept(stays=True):
        from promptlang_runtime.executors.choosing import chosen

    return chosen(settings)


class Drawer:
    """The orders that wait, and the thread that draws them; `most` may wait, and `choose` says who draws."""

    def __init__(
        self, settings: Settings, most: int, choose: Callable[[Settings], tuple[Executor, str]] = _chosen
    ) -> None:
        self._settings = settings
        self._most = most
        self._choose = choose
        self._orders: list[Order] = []
        self._batch: dict[Path, tuple[Order, list[int]]] = {}
        self._changed = Condition()
        self._closing = False
        self._progress = Progress()
        self._took = 0.0  # seconds a picture, of late
        self._executor: tuple[Executor, str] | None = None
        self._numbers = count(1)
        self._thread = Thread(target=self._work, name="drawing", daemon=True)
        self._thread.start()

    def put(self, plans: Sequence[Plan], *, stoppable: bool = False) -> Order:
        """Have the pictures of the plans drawn; raises Full."""
        order = Order(plans, stoppable)
        with self._changed:
            if len(self._orders) >= self._most:
                raise Full(max(1, math.ceil(self._left() / 2)))  # half of the queue is empty then
            number = next(self._numbers)
            order.wanted = tuple((plan, seed) for each in plans for plan in (seeded(each),) for seed in seeds_of(plan))
            for place, (plan, seed) in enumerate(order.wanted):
                alone = replace(plan, seed=seed, images=1)
                order.jobs[place] = Job(plan=alone, file=Path(str(number)), folder=Path(), place=place)
            self._orders.append(order)
            self._changed.notify()
        return order

    def cancel(self, order: Order) -> None:
        """Forget an order: nobody waits for it any more."""
        with self._changed:
            self._end(order)

    def stop(self, *, only_batch: bool) -> None:
        """End the orders that are being drawn and may be stopped with what is finished, or skip what is in work."""
        with self._changed:
            for order, places in list(self._batch.values()):
                if not order.stoppable:
                    continue
                for place in places:
                    order.jobs.pop(place, None)
                if not only_batch or not order.jobs:
                    self._end(order)

    def progress(self) -> Progress:
        """How far it is."""
        with self._changed:
            return replace(self._progress, waiting=len(self._orders), seconds=self._left())

    def close(self) -> None:
        """Draw what is accepted, and end."""
        with self._changed:
            self._closing = True
            self._changed.notify()
        self._thread.join()

    def _left(self) -> float:
        """Seconds until everything is drawn that waits."""
        pictures = sum(len(each.jobs) for each in self._orders)
        return pictures * (self._took or _GUESS)

    def _end(self, order: Order, failure: Failure | None = None) -> None:
        order.finish(failure)
        self._orders = [each for each in self._orders if each is not order]

    # --- the thread -------------------------------------------------------------------------------------------------

    def _work(self) -> None:
        # Before torch is imported: threads that wait for each other spin otherwise, which on busy cores costs minutes.
        os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
        while self._waits():
            try:
                executor, kind = self._executor = self._executor or self._choose(self._settings)
                if batch := self._next(kind):
                    self._draw(executor, batch)
            except RenderError as error:
                self._fail(Failure(message=error.message, help=error.help))
            except Exception as error:  # a mistake of ours: those who wait are told, and the next ones are drawn
                self._fail(Failure(message=f"{type(error).__name__}: {error}", is_known=False))
        if self._executor:
            self._executor[0].close()

    def _waits(self) -> bool:
        with self._changed:
            while not self._orders and not self._closing:
                self._changed.wait()
            return bool(self._orders)

    def _fail(self, failure: Failure) -> None:
        with self._changed:
            for order in [each for each, _ in self._batch.values()] or list(self._orders):
                self._end(order, failure)
            self._batch, self._progress = {}, Progress()

    def _next(self, kind: str) -> Batch | None:
        """What is drawn next: what goes together with the oldest that waits."""
        with self._changed:
            waiting = [job for order in self._orders for job in order.jobs.values()]
            planned = batches(waiting, device=kind, exact=memory_row(self._settings.memory).alone)
            if not planned:
                return None
            owners = {job.file: order for order in self._orders for job in order.jobs.values()}
            self._batch = {}
            for share in planned[0]:
                order = owners[share.job.file]
                self._batch.setdefault(share.job.file, (order, []))[1].append(share.job.place)
            return planned[0]

    def _draw(self, executor: Executor, batch: Batch) -> None:
        with suppress(_Stopped), watched(self._seen):
            for part, result in results(executor, [batch], set(), self._called):
                self._deliver(part, result)
                if result.pictures:
                    self._learn(result.drawing / len(result.pictures))
        with self._changed:
            self._batch, self._progress = {}, Progress()

    def _learn(self, seconds: float) -> None:
        """Batches grow with the queue, and make each picture cheaper: the last ones say most."""
        self._took += (seconds - self._took) * (_LATEST if self._took else 1)

    def _called(self, pictures: int, done: int, total: int) -> None:
        del pictures
        with self._changed:
            wanted = any(set(places) & order.jobs.keys() for order, places in self._batch.values())
            self._progress = replace(self._progress, share=done / max(total, 1), calls=done, of=total)
        if not wanted:
            raise _Stopped

    def _seen(self, glimpse: Glimpse) -> None:
        with self._changed:
            self._progress = replace(self._progress, glimpse=glimpse)

    def _deliver(self, part: Batch, result: Result) -> None:
        with self._changed:
            for place, share in enumerate(part):
                order, _ = self._batch[share.job.file]
                if order.jobs.pop(share.job.place, None) is None:
                    continue
                if result.failure:
                    self._end(order, result.failure)
                    continue
                order.drawn[share.job.place] = Drawn(result.pictures[place], *order.wanted[share.job.place])
                if not order.jobs:
                    self._end(order)
