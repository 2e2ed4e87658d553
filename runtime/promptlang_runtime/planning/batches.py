"""Jobs to batches: models and networks one after the other, and together what a family draws at once."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator
from pathlib import Path

from promptlang.plans.enlarging import drawn_size
from promptlang.plans.plan import Model, Plan
from promptlang.values import dataclass
from promptlang_runtime.drawing.wanted import Wanted, shared
from promptlang_runtime.executors.limits import at_once
from promptlang_runtime.executors.seeds import seeds_of
from promptlang_runtime.planning.jobs import Job


@dataclass(frozen=True, slots=True)
class Share:
    """Pictures of one job in a batch, by their places among its own."""

    job: Job
    places: range

    @property
    def seeds(self) -> tuple[int, ...]:
        """What they are drawn from."""
        return seeds_of(self.job.plan)[self.places.start : self.places.stop]

    @property
    def names(self) -> tuple[Path, ...]:
        """What they will be called."""
        return self.job.names[self.places.start : self.places.stop]

    @property
    def wanted(self) -> tuple[Wanted, ...]:
        """The pictures, one by one."""
        return tuple(Wanted(self.job.plan, seed) for seed in self.seeds)


Batch = tuple[Share, ...]
"""What is drawn at once."""


def batches(jobs: Iterable[Job], *, device: str, exact: bool = False, most: int | None = None) -> tuple[Batch, ...]:
    """The jobs in the order that opens least: by model, by the files of networks, then by what a batch has in common.

    Each comes where its first job does. `exact` keeps every picture alone; `device` says how many fit, and `most` how
    many a batch may have whatever fits, lest some workers get none.
    """
    groups: dict[Model, dict[Hashable, dict[Hashable, list[Share]]]] = {}
    for job in jobs:
        of_model = groups.setdefault(job.plan.model, {})
        alike = of_model.setdefault(files_of(job.plan), {}).setdefault(shared(job.plan), [])
        alike.append(Share(job, range(job.plan.images)))
    found: list[Batch] = []
    for of_model in groups.values():
        for of_files in of_model.values():
            for alike in of_files.values():
                fit = 1 if exact else at_once(drawn_size(alike[0].job.plan), device)
                found += _divided(alike, min(fit, most or fit))
    return tuple(found)


def files_of(plan: Plan) -> Hashable:
    """The files that are put into the model for a plan, whatever their strengths."""
    networks = tuple((each.kind, each.name, each.path) for each in plan.networks)
    return plan.vae, plan.control_net, plan.blend_adapter, plan.blend_encoder, networks


def _divided(shares: Iterable[Share], most: int) -> Iterator[Batch]:
    """Shares in order, at most so many pictures a batch; a share may be cut in two."""
    batch: list[Share] = []
    room = most
    for share in shares:
        left = share.places
        while left:
            batch.append(Share(share.job, left[:room]))
            left, room = left[room:], room - len(left[:room])
            if not room:
                yield tuple(batch)
                batch, room = [], most
    if batch:
        yield tuple(batch)
