"""Requests to an OpenAI images endpoint, with what vLLM-Omni and SGLang take beside, and to services that take the
names of diffusers.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from types import MappingProxyType

from promptlang.importers.imported import SIDES, Call, Entry, Imported, Reading
from promptlang.importers.json_text import options, others, said, size, strength
from promptlang.models.evidence.records import Record

OPTIONS: Mapping[str, str] = MappingProxyType(
    {
        "n": "images",
        "size": "size",
        "seed": "seed",
        "num_outputs": "images",
        "num_images": "images",
        "num_images_per_prompt": "images",
        "num_inference_steps": "steps",
        "guidance_scale": "guidance",
        "true_cfg_scale": "true-cfg",
        "scheduler": "sampler",
        "output_format": "format",
    }
)
_READ = frozenset({"prompt", "negative_prompt", "model", "lora", "response_format"})
_OF_INFERENCE = frozenset({"negative_prompt", "num_inference_steps", "guidance_scale", "width", "seed"})
_OF_DIFFUSERS = frozenset({"num_inference_steps", "guidance_scale", "num_outputs", "num_images_per_prompt"})
_SIGNS = frozenset({"n", "response_format", "num_inference_steps", "quality"})


def reading(record: Record) -> Reading | None:
    """What is asked for; None where it is no such request."""
    asked = record.record("parameters")
    if isinstance(record.get("inputs"), str) and _OF_INFERENCE & asked.keys():
        return _as_diffusers(asked, record.text("inputs"), others(record, ("inputs", "parameters")))
    if "prompt" in record.record("input"):  # with what else Replicate is asked
        return _as_diffusers(record.record("input"), record.record("input").text("prompt"), others(record, ("input",)))
    if "prompt" in record and "model" not in record and _OF_DIFFUSERS & record.keys():
        return _as_diffusers(record, record.text("prompt"))
    if "prompt" not in record or "model" not in record or not _SIGNS & record.keys():
        return None
    found = Imported(
        positive=record.text("prompt"),
        negative=record.text("negative_prompt"),
        plain=True,
        model=record.text("model"),
        networks=tuple(_network(record.record("lora"))),
        options=tuple(_options(record)),
        rest=tuple(others(record, {*_READ, *OPTIONS})),
    )
    return Reading(program="an OpenAI images request", found=(found,))


def _as_diffusers(asked: Record, prompt: str, beside: Iterable[Entry] = ()) -> Reading:
    """What services are asked in the names of diffusers, where the address names the model."""
    sides = dict(size(asked))
    found = Imported(
        positive=prompt,
        negative=asked.text("negative_prompt"),
        plain=True,
        options=tuple({**dict(_options(asked)), **sides}.items()),
        rest=(*beside, *others(asked, {"prompt", "negative_prompt", *OPTIONS, *(SIDES if sides else ())})),
    )
    return Reading(program="a service that is asked as diffusers is", found=(found,))


def _options(record: Record) -> Iterator[tuple[str, Entry]]:
    for name, entry in options(record, OPTIONS):
        if entry.value == "auto":
            continue
        yield name, entry


def _network(record: Record) -> Iterator[Call]:
    if name := record.text("name") or said(record.get("local_path")):
        yield Call(name, strength(record.get("scale")))
