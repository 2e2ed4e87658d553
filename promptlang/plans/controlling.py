"""How strongly, and for which share of the steps, a ControlNet holds a picture."""

from __future__ import annotations

from promptlang.plans.plan import Plan


def control_strength(plan: Plan) -> float:
    """What is added of what the ControlNet says."""
    return 1.0 if plan.control_strength is None else plan.control_strength


def control_shares(plan: Plan) -> tuple[float, float]:
    """After which share of the steps it begins to hold, and after which it lets go."""
    return plan.control_start or 0.0, 1.0 if plan.control_end is None else plan.control_end
