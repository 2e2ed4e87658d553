"""A plan as a graph of ComfyUI: loaders, what changes the model on its way, both sides of the prompt, the sampler."""

from __future__ import annotations

import json
from pathlib import Path

from promptlang.exporters.comfyui.graph import TITLE, Graph, Output
from promptlang.exporters.comfyui.loaders import CHECKPOINT, LOADERS, Loader
from promptlang.exporters.comfyui.page import page
from promptlang.exporters.comfyui.pictures import begun, held, twice
from promptlang.exporters.numbers import guidance, layer, loras, number, text_strength
from promptlang.exporters.targets import Written, as_json
from promptlang.exporters.words import sides, written
from promptlang.importers.comfyui.graph import of_api
from promptlang.importers.json_text import parsed
from promptlang.models.evidence.records import Record
from promptlang.models.names import is_model
from promptlang.plans.plan import Conditioning, Plan
from promptlang.tables.dialects import COMFY
from promptlang.tables.endings import SAFETENSORS
from promptlang.tables.models.clip_skip import comfy_clip_layer
from promptlang.tables.models.families import UNKNOWN, family
from promptlang.tables.models.family import V_PREDICTION
from promptlang.tables.samplers import calls, sampler

_MOST_SEGMENTS = 32


def graph(plan: Plan) -> Written:
    """The graph in the form that runs."""
    made = _made(plan)
    return as_json(made.nodes, made.remarks)


def workflow(plan: Plan) -> Written:
    """The graph as the page opens it."""
    made = _made(plan)
    read = parsed(json.dumps(made.nodes))
    assert isinstance(read, Record)
    return as_json(page(of_api(read)), made.remarks)


def _made(plan: Plan) -> Graph:
    made = Graph()
    loader = _loader(made, plan)
    model, clip, vae = _loaded(made, plan, loader)
    model, clip = _changed(made, plan, loader, model, clip)
    guided = guidance(plan)
    texts = sides(plan, COMFY.name, TITLE, mixes=True)
    made.remarks += texts.remarks
    positive, share = _side(made, plan, plan.positive, texts.positive or loader.empty, clip)
    if guided.embedded is not None:
        positive = made.add("FluxGuidance", conditioning=positive, guidance=number(guided.embedded))
    negative, _ = _side(made, plan, plan.negative, texts.negative or loader.empty, clip)
    row = sampler(plan.sampler)
    if row is None or not row.comfy:
        made.remarks.append(f"{TITLE} has no sampler `{plan.sampler}`: `euler` stands in its place")
    if plan.schedule is None:
        made.remarks.append(f"{TITLE} needs a schedule, and is told `{loader.schedule}`")
    if plan.seed is None:
        made.remarks.append("no seed is written, and the graph has 0")
    positive, negative = held(made, plan, positive, negative, vae)
    start = begun(made, plan, loader.latent, vae, positive, negative)
    settings: dict[str, object] = {
        "model": model,
        "positive": start.positive,
        "negative": start.negative,
        "seed": plan.seed or 0,
        "cfg": number(guided.cfg * share),
        "sampler_name": (row.comfy if row else "") or "euler",
        "scheduler": plan.schedule or loader.schedule,
    }
    denoise = 1 if plan.strength is None else number(plan.strength)
    drawn = made.add("KSampler", **settings, latent_image=start.latent, steps=plan.steps, denoise=denoise)
    if plan.hires is not None:
        drawn = twice(made, plan, drawn, vae, settings)
    picture = made.add("VAEDecode", samples=drawn, vae=vae)
    made.add("SaveImage", images=picture, filename_prefix="promptlang")
    return made


def _loader(made: Graph, plan: Plan) -> Loader:
    """How the model is loaded; as a checkpoint, with a remark, where no other way is known."""
    row = family(plan.model.family)
    if row.name not in LOADERS and not row.is_unet and row is not UNKNOWN:
        made.remarks.append(f"how {TITLE} loads {row.title} is not known here, so the graph opens a checkpoint")
    return LOADERS.get(row.name, CHECKPOINT)


