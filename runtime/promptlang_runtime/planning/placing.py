"""Which of the batches that wait comes next to a worker: those of the model that it has open."""

from __future__ import annotations

import dataclasses
from collections import deque
from collections.abc import Iterable, Mapping

from promptlang.plans.plan import Model
from promptlang.values import dataclass
from promptlang_runtime.planning.batches import Batch

DEATHS = 3
"""How many workers a batch may cost before it counts as the reason."""
WORTH = 2
"""How many times longer than it takes to open a model a worker is to draw by it."""


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
    """The batches that no worker has, by their models, and what batches and openings of models have taken so far."""

    def __init__(self, planned: Iterable[Batch]) -> None:
        self._tasks: dict[Model, deque[Task]] = {}
        self._drawing, self._opening = Mean(), Mean()
        for batch in planned:
            task = Task(batch)
            self._tasks.setdefault(task.model, deque()).append(task)

    def __bool__(self) -> bool:
        return bool(self._tasks)

    def __contains__(self, model: Model | None) -> bool:
        """Whether a batch of that model waits."""
        return model in self._tasks

    def learn(self, drawing: float, opening: float) -> None:
        """What a batch took, and the opening of its model where it had to be opened, in seconds."""
        self._drawing.add(drawing)
        if opening:
            self._opening.add(opening)

    def put_back(self, task: Task) -> None:
        """Have a task drawn before the others of its model."""
        self._tasks.setdefault(task.model, deque()).appendleft(task)

    def take(self, held: Model | None, holders: Mapping[Model, int]) -> Task | None:
        """The next task for a worker that has a model open, or none; `holders` counts the workers that have each open.

        It goes on with its model; else with one that nobody has, or that will take those longest who do. None
        where it would not draw by that for twice as long as it takes to open.
        """
        model = held if held in self._tasks else self._other(holders)
        if model is None:
            return None
        tasks = self._tasks[model]
        task = tasks.popleft()
        if not tasks:
            del self._tasks[model]
        return task

    def _other(self, holders: Mapping[Model, int]) -> Model | None:
        for model in self._tasks:
            if not holders.get(model):
                return model
        model = max(self._tasks, key=lambda model: len(self._tasks[model]) / holders[model], default=None)
        if model is None:
            return None
        drawing = len(self._tasks[model]) * self._drawing.value
        left = (drawing - holders[model] * self._opening.value) / (holders[model] + 1)  # for each when it is open
        if self._opening.value and left < WORTH * self._opening.value:
            return None
        return model


@dataclasses.dataclass(slots=True)
class Mean:
    """The mean of what was added; 0 before there is any."""

    count: int = 0
    value: float = 0.0

    def add(self, number: float) -> None:
        self.count += 1
        self.value += (number - self.value) / self.count
