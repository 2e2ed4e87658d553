"""Pictures without a model: a colour for each seed."""

from __future__ import annotations

from collections.abc import Iterator

from PIL import Image

from promptlang.plans.plan import Plan
from promptlang_runtime.executors.seeds import seeds_of


def painted(plan: Plan, **_: object) -> Iterator[Image.Image]:
    """One picture for each seed of the plan, in the size it asks for."""
    for seed in seeds_of(plan):
        picture = Image.new("RGB", plan.size, ("red", "green", "blue", "gold", "navy")[seed % 5])
        picture.info.update(seed=seed, seconds=0.0)
        yield picture
