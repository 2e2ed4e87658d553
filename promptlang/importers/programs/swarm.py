"""SwarmUI: JSON under webui's name `parameters`, with `sui_image_params`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from types import MappingProxyType

from promptlang.dialects.dialect import dialect
from promptlang.importers.imported import Call, Entry, Imported, Reading
from promptlang.importers.json_text import options, others, said, size, true_cfg
from promptlang.models.evidence.records import Record
from promptlang.models.names import stem
from promptlang.source import Passage
from promptlang.syntax.nodes import Concept, walk
from promptlang.tables.dialects import SWARM
from promptlang.values import replace

KEY = "sui_image_params"
OPTIONS: Mapping[str, str] = MappingProxyType(
    {
        "steps": "steps",
        "comfyuisampler": "sampler",
        "sampler": "sampler",
        "comfyuischeduler": "schedule",
        "scheduler": "schedule",
        "fluxguidancescale": "guidance",
        "cfgscale": "guidance",
        "seed": "seed",
        "images": "images",
        "vae": "vae",
        "initimagecreativity": "strength",
    }
)
_READ = frozenset(
    {
        *("prompt", "negativeprompt", "model", "width", "height", "loras", "loraweights", "loratencweights"),
        *("clipstopatlayer", "aspectratio", "swarm_version"),
    }
)


def reading(record: Record) -> Reading | None:
    """What SwarmUI says of a picture."""
    said_by_swarm = record.record(KEY)
    if not said_by_swarm:
        return None
    return Reading(program="SwarmUI", found=(_with_hashes(_imported(said_by_swarm), record.records_of("sui_models")),))


def _with_hashes(found: Imported, listed: list[Record]) -> Imported:
    """The same with the hashes of the files that SwarmUI lists, by the settings that named them."""
    by_setting = {each.text("param"): each.text("hash") for each in listed}
    networks = ((each.text("name"), each.text("hash")) for each in listed if each.text("param") == "loras")
    return replace(
        found,
        model_hash=by_setting.get("model", ""),
        vae_hash=by_setting.get("vae", ""),
        network_hashes=tuple((stem(name), sum) for name, sum in networks if name and sum),
    )


def called(*prompts: str) -> frozenset[str]:
    """The networks that prompts call themselves, which the lists beside them need not name again."""
    parts = (part for prompt in prompts for part in walk(dialect(SWARM.name).parse(Passage(prompt)).parts))
    return frozenset(part.name for part in parts if isinstance(part, Concept))


def _imported(record: Record) -> Imported:
    above = dict(options(record, OPTIONS))
    above |= dict(true_cfg(record, "fluxguidancescale", "cfgscale"))
    positive, negative = record.text("prompt"), record.text("negativeprompt")
    in_words = called(positive, negative)
    stop = record.get("clipstopatlayer")
    if isinstance(stop, int | float) and stop < 0:
        above["clipskip"] = Entry("clipstopatlayer", said(-stop))
    return Imported(
        positive=positive,
        negative=negative,
        dialect=SWARM.name,
        model=record.text("model"),
        networks=tuple(each for each in _networks(record) if each.name not in in_words),
        options=(*{**above, **dict(size(record))}.items(),),
        rest=tuple(others(record, {*_READ, *OPTIONS})),
    )


def _networks(record: Record) -> Iterator[Call]:
    """The LoRAs beside the prompt, whose strengths stand in lists of their own."""
    weights, of_text = record.items_of("loraweights"), record.items_of("loratencweights")
    for number, name in enumerate(record.items_of("loras")):
        if isinstance(name, str):
            weight, text = _weight(weights, number), _weight(of_text, number)
            yield Call(name, 1.0 if weight is None else weight, text)


def _weight(weights: list[object], number: int) -> float | None:
    value = weights[number] if number < len(weights) else None
    try:
        return float(value) if isinstance(value, str | int | float) else None
    except ValueError:
        return None
