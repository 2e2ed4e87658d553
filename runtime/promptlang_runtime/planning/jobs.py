"""What one run of `promptlang render` has to do: the plans of its files, and the pictures of each."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from promptlang.files import shown
from promptlang.plans.plan import Plan
from promptlang_runtime.executors.seeds import seeded, seeds_of

if TYPE_CHECKING:
    from promptlang_runtime.output.files import Lying


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """A plan with its seed, its file, its place and the line of its statement there, and the folder of its pictures."""

    plan: Plan
    file: Path
    folder: Path
    place: int = 0
    line: int = 1

    @property
    def shown(self) -> str:
        """File and line, as messages point at them."""
        return f"{shown(self.file)}:{self.line}"

    @property
    def key(self) -> tuple[Path, int]:
        """What tells it from the other jobs of a run."""
        return self.file, self.place

    @property
    def stem(self) -> str:
        """What the names of its pictures begin with."""
        return self.file.stem or "picture"


def placed(plan: Plan, root: Path) -> Plan:
    """The plan with the paths of its options where they count from; a VAE that is no file there stays a name."""
    image, vae = plan.image and str(root / plan.image), plan.vae
    if vae and (root / vae).exists():
        vae = str(root / vae)
    return replace(plan, image=image, vae=vae) if (image, vae) != (plan.image, plan.vae) else plan


def remaining(job: Job, picture: str, finished: Mapping[str, list[Lying]]) -> tuple[tuple[Job, ...], tuple[Lying, ...]]:
    """What is left of a job, and its pictures that lie there already; a plan without a seed takes any of its own.

    `picture` names its pictures in `finished`, from which what is counted is taken: no picture stands for two.
    """
    lying = finished.get(picture, [])
    if job.plan.seed is None:
        taken = tuple(lying[: job.plan.images])
        del lying[: job.plan.images]
        missing = job.plan.images - len(taken)
        return (replace(job, plan=replace(job.plan, images=missing)),) if missing else (), taken
    seeds = seeds_of(job.plan)
    known = {each.seed: each for each in reversed(lying)}  # of several the first
    taken = tuple(known[seed] for seed in seeds if seed in known)
    for each in taken:
        lying.remove(each)
    if not taken:
        return (job,), ()
    missing_seeds = (seed for seed in seeds if seed not in known)
    return tuple(replace(job, plan=replace(job.plan, seed=seed, images=1)) for seed in missing_seeds), taken


def with_seed(job: Job) -> Job:
    """The job with a seed of its own, drawn now where the plan has none."""
    return replace(job, plan=seeded(job.plan))
