"""A plan as the comment that NovelAI reads from a picture."""

from __future__ import annotations

import json

from promptlang.exporters.numbers import number, sampler_name
from promptlang.exporters.targets import Written, as_json
from promptlang.exporters.words import sides
from promptlang.importers.programs.novelai import SAMPLERS
from promptlang.plans.plan import Plan
from promptlang.tables.dialects import NOVELAI

_TITLE = "NovelAI"
_NAMES = ("k_euler", "k_euler_ancestral", *SAMPLERS)
_SCHEDULES = ("karras", "exponential")
_NATIVE = "native"


def comment(plan: Plan) -> Written:
    """The comment, and the model beside it, as the texts of a picture hold them."""
    texts, name = sides(plan, NOVELAI.name, _TITLE), sampler_name(plan, _NAMES, SAMPLERS)
    remarks = list(texts.remarks)
    if not name:
        remarks.append(f"{_TITLE} has no sampler `{plan.sampler}`")
    if plan.schedule and plan.schedule not in _SCHEDULES:
        remarks.append(f"{_TITLE} has no schedule `{plan.schedule}`")
    data: dict[str, object] = {
        "prompt": texts.positive,
        "uc": texts.negative,
        "steps": plan.steps,
        "width": plan.size[0],
        "height": plan.size[1],
        "scale": number(plan.guidance),
        "cfg_rescale": number(plan.rescale or 0),
        "n_samples": plan.images,
        "noise_schedule": plan.schedule or _NATIVE,
        "sampler": name or plan.sampler,
    }
    if plan.seed is not None:
        data["seed"] = plan.seed
    whole = {
        "Software": _TITLE,
        "Source": plan.model.name,
        "Description": texts.positive,
        "Comment": json.dumps(data, ensure_ascii=False),
    }
    return as_json(whole, remarks)
