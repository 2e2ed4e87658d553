"""A plan as the parameters that SwarmUI reads from a picture."""

from __future__ import annotations

from promptlang.exporters.numbers import guidance, layer, loras, number, text_strength
from promptlang.exporters.targets import Written, as_json
from promptlang.exporters.words import sides
from promptlang.importers.programs.swarm import KEY, called
from promptlang.plans.plan import Plan
from promptlang.tables.dialects import SWARM
from promptlang.tables.models.clip_skip import comfy_clip_layer
from promptlang.tables.samplers import sampler

_TITLE = "SwarmUI"


def parameters(plan: Plan) -> Written:
    """The parameters as JSON."""
    texts, guided, row = sides(plan, SWARM.name, _TITLE), guidance(plan), sampler(plan.sampler)
    data: dict[str, object] = {
        "prompt": texts.positive,
        "negativeprompt": texts.negative,
        "model": plan.model.name,
        "images": plan.images,
        "steps": plan.steps,
        "cfgscale": number(guided.cfg),
        "width": plan.size[0],
        "height": plan.size[1],
        "sampler": (row.comfy if row else "") or plan.sampler,
    }
    if plan.seed is not None:
        data["seed"] = plan.seed
    if plan.schedule:
        data["scheduler"] = plan.schedule
    if guided.embedded is not None:
        data["fluxguidancescale"] = number(guided.embedded)
    if plan.vae:
        data["vae"] = plan.vae
    if (skip := layer(plan)) is not None:
        data["clipstopatlayer"] = comfy_clip_layer(skip)
    in_words = called(texts.positive, texts.negative)
    if found := [each for each in loras(plan) if each.name not in in_words]:
        data["loras"] = [each.name for each in found]
        data["loraweights"] = [f"{each.weight:g}" for each in found]
        data["loratencweights"] = [f"{text_strength(each):g}" for each in found]
    remarks = () if row and row.comfy else (f"{_TITLE} has no sampler `{plan.sampler}`",)
    return as_json({KEY: data}, (*texts.remarks, *remarks))
