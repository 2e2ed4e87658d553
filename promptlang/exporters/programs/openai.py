"""A plan as a request to an OpenAI images endpoint, with what vLLM-Omni and SGLang take beside, and Dynamo apart."""

from __future__ import annotations

from promptlang.exporters.numbers import diffusers_guidance, loras, number
from promptlang.exporters.targets import Written, as_json
from promptlang.exporters.words import Sides, plain_sides
from promptlang.plans.plan import Plan

_TITLE = "an OpenAI images endpoint"
_DYNAMO = "NVIDIA Dynamo"
_FORMATS = {"jpg": "jpeg"}
_APART = ("negative_prompt", "num_inference_steps", "guidance_scale", "seed")
"""What Dynamo reads in a record of its own; beside that it takes them and does not look at them."""


def request(plan: Plan) -> Written:
    """The body of `POST /v1/images/generations`."""
    texts = plain_sides(plan, _TITLE)
    data = _shared(plan, texts)
    if plan.true_cfg is not None:
        data["true_cfg_scale"] = number(plan.true_cfg)
    found = loras(plan)
    if found:
        data["lora"] = {"name": found[0].name, "scale": number(found[0].weight)}
        if found[0].path:
            data["lora"] = {"local_path": found[0].path, "name": found[0].name, "scale": number(found[0].weight)}
    remarks = [*texts.remarks]
    remarks += (f"{_TITLE} takes one LoRA, so `{each.name}` is left out" for each in found[1:])
    return as_json(data, remarks)


def dynamo(plan: Plan) -> Written:
    """The same for Dynamo."""
    texts = plain_sides(plan, _DYNAMO)
    data = _shared(plan, texts)
    apart = {name: data.pop(name) for name in _APART if name in data}
    return as_json({**data, "nvext": apart}, texts.remarks)


def _shared(plan: Plan, texts: Sides) -> dict[str, object]:
    """What every such endpoint is told."""
    data: dict[str, object] = {
        "model": plan.model.name,
        "prompt": texts.positive,
        "n": plan.images,
        "size": f"{plan.size[0]}x{plan.size[1]}",
        "response_format": "b64_json",
        "num_inference_steps": plan.steps,
        "guidance_scale": diffusers_guidance(plan),
    }
    if texts.negative:
        data["negative_prompt"] = texts.negative
    if plan.seed is not None:
        data["seed"] = plan.seed
    if plan.file_format != "png":
        data["output_format"] = _FORMATS.get(plan.file_format, plan.file_format)
    return data
