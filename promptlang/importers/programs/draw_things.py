"""Draw Things: JSON in XMP or EXIF, in short names."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from types import MappingProxyType

from promptlang.importers.imported import Call, Entry, Imported, Reading
from promptlang.importers.json_text import options, others, strength
from promptlang.models.evidence.records import Record

OPTIONS: Mapping[str, str] = MappingProxyType(
    {"steps": "steps", "scale": "guidance", "seed": "seed", "size": "size", "strength": "strength"}
)
SAMPLERS: Mapping[str, str] = MappingProxyType(
    {
        "DPM++ 2M Karras": "DPM++ 2M Karras",
        "Euler A": "Euler a",
        "Euler Ancestral": "Euler a",
        "DPM++ SDE Karras": "DPM++ SDE Karras",
        "UniPC": "UniPC",
        "DPM++ 2M Trailing": "DPM++ 2M sgm_uniform",
        "Euler A Trailing": "Euler a sgm_uniform",
        "DDIM Trailing": "DDIM sgm_uniform",
    }
)
_READ = frozenset({"c", "uc", "model", "lora", "sampler", "v2", "profile"})


def reading(record: Record) -> Reading | None:
    """What Draw Things says of a picture; None where its names are missing."""
    if "c" not in record or "uc" not in record:
        return None
    above = dict(options(record, OPTIONS))
    if sampler := record.text("sampler"):
        above["sampler"] = Entry("sampler", SAMPLERS.get(sampler, sampler))
    found = Imported(
        positive=record.text("c"),
        negative=record.text("uc"),
        model=record.text("model").removesuffix(".ckpt"),
        networks=tuple(_networks(record)),
        options=(*above.items(),),
        rest=tuple(others(record, {*_READ, *OPTIONS})),
    )
    return Reading(program="Draw Things", found=(found,))


def _networks(record: Record) -> Iterator[Call]:
    for each in record.records_of("lora"):
        if name := each.text("model"):
            yield Call(name.removesuffix(".ckpt"), strength(each.get("weight")))
