"""NovelAI: JSON in the PNG text `Comment`, and the same once more, hidden in the pixels."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from types import MappingProxyType

from promptlang.importers.imported import Entry, Imported, Reading
from promptlang.importers.json_text import options, others, parsed, size
from promptlang.models.evidence.records import Record
from promptlang.tables.dialects import NOVELAI

OPTIONS: Mapping[str, str] = MappingProxyType(
    {
        "steps": "steps",
        "scale": "guidance",
        "cfg_rescale": "rescale",
        "seed": "seed",
        "n_samples": "images",
        "strength": "strength",
        "noise_schedule": "schedule",
    }
)
SAMPLERS: Mapping[str, str] = MappingProxyType(
    {
        "k_dpmpp_2m": "dpmpp_2m",
        "k_dpmpp_2m_sde": "dpmpp_2m_sde",
        "k_dpmpp_sde": "dpmpp_sde",
        "k_dpm_2": "dpm_2",
        "k_dpm_2_ancestral": "dpm_2_ancestral",
        "ddim_v3": "ddim",
    }
)
"""Its names of samplers where no other program has them."""

_READ = frozenset(
    {
        *("prompt", "uc", "width", "height", "sampler", "v4_prompt", "v4_negative_prompt", "request_type", "version"),
        *("signed_hash", "uncond_scale"),
    }
)
_NATIVE = "native"  # the model's own schedule


def is_comment(record: Record) -> bool:
    """Whether JSON is what NovelAI writes of a picture."""
    return "scale" in record and ("uc" in record or "v4_prompt" in record)


def hidden(record: Record) -> Reading | None:
    """What the pixels hide: the texts of the file once more."""
    comment = parsed(record.text("Comment"))
    if not isinstance(comment, Record):
        return None
    return reading(comment, record.text("Description"), record.text("Source"))


def reading(record: Record, description: str = "", source: str = "") -> Reading | None:
    """What the comment says, with the prompt where an older one leaves it to the description."""
    if not is_comment(record):
        return None
    above = dict(options(record, OPTIONS))
    if sampler := record.text("sampler"):
        above["sampler"] = Entry("sampler", SAMPLERS.get(sampler, sampler))
    if "rescale" in above and above["rescale"].value == "0":
        del above["rescale"]  # none at all
    if "images" in above and above["images"].value == "1":
        del above["images"]  # as everywhere
    if "schedule" in above and above["schedule"].value == _NATIVE:
        del above["schedule"]
    positive = _caption(record.record("v4_prompt")) or record.text("prompt") or description
    characters = [*_characters(record.record("v4_prompt")), *_characters(record.record("v4_negative_prompt"))]
    found = Imported(
        positive=positive,
        negative=_caption(record.record("v4_negative_prompt")) or record.text("uc"),
        dialect=NOVELAI.name,
        model=source,
        options=(*{**above, **dict(size(record))}.items(),),
        rest=(*(Entry("character", each) for each in characters), *others(record, {*_READ, *OPTIONS})),
    )
    return Reading(program="NovelAI", found=(found,))


def _caption(record: Record) -> str:
    return record.record("caption").text("base_caption")


def _characters(record: Record) -> Iterator[str]:
    for each in record.record("caption").records_of("char_captions"):
        if words := each.text("char_caption"):
            yield words
