"""How strongly another picture counts in the prompt, and where the encoder lies that looks at it."""

from __future__ import annotations

import os

from promptlang.plans.plan import Plan
from promptlang.tables.options.blending import DEFAULT_BLEND_STRENGTH

BESIDE = "image_encoder"
"""The folder of the encoder beside its adapter, as IP-Adapters are published."""


def blend_strength(plan: Plan) -> float:
    """What is added of what the adapter says."""
    return DEFAULT_BLEND_STRENGTH if plan.blend_strength is None else plan.blend_strength


def encoder_beside(adapter: str) -> str:
    """Where the encoder of an adapter lies that no option names."""
    return os.path.join(os.path.dirname(adapter), BESIDE)


def encoder_place(plan: Plan) -> str | None:
    """The folder of the image encoder; None where nothing is blended."""
    if plan.blend is None or plan.blend_adapter is None:
        return None
    return plan.blend_encoder or encoder_beside(plan.blend_adapter)
