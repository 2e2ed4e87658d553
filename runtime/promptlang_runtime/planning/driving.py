"""Keeps every worker of an executor busy until all batches are drawn, or cannot be."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
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
    dies of is tried again until it has cost several.
    """
    waiting = Waiting(planned)
    held: dict[int, Model] = {}
    busy: dict[int, Task] = {}
    while waiting or busy:
        for worker in range(executor.count()):
            if worker not in busy and (task := _next(waiting, worker, held, broken)):
                executor.submit(worker, [each for share in task.batch for each in share.wanted])
                held[worker], busy[worker] = task.model, task
        if not busy:
            return
        worker, result = executor.wait(on_call)
        task = busy.pop(worker)
        if result is None:
            del held[worker]
            result = Result(failure=_death(task)) if task.deaths + 1 >= DEATHS else None
        if result is None:
            waiting.put_back(replace(task, deaths=task.deaths + 1))
        elif result.failure and len(task.batch) > 1 and not result.failure.is_of_all:
            middle = len(task.batch) // 2
            for half in (task.batch[middle:], task.batch[:middle]):
                waiting.put_back(Task(half))
        else:
            if result.failure:
                broken |= {share.job.key for share in task.batch}
            yield task.batch, result


def _next(waiting: Waiting, worker: int, held: dict[int, Model], broken: set[tuple[Path, int]]) -> Task | None:
    """The next task for a worker, without what is broken; None where nothing is left."""
    while waiting:
        task = waiting.take(held.get(worker), (model for other, model in held.items() if other != worker))
        if batch := tuple(share for share in task.batch if share.job.key not in broken):
            return replace(task, batch=batch)
    return None


def _death(task: Task) -> Failure:
    pictures = "a picture" if sum(len(share.places) for share in task.batch) == 1 else "pictures"
    model = task.model.name
    return Failure(
        message=f"{DEATHS} processes ended while they drew {pictures} with <{model}>",
        help="write a smaller `/size`, or fewer `--jobs`, if memory may be short",
        is_of_all=True,
    )
