"""How a picture is shared out between the model that begins it and the refiner that finishes it."""

from __future__ import annotations

from promptlang.plans.plan import Plan
from promptlang.tables.samplers import sampler

BEGUN = 0.8  # of the noise, as the owners of SDXL advise: what is left of it is what the refiner was trained on


def calls_again(plan: Plan) -> int:
    """How often the refiner may call again for what the first model has done: a step of two calls is begun anew where
    the first one stopped within it, which noise levels decide.
    """
    row = sampler(plan.sampler)
    return 1 if plan.refiner and row and row.calls_per_step == 2 else 0
