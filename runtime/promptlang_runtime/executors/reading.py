"""Which fields of a plan the renderer draws by: what it does not know, it refuses rather than leaves out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import MISSING, fields
from types import MappingProxyType

from promptlang.plans.json import verify
from promptlang.plans.plan import Plan
from promptlang.refusals.limits import plan_refusal
from promptlang_runtime.errors import RenderError, refuse

READ = frozenset(
    {
        *("axes", "clip_skip", "file_format", "freeu", "guidance", "image", "images", "mask", "model", "negative"),
        *("networks", "positive", "sampler", "schedule", "seed", "size", "source", "statement", "steps", "strength"),
        *("control", "control_net", "control_image", "control_strength", "control_start", "control_end"),
        *("blend", "blend_adapter", "blend_encoder", "blend_strength"),
        *("hires", "hires_steps", "hires_strength", "hires_upscaler"),
        *("arithmetic", "dialect", "refiner", "rescale", "true_cfg", "vae", "weighting"),
    }
)
"""The fields that something here reads."""

NOT_READ: Mapping[str, str] = MappingProxyType(
    {
        "command": "what it means stands in the other fields",
        "edition": "so does this",
        "expanded": "what was made of the words stands in `positive`",
        "format": "`verify` has looked at it",
        "origins": "where values come from changes no picture",
    }
)
"""The fields that are not read, and why the picture is right all the same."""


def refuse_invalid(plan: Plan) -> None:
    """Raises RenderError where a plan breaks a rule of plans, or asks for what nothing here looks at."""
    if problems := verify(plan):
        raise RenderError(f"not a valid plan: {problems[0]}")
    refuse_unread(plan)


def refuse_unread(plan: Plan) -> None:
    """Raise RenderError where the plan asks for something that nothing here looks at, or its model knows nothing of."""
    refuse(plan_refusal(plan))
    for each in fields(plan):
        if each.name in READ or each.name in NOT_READ:
            continue
        if each.default is MISSING or getattr(plan, each.name) != each.default:
            option = each.name.replace("_", "-")
            raise RenderError(f"`{option}` of the plan is nothing that is drawn here", f"leave `/{option}` out")
