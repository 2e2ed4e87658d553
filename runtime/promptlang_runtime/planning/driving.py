"""Keeps every worker of an executor busy until all batches are drawn, or cannot be."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path

from promptlang.plans.plan import Model
from promptlang_runtime.executors.orders import Executor, Failure, OnCall, Result
from promptlang_runtime.planning.batches import Batch
from promptlang_runtime.planning.placing import DEATHS, Task, Waiting


def results(
    executor: Executor, planned: Iterable[Batch], broken: set[tuple[Path, int]], on_call: OnCall
) -> Iterator[tuple[Batch, Result]]:
    """What comes of each batch, in any order; jobs of which something failed are `broken`, and drawn no further.

    Where something in a batch fails its halves are tried, so that a plan costs itself alone. A batch that its worker
    dies of is tried again until it has cost several; then so are its halves, each once.
    """
    waiting, crew = Waiting(planned), _Crew(executor)
    while waiting or crew.busy:
        crew.hand_out(waiting, broken)
        if not crew.busy:
            return
        task, has_opened, result = crew.wait(on_call)
        if result is None:
            result = Result(failure=_death(task))
        failure = result.failure
        if failure and failure.is_of_worker and task.deaths + 1 < DEATHS:
            waiting.put_back(replace(task, deaths=task.deaths + 1))
        elif failure and len(task.batch) > 1 and not failure.is_of_all:
            middle = len(task.batch) // 2
            for half in (task.batch[middle:], task.batch[:middle]):
                waiting.put_back(replace(task, batch=half))
        else:
            if failure:
                broken |= {share.job.key for share in task.batch}
            else:
                waiting.learn(result.drawing, result.opening if has_opened else 0.0)
            yield task.batch, result


class _Crew:
    """The workers of an executor: what each of them draws, and which model it has open."""

    def __init__(self, executor: Executor) -> None:
        self._executor = executor
        self._count = 0
        self._idle: set[int] = set()
        self._held: dict[int, Model] = {}
        self._holders: Counter[Model] = Counter()
        self.busy: dict[int, tuple[Task, bool]] = {}  # what a worker draws, and whether it has to open a model for it

    def hand_out(self, waiting: Waiting, broken: set[tuple[Path, int]]) -> None:
        """Give every worker that is idle what waits for it, without what is broken."""
        self._recount()
        is_through = False  # but for those whose own model waits
        for worker in sorted(self._idle):
            own = self._held.get(worker)
            if is_through and own not in waiting:
                continue
            task = _next(waiting, own, self._holders, broken)
            if task is None:
                is_through = True
                continue
            self._executor.submit(worker, [each for share in task.batch for each in share.wanted])
            self._hold(worker, task.model)
            self.busy[worker] = task, own != task.model
        self._idle -= self.busy.keys()

    def wait(self, on_call: OnCall) -> tuple[Task, bool, Result | None]:
        """What a worker is through with, whether it opened a model for it, and what came of it: None if it died."""
        worker, result = self._executor.wait(on_call)
        if worker < self._count:
            self._idle.add(worker)
        if result is None or worker >= self._count:
            self._hold(worker, None)
        return *self.busy.pop(worker), result

    def _recount(self) -> None:
        """Workers come and go."""
        now = self._executor.count()
        if now == self._count:
            return
        self._count, self._idle = now, set(range(now)) - self.busy.keys()
        for gone in [each for each in self._held if each >= now and each not in self.busy]:
            self._hold(gone, None)

    def _hold(self, worker: int, model: Model | None) -> None:
        """Note which model a worker has open now."""
        before = self._held.pop(worker, None)
        if before is not None:
            self._holders[before] -= 1
        if model is not None:
            self._held[worker] = model
            self._holders[model] += 1


def _next(
    waiting: Waiting, held: Model | None, holders: Mapping[Model, int], broken: set[tuple[Path, int]]
) -> Task | None:
    """The next task for a worker, without what is broken; None where nothing is left that pays."""
    while task := waiting.take(held, holders):
        if batch := tuple(share for share in task.batch if share.job.key not in broken):
            return replace(task, batch=batch)
    return None


def _death(task: Task) -> Failure:
    is_one = sum(len(share.places) for share in task.batch) == 1
    pictures, model = "a picture" if is_one else "pictures", task.model.name
    less = (
        "write a smaller `/size`, or draw in fewer processes" if is_one else "add `--exact`, or write a smaller `/size`"
    )
    return Failure(
        message=f"{DEATHS} processes ended while they drew {pictures} with <{model}>",
        help=f"{less}, if memory may be short",
        is_of_worker=True,
    )
