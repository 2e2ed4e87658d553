"""Who draws what all requests ask for: those that wait are planned anew for every batch, the oldest first."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from functools import partial
from itertools import count
from pathlib import Path
from threading import Condition, Thread

from promptlang.plans.plan import Model, Plan
from promptlang_runtime.cores import wait_asleep
from promptlang_runtime.drawing.glimpses import Glimpse, watched
from promptlang_runtime.errors import RenderError
from promptlang_runtime.executors.limits import Settings, memory_row
from promptlang_runtime.executors.orders import Executor, Failure, Result, Unwanted
from promptlang_runtime.executors.seeds import seeded, seeds_of
from promptlang_runtime.planning.batches import Batch, batches
from promptlang_runtime.planning.driving import results
from promptlang_runtime.planning.jobs import Job
from promptlang_runtime.unswept import unswept
from promptlang_serve.orders import Drawn, Full, Order, Progress

Key = tuple[Path, int]
"""A job: the file it would have, which is the number of its order, and its place there."""

Choose = Callable[[Settings, int], tuple[Sequence[Executor], str]]
"""From settings and a number of workers, 0 for one a device, to an executor of one worker for each, and their kind."""

_LATEST = 0.4  # how much the last batch counts
_GUESS = 5.0  # seconds a picture, before one was drawn


@dataclass(slots=True, eq=False)
class _Lane:
    """A thread that draws a batch at a time by an executor; `model` is the one it opened last."""

    executor: Executor
    batch: dict[Key, Order] = field(default_factory=dict[Key, Order])
    model: Model | None = None
    progress: Progress = field(default_factory=Progress)


def _chosen(settings: Settings, workers: int) -> tuple[Sequence[Executor], str]:
    """Who draws, and the kind of device; torch is imported here, when the first picture is due."""
    with unswept(stays=True):
        from promptlang_runtime.executors.choosing import one_each

    return one_each(settings, workers)


class Drawer:
    """The orders that wait, and the lanes that draw them; `most` may wait, and `choose` says who draws.

    With `workers` other than 1 each is a process of its own, 0 is one for each device.
    """

    def __init__(self, settings: Settings, most: int, choose: Choose = _chosen, *, workers: int = 1) -> None:
        self._settings = replace(settings, glimpses=True)
        self._workers = workers
        self._most = most
        self._choose = choose
        self._orders: list[Order] = []
        self._lanes: list[_Lane] = []
        self._kind = ""
        self._changed = Condition()
        self._closing = False
        self._took = 0.0  # seconds a picture, of late
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
            self._changed.notify_all()
        return order

    def cancel(self, order: Order) -> None:
        """Forget an order: nobody waits for it any more."""
        with self._changed:
            self._end(order)

    def stop(self, *, only_batch: bool) -> None:
        """End the orders that are being drawn and may be stopped with what is finished, or skip what is in work."""
        with self._changed:
            drawn = {key: order for lane in self._lanes for key, order in lane.batch.items() if order.stoppable}
            for (_, place), order in drawn.items():
                order.jobs.pop(place, None)
            for order in set(drawn.values()):
                if not only_batch or not order.jobs:
                    self._end(order)

    def progress(self) -> Progress:
        """How far it is; of several batches one is told of."""
        with self._changed:
            now = next((lane.progress for lane in self._lanes if lane.batch), Progress())
            return replace(now, waiting=len(self._orders), seconds=self._left())

    def close(self) -> None:
        """Draw what is accepted, and end."""
        with self._changed:
            self._closing = True
            self._changed.notify_all()
        self._thread.join()

    def _left(self) -> float:
        """Seconds until everything is drawn that waits."""
        pictures = sum(len(each.jobs) for each in self._orders)
        return pictures * (self._took or _GUESS) / max(len(self._lanes), 1)

    def _end(self, order: Order, failure: Failure | None = None) -> None:
        order.finish(failure)
        self._orders = [each for each in self._orders if each is not order]
        self._changed.notify_all()

    # --- the threads ------------------------------------------------------------------------------------------------

    def _work(self) -> None:
        wait_asleep()
        while not self._lanes and self._waits():
            try:
                executors, self._kind = self._choose(self._settings, self._workers)
                with self._changed:
                    self._lanes = [_Lane(each) for each in executors]
            except RenderError as error:
                self._fail(Failure(message=error.message, help=error.help))
            except Exception as error:  # a mistake of ours: those who wait are told, and the next ones may be drawn
                self._fail(_mistaken(error))
        threads = [Thread(target=self._drive, args=(each,), daemon=True) for each in self._lanes[1:]]
        for each in threads:
            each.start()
        for each in self._lanes[:1]:
            self._drive(each)
        for each in threads:
            each.join()

    def _waits(self) -> bool:
        """Until somebody wants something; false when nobody will any more."""
        with self._changed:
            self._changed.wait_for(lambda: self._orders or self._closing)
            return bool(self._orders)

    def _drive(self, lane: _Lane) -> None:
        """Draw by one executor until nothing is left to begin with and nothing more comes."""
        while True:
            try:
                batch = self._next(lane)
                if batch is None:
                    break
                self._draw(lane, batch)
            except Exception as error:  # a mistake of ours: those who wait are told, and the next ones are drawn
                self._fail(_mistaken(error), lane if lane.batch else None)
            with self._changed:
                lane.batch, lane.progress = {}, Progress()
        lane.executor.close()

    def _fail(self, failure: Failure, lane: _Lane | None = None) -> None:
        """End the orders of a lane, or all that wait."""
        with self._changed:
            for order in set(lane.batch.values()) if lane else list(self._orders):
                self._end(order, failure)

    def _next(self, lane: _Lane) -> Batch | None:
        """What a lane draws next, when there is something; None when there is not and nothing more comes."""
        with self._changed:
            while not (free := self._free()):
                if self._closing and not self._orders:
                    return None
                self._changed.wait()
            idle = sum(not each.batch for each in self._lanes)
            planned = batches(
                [job for job, _ in free.values()],
                device=self._kind,
                exact=memory_row(self._settings.memory).alone,
                most=math.ceil(len(free) / idle),
            )
            others = {each.model for each in self._lanes if each is not lane}
            own = (each for each in planned if each[0].job.plan.model not in others - {lane.model})
            found = next(own, planned[0])
            lane.model = found[0].job.plan.model
            lane.batch = {share.job.key: free[share.job.key][1] for share in found}
            return found

    def _free(self) -> dict[Key, tuple[Job, Order]]:
        """The jobs that no lane draws, in the order in which they were asked for."""
        taken = {key for lane in self._lanes for key in lane.batch}
        waiting = {job.key: (job, order) for order in self._orders for job in order.jobs.values()}
        return {key: each for key, each in waiting.items() if key not in taken}

    def _draw(self, lane: _Lane, batch: Batch) -> None:
        with suppress(Unwanted), watched(partial(self._seen, lane)):
            for part, result in results(lane.executor, [batch], set(), partial(self._called, lane)):
                self._deliver(lane, part, result)
                if result.pictures:
                    self._learn(result.drawing / len(result.pictures))

    def _learn(self, seconds: float) -> None:
        """Batches grow with the queue, and make each picture cheaper: the last ones say most."""
        self._took += (seconds - self._took) * (_LATEST if self._took else 1)

    def _called(self, lane: _Lane, pictures: int, done: int, total: int) -> None:
        del pictures
        with self._changed:
            wanted = any(place in order.jobs for (_, place), order in lane.batch.items())
            lane.progress = replace(lane.progress, share=done / max(total, 1), calls=done, of=total)
        if not wanted:
            raise Unwanted

    def _seen(self, lane: _Lane, glimpse: Glimpse) -> None:
        with self._changed:
            lane.progress = replace(lane.progress, glimpse=glimpse)

    def _deliver(self, lane: _Lane, part: Batch, result: Result) -> None:
        with self._changed:
            for place, share in enumerate(part):
                order = lane.batch[share.job.key]
                if order.jobs.pop(share.job.place, None) is None:
                    continue
                if result.failure:
                    self._end(order, result.failure)
                    continue
                order.drawn[share.job.place] = Drawn(result.pictures[place], *order.wanted[share.job.place])
                if not order.jobs:
                    self._end(order)


def _mistaken(error: Exception) -> Failure:
    return Failure(message=f"{type(error).__name__}: {error}", is_known=False)
