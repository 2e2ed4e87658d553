"""InvokeAI: `invokeai_metadata` of versions 3 to 6, `sd-metadata` before, and the command line `Dream` of the first."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator, Mapping
from types import MappingProxyType

from promptlang.importers.imported import Call, Entry, Imported, Reading, sized
from promptlang.importers.json_text import options, others, size, strength, true_cfg
from promptlang.models.evidence.records import Record
from promptlang.tables.dialects import COMPEL

KEYS = ("invokeai_metadata", "sd-metadata", "Dream")
OPTIONS: Mapping[str, str] = MappingProxyType(
    {
        "steps": "steps",
        "guidance": "guidance",
        "cfg_scale": "guidance",
        "cfg_rescale_multiplier": "rescale",
        "seed": "seed",
        "strength": "strength",
    }
)
SCHEDULERS: Mapping[str, str] = MappingProxyType(
    {
        "lms": "klms",
        "kdpm_2": "k_dpm2",
        "kdpm_2_a": "k_dpm2_a",
        "dpmpp_2s": "dpm_single",
        "dpmpp_3m": "dpm3m_sde",
        "unipc": "upms",
        "euler": "k_euler",
        "euler_a": "k_euler_a",
    }
)
"""InvokeAI's names of samplers where no other program has them; `_k` behind one says the schedule of Karras."""

_READ = frozenset(
    {
        *("positive_prompt", "negative_prompt", "positive_style_prompt", "negative_style_prompt", "width", "height"),
        *("model", "loras", "vae", "scheduler", "clip_skip", "generation_mode", "app_version", "rand_device"),
    }
)
_FLAGS = {"-s": "steps", "-S": "seed", "-C": "guidance", "-A": "sampler", "-f": "strength", "-n": "images"}
_SIDES = ("-W", "-H")
_NEGATIVE = re.compile(r"\[([^\[\]]*)\]")
_KARRAS = "_k"


def reading(record: Record) -> Reading | None:
    """What the metadata of a version from 3 on, or `sd-metadata`, say."""
    if "positive_prompt" in record:
        return Reading(program="InvokeAI", found=(_imported(record),))
    if isinstance(image := record.get("image"), Record) and "prompt" in image:
        return Reading(program="InvokeAI", found=(_older(record, image),))
    return None


def _imported(record: Record) -> Imported:
    above = dict(options(record, OPTIONS))
    above |= dict(true_cfg(record, "guidance", "cfg_scale"))
    above |= dict(_scheduler(record.text("scheduler")))
    model = record.record("model")
    skipped = record.whole("clip_skip") or 0
    if skipped > 0:
        further = 2 if model.text("base").startswith("sdxl") else 1  # SDXL's layers are counted from the last but one
        above["clipskip"] = Entry("clip_skip", str(skipped + further))
    if vae := _model(record.record("vae")):
        above["vae"] = Entry("vae", vae)
    rest = list(others(record, {*_READ, *OPTIONS}))
    for style in ("positive_style_prompt", "negative_style_prompt"):
        words = record.text(style)
        if words and words != record.text(style.replace("_style", "")):
            rest.append(Entry(style, words))
    return Imported(
        positive=record.text("positive_prompt"),
        negative=record.text("negative_prompt"),
        dialect=COMPEL.name,
        model=_model(model),
        model_hash=model.text("hash") or model.text("model_hash"),
        vae_hash=record.record("vae").text("hash"),
        network_hashes=tuple(_hashes(record)),
        networks=tuple(_networks(record)),
        options=(*{**above, **dict(size(record))}.items(),),
        rest=tuple(rest),
    )


def _model(record: Record) -> str:
    return record.text("name") or record.text("model_name")


def _networks(record: Record) -> Iterator[Call]:
    for each in record.records_of("loras"):
        if name := _model(each.record("model")) or _model(each.record("lora")):
            yield Call(name, strength(each.get("weight")))


def _hashes(record: Record) -> Iterator[tuple[str, str]]:
    for each in record.records_of("loras"):
        model = each.record("model") or each.record("lora")
        if _model(model) and (sum := model.text("hash")):
            yield _model(model), sum


def _scheduler(name: str) -> Iterator[tuple[str, Entry]]:
    bare = name.removesuffix(_KARRAS)
    if name:
        yield "sampler", Entry("scheduler", SCHEDULERS.get(bare, bare))
    if bare != name:
        yield "schedule", Entry("scheduler", "karras")


def _older(whole: Record, record: Record) -> Imported:
    """Version 2: a list of prompts with weights, the negative one in brackets."""
    words = " ".join(
        each.text("prompt") if isinstance(each, Record) else each
        for each in record.items_of("prompt") or [record.get("prompt")]
        if isinstance(each, Record | str)
    )
    positive, negative = _sides(words)
    return Imported(
        positive=positive,
        negative=negative,
        dialect=COMPEL.name,
        model=whole.text("model_weights"),
        model_hash=whole.text("model_hash"),
        options=(
            *{
                **dict(options(record, OPTIONS)),
                **dict(_scheduler(record.text("sampler"))),
                **dict(size(record)),
            }.items(),
        ),
        rest=tuple(others(record, {"prompt", "sampler", "width", "height", "type", *OPTIONS})),
    )


def dream(line: str) -> Reading | None:
    """The command line that drew a picture: `"a cow [ugly]" -s 50 -S 1 -W 512 -H 512 -C 7.5 -A k_lms`."""
    try:
        prompt, *words = shlex.split(line)
    except ValueError:
        return None
    positive, negative = _sides(prompt)
    above: dict[str, Entry] = {}
    sides: dict[str, str] = {}
    rest: list[Entry] = []
    for word in words:
        flag, value = word[:2], word[2:]
        if flag in _FLAGS and value:
            above |= dict(_scheduler(value)) if flag == "-A" else {_FLAGS[flag]: Entry(flag, value)}
        elif flag in _SIDES and value:
            sides[flag] = value
        else:
            rest.append(Entry("", word))
    whole = sized(sides, _SIDES)
    rest += (Entry("", f"{flag}{value}") for flag, value in sides.items() if not whole)
    found = Imported(
        positive=positive,
        negative=negative,
        dialect=COMPEL.name,
        options=(*{**above, **whole}.items(),),
        rest=tuple(rest),
    )
    return Reading(program="InvokeAI", found=(found,)) if words else None


def _sides(words: str) -> tuple[str, str]:
    """The prompt without what stands in brackets, and that."""
    below = ", ".join(match[1].strip() for match in _NEGATIVE.finditer(words))
    return " ".join(_NEGATIVE.sub(" ", words).split()), below