def _loaded(made: Graph, plan: Plan, loader: Loader) -> tuple[Output, Output, Output]:
    """The model, its text encoder and its VAE, out of one file or of several."""
    name = _file(plan.model.name, plan.model.path)
    if plan.model.path and not is_model(Path(plan.model.path)):
        made.remarks.append(f"`{plan.model.name}` is a folder, and {TITLE} is told the name of a file: `{name}`")
    encoders = tuple(Path(each).name for each in plan.model.text_encoders)
    if not loader.clip:
        node = made.add("CheckpointLoaderSimple", ckpt_name=name)
        vae: Output = [node[0], 2]
        if plan.vae:
            vae = made.add("VAELoader", vae_name=_file(plan.vae, None))
        return node, [node[0], 1], vae
    if not encoders:
        made.remarks.append(
            f"the files of its text encoders and its VAE are not known: those of {TITLE}'s templates are named"
        )
    model = made.add("UNETLoader", unet_name=name, weight_dtype="default")
    files = encoders or loader.encoders
    names = (
        {"clip_name": files[0]}
        if loader.clip == "CLIPLoader"
        else {f"clip_name{at}": each for at, each in enumerate(files, 1)}
    )
    clip = made.add(loader.clip, **names, type=loader.kind, device="default")
    known = plan.vae or plan.model.vae
    vae = made.add("VAELoader", vae_name=Path(known).name if known else loader.vae)
    return model, clip, vae


def _file(name: str, path: str | None) -> str:
    """The name of a model's file, as ComfyUI's folders show it."""
    if path and is_model(Path(path)):
        return Path(path).name
    return name if is_model(Path(name)) else f"{name}{SAFETENSORS}"


def _changed(made: Graph, plan: Plan, loader: Loader, model: Output, clip: Output) -> tuple[Output, Output]:
    """The model and the text encoder behind all that changes them."""
    for each in loras(plan):
        model = made.add(
            "LoraLoader",
            model=model,
            clip=clip,
            lora_name=_file(each.name, each.path),
            strength_model=number(each.weight),
            strength_clip=number(text_strength(each)),
        )
        clip = [model[0], 1]
    if (skip := layer(plan)) is not None:
        clip = made.add("CLIPSetLastLayer", clip=clip, stop_at_clip_layer=comfy_clip_layer(skip))
    if loader is CHECKPOINT and V_PREDICTION in plan.model.variant:
        model = made.add("ModelSamplingDiscrete", model=model, sampling="v_prediction", zsnr=False)
    if loader.sampling:
        kind, name, value = loader.sampling
        model = made.add(kind, model=model, **{name: number(value)})
    if plan.freeu:
        s1, s2, b1, b2 = plan.freeu
        model = made.add("FreeU", model=model, b1=b1, b2=b2, s1=s1, s2=s2)
    if plan.rescale:
        model = made.add("RescaleCFG", model=model, multiplier=number(plan.rescale))
    return model, clip


def _side(made: Graph, plan: Plan, side: Conditioning, text: str, clip: Output) -> tuple[Output, float]:
    """One side of the prompt, and what guidance is to be multiplied by where several prompts are added up."""
    if len(side.branches) < 2 and all(len(each.segments) < 2 for each in side.branches):
        return made.add("CLIPTextEncode", clip=clip, text=text), 1.0
    if side.combine != "and" or any(each.weight <= 0 for each in side.branches):
        made.remarks.append(f"{TITLE} is told the first of several prompts, for it cannot mix them as the plan does")
        side = Conditioning(branches=side.branches[:1])
    total = calls(plan.sampler, plan.steps)
    found: list[Output] = []
    for branch in side.branches:
        start = 0.0
        if len(branch.segments) > _MOST_SEGMENTS:
            made.remarks.append(
                f"the prompt changes more than {_MOST_SEGMENTS} times, and {TITLE} is told the first of them"
            )
        for segment in branch.segments[:_MOST_SEGMENTS]:
            output = made.add("CLIPTextEncode", clip=clip, text=written(segment.runs, COMFY, plan))
            if branch.weight != 1:
                output = made.add("ConditioningSetAreaStrength", conditioning=output, strength=number(branch.weight))
            if len(branch.segments) > 1:
                end = min(segment.until / total, 1.0) if segment is not branch.segments[-1] else 1.0
                output = made.add(
                    "ConditioningSetTimestepRange", conditioning=output, start=round(start, 4), end=round(end, 4)
                )
                start = end
            found.append(output)
    if any(len(each.segments) > 1 for each in side.branches):
        made.remarks.append(f"{TITLE} counts ranges in noise and not in steps, so words change near their step")
    whole = found[0]
    for each in found[1:]:
        whole = made.add("ConditioningCombine", conditioning_1=whole, conditioning_2=each)
    return whole, sum(each.weight for each in side.branches)
