"""A plan as a script that draws with diffusers alone: one file, to be read and changed."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

from promptlang.exporters.numbers import diffusers_guidance, guidance, loras, number, text_strength
from promptlang.exporters.targets import Written
from promptlang.exporters.words import plain_sides
from promptlang.models.names import is_model
from promptlang.plans.plan import Plan
from promptlang.tables.models.abilities import guides
from promptlang.tables.models.clip_skip import diffusers_clip_skip
from promptlang.tables.models.families import family, own_sampler
from promptlang.tables.models.family import Guides
from promptlang.tables.models.folders import Folder, folder_of
from promptlang.tables.samplers import OF_ONE_SAMPLER, sampler
from promptlang.tables.schedules import SCHEDULES

_TITLE = "diffusers"
_GUIDANCE, _TRUE_CFG = "guidance_scale", "true_cfg_scale"
_ANY = "DiffusionPipeline"  # which finds out by the folder what draws it


def script(plan: Plan) -> Written:
    """The whole file."""
    texts = plain_sides(plan, _TITLE)
    remarks = [*texts.remarks]
    lines = [
        '"""Draws the pictures of one prompt with diffusers."""',
        "",
        "import torch",
        f"from diffusers import {', '.join(sorted({_ANY, *_schedulers(plan), _opening(plan)[0]}))}",
        "",
        f"MODEL = {_text(plan.model.path or plan.model.name)}",
        f"PROMPT = {_text(texts.positive)}",
        f"NEGATIVE_PROMPT = {_text(texts.negative)}",
        f"SEED = {_seed(plan)}",
        f"IMAGES = {plan.images}",
        "",
        'device = "cuda" if torch.cuda.is_available() else "cpu"',
        'dtype = torch.float16 if device == "cuda" else torch.float32'
        if family(plan.model.family).is_unet
        else 'dtype = torch.bfloat16 if device == "cuda" else torch.float32',
        *_loading(plan, remarks),
        *_sampling(plan, remarks),
        *_networks(plan, remarks),
        "pipeline.to(device, dtype)",
        "",
        "for number in range(IMAGES):",
        '    generator = torch.Generator("cpu").manual_seed((SEED + number) % 2**64)',
        "    image = pipeline(",
        *(f"        {name}={value}," for name, value in _arguments(plan, remarks)),
        "    ).images[0]",
        f'    image.save(f"{{SEED + number}}.{plan.file_format}")',
    ]
    return Written("\n".join(lines) + "\n", tuple(remarks))


def _seed(plan: Plan) -> str:
    return str(plan.seed) if plan.seed is not None else "torch.seed() % 2**32"


def _text(text: str) -> str:
    """Python's text of any words."""
    return json.dumps(text, ensure_ascii=True)


def _opening(plan: Plan) -> tuple[str, str]:
    """The class that opens the model, and how; a single file names no class, so the family does."""
    known = _pipeline(plan)
    if known and known.opens_files and _is_file(plan):
        return known.pipeline, "from_single_file"
    return _ANY, "from_pretrained"


def _is_file(plan: Plan) -> bool:
    return plan.model.path is not None and is_model(Path(plan.model.path))


def _pipeline(plan: Plan) -> Folder | None:
    """What draws the family, where it is drawn."""
    return folder_of(plan.model.family, plan.model.variant) if family(plan.model.family).rendered else None


def _loading(plan: Plan, remarks: list[str]) -> Iterator[str]:
    known = _pipeline(plan)
    if known is None:
        remarks.append(f"no pipeline of {_TITLE} is known for the family `{plan.model.family}`")
    elif _is_file(plan) and not known.opens_files:
        remarks.append(f"`{known.pipeline}` of {_TITLE} opens no single file: name a folder under MODEL")
    if plan.model.path is None:
        remarks.append(f"where `{plan.model.name}` lies is not known: name its folder or file under MODEL")
    if plan.model.text_encoders or plan.model.vae:
        remarks.append("the model is made of several files, and the script opens the first: name a folder under MODEL")
    yield f"pipeline = {'.'.join(_opening(plan))}(MODEL)"


