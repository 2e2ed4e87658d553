"""Which of the batches that wait comes next to a worker: those of the model that it has open."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Iterable

from promptlang.plans.plan import Model
from promptlang.values import dataclass
from promptlang_runtime.planning.batches import Batch

DEATHS = 3
"""How many workers a batch may cost before it counts as the reason."""


@dataclass(frozen=True, slots=True)
class Task:
    """A batch, and how many workers died of it."""

    batch: Batch
    deaths: int = 0

    @property
    def model(self) -> Model:
        """What it is drawn with."""
        return self.batch[0].job.plan.model


class Waiting:
    """The batches that no worker has, by their models."""

    def __init__(self, planned: Iterable[Batch]) -> None:
        self._tasks: dict[Model, deque[Task]] = {}
        for batch in planned:
            task = Task(batch)
            self._tasks.setdefault(task.model, deque()).append(task)

    def __bool__(self) -> bool:
        return bool(self._tasks)

    def put_back(self, task: Task) -> None:
        """Have a task drawn before the others of its model."""
        self._tasks.setdefault(task.model, deque()).appendleft(task)

    def take(self, held: Model | None, others: Iterable[Model | None] = ()) -> Task:
        """The next task for a worker that has a model open, or none, beside what the other workers have open.

        It goes on with its model; else with one that nobody has, or that leaves most work to each of those who do.
        """
        model = held if held in self._tasks else self._other(Counter(others))
        tasks = self._tasks[model]
        task = tasks.popleft()
        if not tasks:
            del self._tasks[model]
        return task

    def _other(self, holders: Counter[Model | None]) -> Model:
        free = next((model for model in self._tasks if not holders[model]), None)
        return free or max(self._tasks, key=lambda model: len(self._tasks[model]) / (holders[model] + 1))
