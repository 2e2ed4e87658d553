"""Fooocus and its forks: JSON under `parameters` (or in EXIF), in the names of its log."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from types import MappingProxyType

from promptlang.importers.imported import Call, Entry, Imported, Reading
from promptlang.importers.json_text import options, others
from promptlang.models.evidence.records import Record, is_list

OPTIONS: Mapping[str, str] = MappingProxyType(
    {
        "steps": "steps",
        "sampler": "sampler",
        "scheduler": "schedule",
        "guidance_scale": "guidance",
        "cfg": "guidance",
        "seed": "seed",
        "clip_skip": "clipskip",
        "vae": "vae",
    }
)
_READ = frozenset(
    {
        *("prompt", "negative_prompt", "base_model", "base_model_name", "base_model_hash", "resolution", "width"),
        *("height", "loras", "metadata_scheme", "version", "full_prompt", "full_negative_prompt"),
    }
)
_SIZE = re.compile(r"\(?\s*(\d+)\s*[,x×]\s*(\d+)\s*\)?")
_LORA = re.compile(r"lora_(?:combined_)?\d+|lora_\[.*\]_weight")


def reading(record: Record) -> Reading | None:
    """What Fooocus says of a picture; None where its names are missing."""
    plain = Record({key.lower().replace(" ", "_"): value for key, value in record.items()})
    is_fooocus = "base_model" in plain or "base_model_name" in plain or "metadata_scheme" in plain
    if not is_fooocus or "prompt" not in plain:
        return None
    above = dict(options(plain, OPTIONS))
    if size := _SIZE.fullmatch(plain.text("resolution")):
        above["size"] = Entry("resolution", f"{size[1]}x{size[2]}")
    named = {key for key in plain if _LORA.fullmatch(key)}
    full = plain.items_of("full_prompt")
    found = Imported(
        positive=plain.text("prompt"),
        negative=plain.text("negative_prompt"),
        model=plain.text("base_model") or plain.text("base_model_name"),
        model_hash=plain.text("base_model_hash"),
        network_hashes=tuple(_hashes(plain)),
        networks=tuple(_networks(plain, named)),
        options=(*above.items(),),
        rest=tuple(others(plain, {*_READ, *OPTIONS, *named})),
    )
    remarks = ("its styles wrote the prompt out longer than it was typed, and what was typed is taken",) if full else ()
    return Reading(program="Fooocus", found=(found,), remarks=remarks)


def _networks(record: Record, named: set[str]) -> Iterator[Call]:
    listed = record.items_of("loras")
    for each in listed:
        name, weight = (each[0], each[1]) if is_list(each) and len(each) > 1 else (None, None)
        if isinstance(name, str) and isinstance(weight, int | float):
            yield Call(name, float(weight))
    if listed:
        return
    for key in sorted(named):
        name, _, weight = record.text(key).rpartition(" : ")
        if name and _is_number(weight):
            yield Call(name, float(weight))


def _hashes(record: Record) -> Iterator[tuple[str, str]]:
    for each in record.items_of("loras"):
        if is_list(each) and len(each) > 2 and isinstance(each[0], str) and isinstance(each[2], str):
            yield each[0], each[2]


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True
