"""What one run of `promptlang render` has to do: the plans of its files, and the pictures of each."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from promptlang.files import shown
from promptlang.plans.plan import PATHS, Plan
from promptlang.refusals.named_files import as_repository, names_repository
from promptlang_runtime.executors.seeds import seeded, seeds_of
from promptlang_runtime.output.elsewhere import Elsewhere

if TYPE_CHECKING:
    from promptlang_runtime.output.finished import Lying


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """A plan with its seed, its file, its place and the line of its statement there, and the folder of its pictures.

    `names` are what its pictures will be called; where another run takes one meanwhile, it is the next that is free.
    `elsewhere` says who draws it, where that is not this renderer.
    """

    plan: Plan
    file: Path
    folder: Path
    place: int = 0
    line: int = 1
    names: tuple[Path, ...] = ()
    elsewhere: Elsewhere | None = None

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


def placed(plan: Plan, root: Path, *, elsewhere: bool = False) -> Plan:
    """The plan with the paths of its options where they count from.

    A VAE that is not there may name a repository, or one of the program that draws `elsewhere`.
    """
    counted = {name: str(root / path) for name in PATHS if (path := getattr(plan, name))}
    if plan.vae:
        counted["vae"] = _placed_vae(plan.vae, root, elsewhere=elsewhere)
    return replace(plan, **counted) if counted else plan


def _placed_vae(vae: str, root: Path, *, elsewhere: bool) -> str:
    if (root / vae).exists():  # what could be a repository stays a path where `root` is the current folder
        return os.path.join(root, vae) if names_repository(vae) else str(root / vae)
    if elsewhere:
        return vae
    return as_repository(vae) if names_repository(vae) else str(root / vae)


def lying_of(job: Job, picture: str, finished: Mapping[str, list[Lying]]) -> tuple[Lying | None, ...]:
    """For every picture of a job the one that lies there already, or none; a plan without a seed takes any of its own.

    `picture` names its pictures in `finished`, from which what is counted is taken: no picture stands for two.
    """
    lying = finished.get(picture, [])
    if job.plan.seed is None:
        taken = lying[: job.plan.images]
        del lying[: job.plan.images]
        return (*taken, *[None] * (job.plan.images - len(taken)))
    known = {each.seed: each for each in reversed(lying)}  # of several the first
    there = tuple(known.get(seed) for seed in seeds_of(job.plan))
    for each in filter(None, there):
        lying.remove(each)
    return there


def remaining(job: Job, there: Sequence[Lying | None]) -> Iterator[Job]:
    """What is left of a job without the pictures that are there."""
    missing = [place for place, each in enumerate(there) if each is None]
    names = tuple(job.names[place] for place in missing if job.names)
    if job.plan.seed is None or len(missing) == job.plan.images:
        if missing:
            yield replace(job, plan=replace(job.plan, images=len(missing)), names=names)
        return
    seeds = seeds_of(job.plan)
    for number, place in enumerate(missing):
        yield replace(job, plan=replace(job.plan, seed=seeds[place], images=1), names=names[number : number + 1])


def with_seed(job: Job) -> Job:
    """The job with a seed of its own, drawn now where the plan has none."""
    return replace(job, plan=seeded(job.plan))
