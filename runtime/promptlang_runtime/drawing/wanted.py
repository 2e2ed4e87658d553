"""One picture that is to be drawn, and which pictures can be drawn together."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import fields
from operator import attrgetter

from promptlang.plans.plan import Plan
from promptlang.tables.models.families import family
from promptlang.values import dataclass

SAID = ("positive", "negative", "weighting", "clip_skip", "guidance")
"""The fields of a plan that a row of a batch can have for itself: what the denoiser is told, and how strongly."""

APART = frozenset(
    {
        *("seed", "images", "command", "edition", "file_format", "format"),
        *("source", "expanded", "origins", "axes", "statement"),
    }
)
"""The fields that a batch is drawn without: seeds come one by one, and the others say what becomes of a picture."""

said = attrgetter(*SAID)
"""What the denoiser is told of a plan; plans that say the same are one plan to it."""

_shared = attrgetter(*(each.name for each in fields(Plan) if each.name not in {*APART, *SAID}))


@dataclass(frozen=True, slots=True)
class Wanted:
    """The plan of a picture, and the seed that its noise comes from."""

    plan: Plan
    seed: int


def shared(plan: Plan) -> Hashable:
    """All that pictures of one batch have in common; a field that is new to plans is common to them.

    Pipelines take one text a call: what they draw, draw again, or finish, has in common what is said, too.
    """
    pictures = (plan.image, plan.refiner, plan.hires, plan.control, plan.blend)
    mixes = family(plan.model.family).is_unet and all(each is None for each in pictures)
    return _shared(plan) if mixes else (_shared(plan), said(plan))
