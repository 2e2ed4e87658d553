"""What pictures cost on this machine, as measured while they were drawn; a small file, safe to delete."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable
from contextlib import contextmanager
from pathlib import Path

from promptlang.plans.remixing import calls_of
from promptlang.remembered import keep, place, recalled
from promptlang.values import dataclass, field
from promptlang_runtime.planning.batches import Batch

FORMAT = "promptlang costs 2"
_MOST = 2**62  # seconds, bytes or pictures: more was never measured
MODELS = 1000  # the last that were drawn with
REMEMBERED = 60  # seconds of drawing that count as much as all that is drawn next: machines are busy now and then
CALL = 8192  # pixels that take as long as all that a call costs beside them: the bundled model on a CPU, 64 to 256 wide


@dataclass(frozen=True, slots=True)
class Cost:
    """Of a model on a device: seconds for a pixel at a call, and the most bytes of memory that drawing has held.

    `drawn` are the seconds that it was measured for, of which the last count.
    """

    seconds: float
    memory: int
    drawn: float


@dataclass(frozen=True, slots=True)
class Estimate:
    """Seconds and bytes, and how many batches they speak for: those of models that were drawn with before."""

    seconds: float
    memory: int
    batches: int


@dataclass(slots=True)
class Costs:
    """What is known, by model and device, and where it is kept."""

    device: str
    path: Path = field(default_factory=lambda: place("costs"))
    known: dict[str, Cost] = field(default_factory=dict[str, Cost])

    def measured(self, batch: Batch, seconds: float, memory: int) -> None:
        """Learn from a batch, which counts by how long it took."""
        key = self._key(batch)
        before = self.known.pop(key, Cost(0, 0, 0))
        drawn = min(before.drawn, REMEMBERED)
        work = max(1, _work(batch)) + (drawn / before.seconds if before.seconds else 0)
        self.known[key] = Cost((drawn + seconds) / work, max(before.memory, memory), drawn + seconds)

    def estimate(self, planned: Iterable[Batch]) -> Estimate:
        """What batches will cost, without the opening of models."""
        found = [(batch, cost) for batch in planned if (cost := self.known.get(self._key(batch)))]
        return Estimate(
            sum(cost.seconds * _work(batch) for batch, cost in found),
            max((cost.memory for _, cost in found), default=0),
            len(found),
        )

    def beside(self) -> Callable[[Batch], float]:
        """What batches cost beside each other, by what is known now: a model that is new here costs what others do."""
        known = {key: each.seconds for key, each in self.known.items()}
        usual = sum(known.values()) / len(known) if known else 1.0
        return lambda batch: known.get(self._key(batch), usual) * _work(batch)

    def save(self) -> None:
        """Keep it for the next run; where that is not possible the next one measures again."""
        models = {key: [each.seconds, each.memory, each.drawn] for key, each in list(self.known.items())[-MODELS:]}
        keep(self.path, FORMAT, "models", models)

    def _key(self, batch: Batch) -> str:
        model = batch[0].job.plan.model
        return f"{model.family} {model.name} {self.device}"


def known_costs(device: str) -> Costs:
    """What earlier runs measured; a file that is cut short, foreign or of another version is as good as none."""
    costs = Costs(device)
    found = {key: _cost(value) for key, value in recalled(costs.path, FORMAT, "models").items()}
    costs.known = {key: cost for key, cost in found.items() if cost}
    return costs


@contextmanager
def measuring(device: str) -> Generator[Costs]:
    """What is known, to learn more, which is kept at the end."""
    costs = known_costs(device)
    try:
        yield costs
    finally:
        costs.save()


def _cost(value: object) -> Cost | None:
    match value:
        case [int() | float() as seconds, int(memory), int() | float() as drawn] if all(
            0 <= each <= _MOST for each in (seconds, memory, drawn)
        ):
            return Cost(seconds, memory, drawn)
        case _:
            return None


def _work(batch: Batch) -> int:
    """Pixels times calls, of all pictures, and what calls cost however small they are; decoding is about one more."""
    return (calls_of(batch[0].job.plan) + 1) * CALL + sum(
        (calls_of(plan) + 1) * plan.size[0] * plan.size[1] * len(share.places)
        for share in batch
        for plan in (share.job.plan,)
    )
