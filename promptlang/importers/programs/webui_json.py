"""JSON in webui's words: what is sent to its API, and what Civitai's pages and API hand out."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from promptlang.importers.hashes import recorded
from promptlang.importers.imported import Call, Entry, Imported, Reading
from promptlang.importers.infotext import NETWORKS, imported, schedule
from promptlang.importers.json_text import options, others, parsed, said, size, strength, true_cfg
from promptlang.importers.typed.blocks import blocks
from promptlang.models.evidence.records import Record
from promptlang.tables.options.table import SCHEDULE

OPTIONS: Mapping[str, str] = MappingProxyType(
    {
        "steps": "steps",
        "sampler_name": "sampler",
        "sampler_index": "sampler",
        "sampler": "sampler",
        "scheduler": "schedule",
        "distilled_cfg_scale": "guidance",
        "cfg_scale": "guidance",
        "cfgScale": "guidance",
        "seed": "seed",
        "denoising_strength": "strength",
        "batch_size": "images",
        "n_iter": "images",
        "Size": "size",
        "clipSkip": "clipskip",
        "Clip skip": "clipskip",
    }
)
SECOND_PASS: Mapping[str, str] = MappingProxyType(
    {
        "hr_scale": "hires",
        "hr_second_pass_steps": "hires-steps",
        "hr_upscaler": "hires-upscaler",
        "denoising_strength": "hires-strength",
    }
)
"""What holds of a second pass, where one is asked for."""
OVERRIDES: Mapping[str, str] = MappingProxyType({"CLIP_stop_at_last_layers": "clipskip", "sd_vae": "vae"})
_READ = frozenset(
    {
        *("prompt", "negative_prompt", "negativePrompt", "width", "height", "override_settings", "Model", "Model hash"),
        *("resources", "civitaiResources", "hashes", "extra_generation_params"),
    }
)
_FEWEST = frozenset({"negative_prompt", "steps"})
"""What tells a request that leaves the rest to the program."""
_NONE = Entry("", "")
_TWICE_AS_LARGE = Entry("hr_scale", "2")  # which holds where the request says nothing
_IDLE = ("override_settings_restore_afterwards", "send_images", "save_images", "do_not_save_grid", "s_churn")


def reading(record: Record) -> Reading | None:
    """What the API is sent or answers, or Civitai's `meta`; None where it is neither."""
    if isinstance(record.get("images"), list) and isinstance(record.get("info"), str):
        return _answer(record)
    if "meta" in record and "prompt" not in record:
        return reading(record.record("meta"))
    is_civitai = bool({"negativePrompt", "cfgScale", "civitaiResources", "resources"} & record.keys())
    is_told = is_civitai or bool({"sampler_name", "cfg_scale", "n_iter"} & record.keys()) or record.keys() >= _FEWEST
    if "prompt" not in record or not is_told:
        return None
    return Reading(program="Civitai" if is_civitai else "stable-diffusion-webui's API", found=(_imported(record),))


def _answer(record: Record) -> Reading | None:
    """What was drawn: the texts that the API would write into the pictures."""
    info = parsed(record.text("info"))
    texts = info.items_of("infotexts") if isinstance(info, Record) else []
    found = tuple(imported(block) for each in texts if isinstance(each, str) for block in blocks(each)[:1])
    return Reading(program="stable-diffusion-webui's API", found=found)


def _imported(record: Record) -> Imported:
    overrides = record.record("override_settings")
    images = _product(record)
    above = dict(options(record, OPTIONS))
    is_twice = record.get("enable_hr") is True
    if is_twice:
        above.pop("strength", None)
        above |= {"hires": _TWICE_AS_LARGE, **dict(options(record, SECOND_PASS))}
        if above.get("hires-steps", _NONE).value == "0":
            del above["hires-steps"]  # as many as the first has
    if scheduler := above.get(SCHEDULE.name):
        above[SCHEDULE.name] = Entry(scheduler.name, schedule(scheduler.value))
    if images > 1:
        above["images"] = Entry("images", str(images))
    above |= dict(true_cfg(record, "distilled_cfg_scale", "cfg_scale"))
    networks, model, rest = _resources(record)
    prompt = record.text("prompt")
    hashes = recorded(record.record("hashes"))
    return Imported(
        positive=prompt,
        negative=record.text("negative_prompt") or record.text("negativePrompt"),
        model=said(overrides.get("sd_model_checkpoint")) or record.text("Model") or model,
        model_hash=record.text("Model hash") or hashes.model,
        vae_hash=hashes.vae,
        network_hashes=tuple((hashes.networks | _listed(record)).items()),
        networks=() if "<lora:" in prompt else networks,
        options=(*({**above, **dict(size(record)), **dict(options(overrides, OVERRIDES))}).items(),),
        rest=(
            *others(record, {*_READ, *OPTIONS, *_IDLE, *SECOND_PASS, "enable_hr"}),
            *others(overrides, {"sd_model_checkpoint", *OVERRIDES}),
            *rest,
        ),
    )


def _listed(record: Record) -> dict[str, str]:
    """The hashes beside the LoRAs that Civitai lists."""
    resources = (each for each in record.records_of("resources") if each.text("type").lower() in NETWORKS)
    return {each.text("name"): each.text("hash") for each in resources if each.text("name") and each.text("hash")}


def _product(record: Record) -> int:
    return max(record.whole("n_iter") or 1, 1) * max(record.whole("batch_size") or 1, 1)


def _resources(record: Record) -> tuple[tuple[Call, ...], str, tuple[Entry, ...]]:
    """The LoRAs and the model that are listed, and what else is."""
    networks: list[Call] = []
    model = ""
    rest: list[Entry] = []
    for each in (*record.records_of("resources"), *record.records_of("civitaiResources")):
        kind, name = each.text("type").lower(), each.text("name") or each.text("modelName")
        if kind in NETWORKS and name:
            networks.append(Call(name, strength(each.get("weight"))))
        elif kind in ("model", "checkpoint") and name:
            model = model or name
        else:
            rest.append(Entry("resource", said(each)))
    return tuple(networks), model, tuple(rest)
