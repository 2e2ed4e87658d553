"""A plan as the metadata that InvokeAI recalls: `CoreMetadata` of version 5, as a PNG holds it."""

from __future__ import annotations

from promptlang.exporters.numbers import guidance, layers_left_out, loras, number, sampler_name
from promptlang.exporters.targets import Written, as_json
from promptlang.exporters.words import sides
from promptlang.importers.programs.invoke import SCHEDULERS
from promptlang.plans.plan import Plan
from promptlang.tables.dialects import COMPEL

_TITLE = "InvokeAI"
_BASES = {"sd1": "sd-1", "sd2": "sd-2", "sdxl": "sdxl", "sd3": "sd-3"}
_KARRAS = "karras"
_NAMES = ("ddim", "ddpm", "deis", "heun", "lcm", "tcd", "dpmpp_2m", "dpmpp_2m_sde", "dpmpp_sde", "pndm", *SCHEDULERS)


def metadata(plan: Plan) -> Written:
    """The metadata as JSON."""
    texts, guided = sides(plan, COMPEL.name, _TITLE), guidance(plan)
    base = _BASES.get(plan.model.family, plan.model.family)
    scheduler, remarks = _scheduler(plan)
    data: dict[str, object] = {
        "generation_mode": f"{'sdxl_' if base == 'sdxl' else ''}txt2img",
        "positive_prompt": texts.positive,
        "negative_prompt": texts.negative,
        "width": plan.size[0],
        "height": plan.size[1],
        "rand_device": "cpu",
        "cfg_scale": number(guided.cfg),
        "steps": plan.steps,
        "scheduler": scheduler,
        "model": {"name": plan.model.name, "base": base, "type": "main"},
    }
    if plan.seed is not None:
        data["seed"] = plan.seed
    if guided.embedded is not None:
        data["guidance"] = number(guided.embedded)
    if plan.rescale:
        data["cfg_rescale_multiplier"] = number(plan.rescale)
    if (skip := layers_left_out(plan)) is not None:
        data["clip_skip"] = skip
    if plan.vae:
        data["vae"] = {"name": plan.vae, "base": base, "type": "vae"}
    if plan.strength is not None:
        data["strength"] = number(plan.strength)
    if "withLora" not in texts.positive:
        data["loras"] = [{"model": {"name": each.name}, "weight": number(each.weight)} for each in loras(plan)]
    return as_json(data, (*texts.remarks, *remarks))


def _scheduler(plan: Plan) -> tuple[str, tuple[str, ...]]:
    """InvokeAI's name of the sampler, and of the schedule with it."""
    name = sampler_name(plan, _NAMES, SCHEDULERS)
    if not name:
        return plan.sampler, (f"{_TITLE} has no sampler `{plan.sampler}`",)
    if plan.schedule == _KARRAS:
        return f"{name}_k", ()
    if plan.schedule:
        return name, (f"{_TITLE} is not told the schedule `{plan.schedule}`",)
    return name, ()
