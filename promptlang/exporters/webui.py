"""A plan for stable-diffusion-webui: the text that its pictures hold, and what its API is sent."""

from __future__ import annotations

from promptlang.exporters.infotext import changing, prompts, sampler_name, schedule_name, vae_name, vae_of
from promptlang.exporters.infotext import infotext as text_of
from promptlang.exporters.numbers import guidance, layer, number
from promptlang.exporters.targets import Written, as_json
from promptlang.exporters.words import sides
from promptlang.plans.enlarging import second_steps, second_strength, upscaler_of
from promptlang.plans.plan import Plan
from promptlang.tables.dialects import A1111
from promptlang.tables.models.clip_skip import A1111_HIGHEST_CLIP_SKIP, a1111_clip_skip
from promptlang.tables.samplers import sampler

_TITLE = "stable-diffusion-webui"
_RANDOM = -1


def infotext(plan: Plan) -> Written:
    """Prompt, negative prompt and settings, as webui's pictures hold them."""
    seed = _RANDOM if plan.seed is None else plan.seed
    return Written(text_of(plan, seed), _remarks(plan))


def payload(plan: Plan) -> Written:
    """The body of a request to `/sdapi/v1/txt2img`."""
    positive, negative = prompts(plan)
    guided = guidance(plan)
    settings: dict[str, object] = {"sd_model_checkpoint": plan.model.name}
    if (skip := layer(plan)) is not None:
        settings["CLIP_stop_at_last_layers"] = a1111_clip_skip(skip)
    if vae := vae_of(plan):
        settings["sd_vae"] = vae_name(vae)
    data: dict[str, object] = {
        "prompt": positive,
        "negative_prompt": negative,
        "steps": plan.steps,
        "sampler_name": sampler_name(plan),
        "scheduler": schedule_name(plan) or "Automatic",
        "cfg_scale": number(guided.cfg),
        "width": plan.size[0],
        "height": plan.size[1],
        "seed": _RANDOM if plan.seed is None else plan.seed,
        "n_iter": plan.images,
        "override_settings": settings,
    }
    if guided.embedded is not None:
        data["distilled_cfg_scale"] = number(guided.embedded)
    if plan.hires is not None:
        data |= {
            "enable_hr": True,
            "hr_scale": number(plan.hires),
            "hr_second_pass_steps": second_steps(plan),
            "hr_upscaler": upscaler_of(plan).webui,
            "denoising_strength": second_strength(plan),
        }
    return as_json(data, _remarks(plan))


def _remarks(plan: Plan) -> tuple[str, ...]:
    row = sampler(plan.sampler)
    found = [*sides(plan, A1111.name, _TITLE, mixes=changing(plan) is not None).remarks]
    if row is None or not row.webui:
        found.append(f"{_TITLE} has no sampler `{plan.sampler}`")
    skip = layer(plan)
    if skip is not None and a1111_clip_skip(skip) != skip:
        found.append(f"{_TITLE} takes a clip skip of {A1111_HIGHEST_CLIP_SKIP} at most, and is told that")
    return tuple(found)