def _schedulers(plan: Plan) -> tuple[str, ...]:
    row = sampler(plan.sampler)
    if row is None:
        return ()
    if family(plan.model.family).is_unet:
        return (row.scheduler,)
    return (row.flow,) if row.flow and plan.sampler != family(plan.model.family).sampler else ()


def _sampling(plan: Plan, remarks: list[str]) -> Iterator[str]:
    """The sampler, with the noise levels of the model's own."""
    row, found = sampler(plan.sampler), _schedulers(plan)
    is_unet = family(plan.model.family).is_unet
    if not is_unet and plan.schedule:
        remarks.append(f"the script leaves the schedule to the model, and `{plan.schedule}` out")
    if plan.sampler == own_sampler(family(plan.model.family), plan.model.variant):
        return
    if not found or row is None:
        if row is None or (not is_unet and not row.flow):
            remarks.append(f"{_TITLE} has no sampler `{plan.sampler}` for it, and the model's own draws")
        return
    schedule = SCHEDULES.get(plan.schedule or "")
    beside = (schedule.settings if schedule else ()) if is_unet else row.flow_settings
    settings = {**dict(row.settings), **dict(beside)}
    given = "".join(f", {name}={value!r}" for name, value in settings.items())
    yield f"of_one_sampler = {OF_ONE_SAMPLER!r}"
    yield "config = {name: value for name, value in pipeline.scheduler.config.items() if name not in of_one_sampler}"
    yield f"pipeline.scheduler = {found[0]}.from_config(config{given})"


def _networks(plan: Plan, remarks: list[str]) -> Iterator[str]:
    found = loras(plan)
    for place, each in enumerate(found):
        if each.path is None:
            remarks.append(f"where `{each.name}` lies is not known: name its file in the script")
        if text_strength(each) != each.weight:
            remarks.append(f"`{each.name}` has one strength in the script, that on the denoiser")
        yield f'pipeline.load_lora_weights({_text(each.path or each.name)}, adapter_name="lora{place}")'
    if found:
        names = [f"lora{place}" for place in range(len(found))]
        yield f"pipeline.set_adapters({names!r}, {[number(each.weight) for each in found]!r})"


def _arguments(plan: Plan, remarks: list[str]) -> Iterator[tuple[str, str]]:
    """What the pipeline is called with."""
    row, guided, known = family(plan.model.family), guidance(plan), _pipeline(plan)
    called = known.guidance if known else _GUIDANCE
    how = guides(row, plan.model.variant)
    yield "prompt", "PROMPT"
    is_guided = how is Guides.CLASSIFIER_FREE or (how is Guides.EMBEDDED and guided.cfg > 1)
    if is_guided:
        # Pipelines with true CFG alone guide nothing where no negative prompt is given.
        yield "negative_prompt", 'NEGATIVE_PROMPT or " "' if called == _TRUE_CFG else "NEGATIVE_PROMPT"
    if guided.embedded is not None:
        yield _GUIDANCE, str(number(guided.embedded))
        if is_guided:
            yield _TRUE_CFG, str(number(guided.cfg))
    else:
        yield called, str(diffusers_guidance(plan))
    yield "num_inference_steps", str(plan.steps)
    yield "width", str(plan.size[0])
    yield "height", str(plan.size[1])
    skip = None if plan.clip_skip is None else diffusers_clip_skip(row, plan.clip_skip)
    if skip is not None:
        yield "clip_skip", str(skip)
        if is_guided and guided.cfg > 1:
            remarks.append(f"{_TITLE} reads the negative prompt at the last layer, whatever `/clipskip` says")
    if plan.rescale:
        yield "guidance_rescale", str(number(plan.rescale))
    if known:
        yield from ((name, str(value)) for name, value in known.settings)
        if known.midway and plan.steps != 2:  # it has a moment between two steps, and asks for two then
            yield known.midway, "None"
    yield "generator", "generator"
