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
    dies of is tried again until it has cost several.
    """
    waiting = Waiting(planned)
    held: dict[int, Model] = {}
    holders: Counter[Model] = Counter()
    busy: dict[int, Task] = {}
    idle: set[int] = set()
    fresh: set[int] = set()  # those that have to open what they draw with
    count = 0
    while waiting or busy:
        if count != (now := executor.count()):
            count, idle = now, set(range(now)) - set(busy)
            for gone in [each for each in held if each >= count and each not in busy]:
                _hold(gone, None, held, holders)
        nothing = False  # for those whose own model is through
        for worker in sorted(idle):
            own = held.get(worker)
            if nothing and own not in waiting:
                continue
            if task := _next(waiting, own, holders, broken):
                executor.submit(worker, [each for share in task.batch for each in share.wanted])
                (fresh.discard if own == task.model else fresh.add)(worker)
                _hold(worker, task.model, held, holders)
                busy[worker] = task
            else:
                nothing = True
        idle = {worker for worker in idle if worker not in busy}
        if not busy:
            return
        worker, result = executor.wait(on_call)
        task = busy.pop(worker)
        if worker < count:
            idle.add(worker)
        if result is None or worker >= count:
            _hold(worker, None, held, holders)
        if result is None and task.deaths + 1 >= DEATHS:
            result = Result(failure=_death(task))
        if result is None:
            waiting.put_back(replace(task, deaths=task.deaths + 1))
        elif result.failure and len(task.batch) > 1 and not result.failure.is_of_all:
            middle = len(task.batch) // 2
            for half in (task.batch[middle:], task.batch[:middle]):
                waiting.put_back(Task(half))
        else:
            if result.failure:
                broken |= {share.job.key for share in task.batch}
            else:
                waiting.learn(result.drawing, result.opening if worker in fresh else 0.0)
            yield task.batch, result


def _next(
    waiting: Waiting, held: Model | None, holders: Mapping[Model, int], broken: set[tuple[Path, int]]
) -> Task | None:
    """The next task for a worker, without what is broken; None where nothing is left that pays."""
    while task := waiting.take(held, holders):
        if batch := tuple(share for share in task.batch if share.job.key not in broken):
            return replace(task, batch=batch)
    return None


def _hold(worker: int, model: Model | None, held: dict[int, Model], holders: Counter[Model]) -> None:
    """Note which model a worker has open now."""
    before = held.pop(worker, None)
    if before is not None:
        holders[before] -= 1
    if model is not None:
        held[worker] = model
        holders[model] += 1


def _death(task: Task) -> Failure:
    pictures = "a picture" if sum(len(share.places) for share in task.batch) == 1 else "pictures"
    model = task.model.name
    return Failure(
        message=f"{DEATHS} processes ended while they drew {pictures} with <{model}>",
        help="write a smaller `/size`, or draw in fewer processes, if memory may be short",
        is_of_all=True,
    )
