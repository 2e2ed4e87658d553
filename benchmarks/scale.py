"""A run on a thousand workers, simulated: the planner and the driver are ours, the clock is not.

How long batches take and a model takes to open is measured here first, with the bundled model; workers draw from these
times. Pictures are spread over the models as unevenly as people use them. Claims: workers draw or open a model for 95 %
of the time until the last picture, and models are opened at most a tenth more often than no order could spare.
`python -m benchmarks.scale [WORKERS] [BATCHES]`; exits with 1 where a claim does not hold.
"""

from __future__ import annotations

import heapq
import math
import random
import resource
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from promptlang import compile
from promptlang.plans.plan import Model, Plan
from promptlang_runtime.drawing.wanted import Wanted
from promptlang_runtime.executors.orders import OnCall, Result
from promptlang_runtime.planning.batches import Batch, batches
from promptlang_runtime.planning.driving import results
from promptlang_runtime.planning.jobs import Job

WORKERS, BATCHES, MODELS = 1_000, 200_000, 60
LEAST_USE, MOST_LOADS = 0.95, 1.10
PLANS, PLAN_SECONDS, PLAN_MEMORY = 100_000, 2.0, 300  # MB
SAMPLES = 24
(PLAIN,) = compile("/render /parser:new /seed:5 /steps:4 /size:512x512 /sampler:k_euler a cow <demo>").plans


@dataclass(frozen=True, slots=True)
class Times:
    """Seconds as measured: of batches, and of opening a model."""

    batches: tuple[float, ...]
    opening: float


def measured() -> Times:
    """How long the bundled model takes to open, and for each of some batches."""
    from promptlang_runtime.executors.here import render

    plan = replace(PLAIN, size=(128, 128))
    began = time.perf_counter()
    render(plan, device="cpu")
    first = time.perf_counter() - began
    found: list[float] = []
    for seed in range(SAMPLES):
        began = time.perf_counter()
        render(replace(plan, seed=seed), device="cpu")
        found.append(time.perf_counter() - began)
    return Times(tuple(found), max(first - min(found), 0.0))


@dataclass(slots=True)
class Simulated:
    """Workers of which each takes a measured time for a batch, and for a model that it has not open."""

    workers: int
    times: Times
    chance: random.Random
    now: float = 0.0
    loads: int = 0
    drawing: dict[Model, float] = field(default_factory=dict[Model, float])
    _held: dict[int, Model] = field(default_factory=dict[int, Model])
    _ends: list[tuple[float, int, Result]] = field(default_factory=list[tuple[float, int, Result]])

    def count(self) -> int:
        return self.workers

    def submit(self, worker: int, wanted: Sequence[Wanted]) -> None:
        model = wanted[0].plan.model
        drawing = self.chance.choice(self.times.batches)
        self.drawing[model] = self.drawing.get(model, 0.0) + drawing
        opening = 0.0
        if self._held.get(worker) != model:
            self._held[worker] = model
            self.loads += 1
            opening = self.times.opening
        heapq.heappush(self._ends, (self.now + opening + drawing, worker, Result(drawing=drawing, opening=opening)))

    def wait(self, on_call: OnCall) -> tuple[int, Result]:
        self.now, worker, result = heapq.heappop(self._ends)
        return worker, result

    def close(self) -> None:
        """There is nothing to end."""

    @property
    def used(self) -> float:
        """The share of the workers' time in which they drew or opened a model."""
        return (sum(self.drawing.values()) + self.loads * self.times.opening) / (self.workers * self.now)

    @property
    def fewest_loads(self) -> int:
        """What no order can spare that ends as soon as any could, which is when every worker opens one model alone.

        By then a worker has drawn for as long as all take on the average, so a model takes that many workers.
        """
        average = sum(self.drawing.values()) / self.workers
        return sum(math.ceil(seconds / average) for seconds in self.drawing.values())


def jobs(count: int, models: int, chance: random.Random) -> list[Job]:
    """So many plans, of models of which the nth is asked for an nth as often as the first, in no order."""
    named = [Model(name=f"model-{number}", family="sd1", path=f"{number}.safetensors") for number in range(models)]
    shares = [1 / (number + 1) for number in range(models)]
    drawn = chance.choices(named, shares, k=count)
    return [
        Job(plan=_plan(model, place), file=Path("cow.prompt"), folder=Path("out"), place=place)
        for place, model in enumerate(drawn)
    ]


def _plan(model: Model, seed: int) -> Plan:
    return replace(PLAIN, model=model, seed=seed)


def planner() -> bool:
    """The planner alone: seconds and memory for a hundred thousand plans."""
    given = jobs(PLANS, MODELS, random.Random(1))
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    began = time.process_time()
    found = batches(given, device="cpu")
    seconds = time.process_time() - began
    memory = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024
    print(f"planner: {PLANS:,} plans to {len(found):,} batches in {seconds:.2f} CPU s and {memory:.0f} MB more")
    print(f"         (claims: at most {PLAN_SECONDS:g} s and {PLAN_MEMORY} MB)")
    return seconds <= PLAN_SECONDS and memory <= PLAN_MEMORY


def simulation(workers: int, count: int) -> bool:
    """One run, simulated."""
    chance = random.Random(2)
    times = measured()
    planned: Sequence[Batch] = batches(jobs(count, MODELS, chance), device="cpu", exact=True)
    executor = Simulated(workers, times, chance)
    began = time.process_time()
    done = sum(1 for _ in results(executor, planned, set(), lambda pictures, calls, total: None))
    seconds = time.process_time() - began
    ratio = executor.loads / executor.fewest_loads
    middle = sorted(times.batches)[len(times.batches) // 2]
    print(
        f"{workers:,} workers, {count:,} batches of {middle:.3f} s, {MODELS} models that open in {times.opening:.2f} s:"
    )
    print(
        f"         {executor.used:.1%} of the time in use, {executor.loads:,} models opened, {ratio:.3f} of the fewest"
    )
    print(
        f"         (claims: at least {LEAST_USE:.0%}, at most {MOST_LOADS:g}); to place them took {seconds:.1f} CPU s"
    )
    return done == count and executor.used >= LEAST_USE and ratio <= MOST_LOADS


def main(arguments: Sequence[str]) -> int:
    """Measure, print, and say whether the claims hold."""
    workers, count = (int(each) for each in (*arguments, *map(str, (WORKERS, BATCHES)[len(arguments) :])))
    return 0 if all([planner(), simulation(workers, count)]) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
