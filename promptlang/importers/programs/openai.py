"""Requests to an OpenAI images endpoint, with what vLLM-Omni and SGLang take beside, and to Hugging Face."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from types import MappingProxyType

from promptlang.importers.imported import SIDES, Call, Entry, Imported, Reading
from promptlang.importers.json_text import options, others, said, size, strength
from promptlang.models.evidence.records import Record

OPTIONS: Mapping[str, str] = MappingProxyType(
    {
        "n": "images",
        "size": "size",
        "seed": "seed",
        "num_inference_steps": "steps",
        "guidance_scale": "guidance",
        "true_cfg_scale": "true-cfg",
        "output_format": "format",
    }
)
_READ = frozenset({"prompt", "negative_prompt", "model", "lora", "response_format"})
_OF_INFERENCE = frozenset({"negative_prompt", "num_inference_steps", "guidance_scale", "width", "seed"})
_SIGNS = frozenset({"n", "response_format", "num_inference_steps", "quality"})


def reading(record: Record) -> Reading | None:
    """What is asked for; None where it is no such request."""
    if isinstance(record.get("inputs"), str) and _OF_INFERENCE & record.record("parameters").keys():
        return _of_inference(record)
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


def _of_inference(record: Record) -> Reading:
    """A request to a model of Hugging Face, which the address names: `{"inputs": "a cow", "parameters": {…}}`."""
    asked = record.record("parameters")
    found = Imported(
        positive=record.text("inputs"),
        negative=asked.text("negative_prompt"),
        plain=True,
        options=(*_options(asked), *size(asked)),
        rest=(*others(record, ("inputs", "parameters")), *others(asked, {*_READ, *OPTIONS, *SIDES})),
    )
    return Reading(program="a request to Hugging Face", found=(found,))


def _options(record: Record) -> Iterator[tuple[str, Entry]]:
    for name, entry in options(record, OPTIONS):
        if entry.value == "auto":
            continue
        yield name, entry


def _network(record: Record) -> Iterator[Call]:
    if name := record.text("name") or said(record.get("local_path")):
        yield Call(name, strength(record.get("scale")))
