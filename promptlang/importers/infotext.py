"""The parameters that stable-diffusion-webui writes under a prompt, and those who write as it does (Forge, SD.Next,
Civitai, savers of ComfyUI): `Negative prompt: …`, then a line `Steps: 20, Sampler: …`; and the log of Fooocus.

Which lines are settings and which words say `typed/entries.py` and `typed/blocks.py`; here is what they mean.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from types import MappingProxyType

from promptlang.dialects.detect import detect
from promptlang.importers.hashes import Hashes, listed, recorded
from promptlang.importers.imported import SIDES, Entry, Imported, is_own_vae, sized
from promptlang.importers.json_text import parsed
from promptlang.importers.typed import by_hand
from promptlang.importers.typed.blocks import Block
from promptlang.importers.typed.entries import FEWEST_OF_FOOOCUS, FOOOCUS, MODEL, MODELS_CALLED, OPTIONS
from promptlang.models.evidence.records import Record
from promptlang.source import Passage
from promptlang.tables.arithmetics import WEBUI, has, schedules
from promptlang.tables.dialects import A1111, dialect_row
from promptlang.tables.options.reading import read
from promptlang.tables.options.row import Option
from promptlang.tables.options.table import HIRES_STEPS, HIRES_STRENGTH, SAMPLER, SCHEDULE, SIZE, TRUE_CFG
from promptlang.tables.samplers import sampler
from promptlang.tables.schedules import SCHEDULES
from promptlang.values import dataclass

_RESOURCES = "civitai resources"
_OF_DRAW_THINGS = "seed mode"  # which puts a dash before the line of the negative prompt
_AUTOMATIC = "automatic"
_HASH = "model hash"
_SCHEDULES: Mapping[str, str] = MappingProxyType({row.webui.lower(): row.name for row in SCHEDULES.values()})
NETWORKS = frozenset({"lora", "lycoris", "locon", "dora"})
"""What Civitai calls the networks that a prompt calls as LoRAs."""

_SIGN = re.compile(r"(?<!\\)#")


def imported(block: Block) -> Imported:
    """What a block says, by the names of this language."""
    entries = {_known_as(each.name): each for each in reversed(block.settings) if each.name}
    if len(FOOOCUS.intersection(entries)) >= FEWEST_OF_FOOOCUS and (found := _of_fooocus(block)):
        return found
    resources = _resources(entries.get(_RESOURCES))
    options: dict[str, Entry] = {}
    rest: list[Entry] = []
    if SIZE.name not in entries:
        options |= sized({name: each.value for name, each in entries.items()})
    for each in block.settings:
        name = _option(each, entries)
        if each.name.lower() in SIDES and SIZE.name in options:
            continue
        if is_own_vae(name, each.value):
            continue
        if name == HIRES_STEPS.name and each.value.strip() == "0":
            continue  # which means as many as in the first pass
        if OPTIONS.get(each.name.lower()) == SCHEDULE.name and each.value.strip().lower() == _AUTOMATIC:
            continue  # which is what the sampler is drawn with where no option names one
        if name and name not in options:
            options[name] = each
        elif _known_as(each.name) != MODEL:
            rest.append(each)
    model = _said(entries, MODEL)
    hashes = _hashes(entries)
    positive, negative = block.positive, block.negative
    if _OF_DRAW_THINGS in entries and not negative:
        positive, _, negative = positive.partition("\n-")
    shown = detect(Passage(positive))
    dialect = block.dialect or (shown.dialect if shown else A1111.name)
    return Imported(
        positive=_with_networks(as_signs(positive, dialect), resources),
        negative=as_signs(negative, dialect),
        dialect=dialect,
        model=model or next((each.name for each in resources if each.kind == "checkpoint"), ""),
        model_hash=hashes.model,
        vae_hash=hashes.vae,
        network_hashes=tuple(hashes.networks.items()),
        options=tuple((name, Entry(each.name, _value(name, each.value))) for name, each in options.items()),
        rest=tuple(rest),
    )


def _said(entries: Mapping[str, Entry], name: str) -> str:
    return _plain(entries[name].value) if name in entries else ""


def _hashes(entries: Mapping[str, Entry]) -> Hashes:
    """What is written of files in entries of their own, and in the list that savers write for Civitai."""
    of_civitai = parsed(_said(entries, "hashes"))
    found = recorded(of_civitai) if isinstance(of_civitai, Record) else Hashes()
    return Hashes(
        _said(entries, _HASH) or found.model,
        _said(entries, "vae hash") or found.vae,
        found.networks | listed(_said(entries, "lora hashes")),
    )


def _known_as(label: str) -> str:
    return MODEL if label.lower() in MODELS_CALLED else label.lower()


def _of_fooocus(block: Block) -> Imported | None:
    """What the log of Fooocus says, which has the names of what it leaves in pictures."""
    from promptlang.importers.programs.fooocus import reading

    said = Record()
    name = ""
    for each in block.settings:  # a value of Fooocus goes on behind commas
        said[each.name or name] = each.value if each.name else f"{said.text(name)}, {each.value}"
        name = each.name or name
    said["Prompt"], said["Negative Prompt"] = as_signs(block.positive), as_signs(block.negative)
    read = reading(said)
    return read.found[0] if read else None


def _option(entry: Entry, entries: Mapping[str, Entry]) -> str:
    """The option that a setting is, beside the others; empty where none says it."""
    match entry.name.lower():
        case "cfg scale" if "distilled cfg scale" in entries:
            return TRUE_CFG.name if entry.value.strip() not in ("1", "1.0") else ""
        case "denoising strength" if "hires upscale" in entries:
            return HIRES_STRENGTH.name  # one number, which is that of the second pass where there is one
        case name:
            option = OPTIONS.get(name, "")
            if (
                option == SCHEDULE.name
                and not _takes(SCHEDULE, schedule(_plain(entry.value)))
                and _takes(SAMPLER, entry.value)
            ):
                return SAMPLER.name  # as diffusers uses the word
            return "" if option == SCHEDULE.name and _lays_out_itself(entries) else option


def _takes(row: Option, value: str) -> bool:
    return read(row.kind, row.name, value, row.words).value is not None


def _lays_out_itself(entries: Mapping[str, Entry]) -> bool:
    """Whether the sampler takes steps of its own in webui, which writes a schedule all the same and does not use it."""
    named = next((each for name, each in entries.items() if OPTIONS.get(name) == SAMPLER.name), None)
    row = sampler(_plain(named.value)) if named else None
    return row is not None and has(row, WEBUI.name) and not schedules(row, WEBUI.name)


def _value(name: str, value: str) -> str:
    plain = _plain(value)
    return schedule(plain) if name == SCHEDULE.name else by_hand.size(plain) if name == SIZE.name else plain


def schedule(name: str) -> str:
    """A schedule by the name that it has here, where the name of webui is that of a sampler too."""
    return _SCHEDULES.get(name.lower(), name)


def _plain(value: str) -> str:
    """A value without the quotes that webui writes around one with a comma, a colon or a line end."""
    if value[:1] != '"':
        return value
    try:
        read: object = json.loads(value)
    except ValueError:
        return value
    return read if isinstance(read, str) else value


def as_signs(prompt: str, dialect: str = A1111.name) -> str:
    """The prompt with a backslash before each `#` where the dialect has comments: its program has cut those out before
    it wrote the prompt down.
    """
    return _SIGN.sub(r"\\#", prompt) if dialect_row(dialect).comments else prompt


# --- what Civitai lists -----------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Resource:
    kind: str
    name: str
    weight: float


def _resources(entry: Entry | None) -> tuple[_Resource, ...]:
    """The models that Civitai lists, with their names there."""
    try:
        listed: object = json.loads(entry.value) if entry else ()
    except (ValueError, RecursionError):
        return ()
    if not isinstance(listed, list):
        return ()
    return tuple(filter(None, map(_resource, listed)))  # pyright: ignore[reportUnknownArgumentType]


def _resource(listed: object) -> _Resource | None:
    match listed:
        case {"type": str(kind), "modelName": str(name), "weight": int() | float() as weight}:
            return _Resource(kind.lower(), name, weight)
        case {"type": str(kind), "modelName": str(name)}:
            return _Resource(kind.lower(), name, 1)
        case _:
            return None


def _with_networks(prompt: str, resources: tuple[_Resource, ...]) -> str:
    """The prompt with the LoRAs that are listed; one that calls any calls them all, under the names of files."""
    if "<lora:" in prompt or "<lyco:" in prompt:
        return prompt
    calls = (f"<lora:{each.name}:{each.weight:g}>" for each in resources if each.kind in NETWORKS)
    return " ".join((prompt, *calls)).strip()
