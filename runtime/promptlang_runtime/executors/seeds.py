"""The numbers that pictures are drawn from."""

from __future__ import annotations

import secrets
from dataclasses import replace

from promptlang.plans.plan import Plan
from promptlang.tables.options.picture import SEEDS

DRAWN_SEEDS = 2**32  # drawn seeds stay short enough to type


def seeded(plan: Plan) -> Plan:
    """The plan with a seed: its own, or one drawn now."""
    return plan if plan.seed is not None else replace(plan, seed=secrets.randbelow(DRAWN_SEEDS))


def seeds_of(plan: Plan) -> tuple[int, ...]:
    """The seeds of a plan's pictures; after the largest comes 0."""
    return tuple(((plan.seed or 0) + place) % SEEDS for place in range(plan.images))
