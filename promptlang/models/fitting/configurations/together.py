"""Whether the parts of a diffusers folder belong to one model, by what their configurations say."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping

from promptlang.models.evidence.records import Record
from promptlang.models.fitting.configurations.described import number_of
from promptlang.sentences import listed
from promptlang.tables.models.folders import Folder, Joint

Parts = Mapping[str, tuple[str, Record]]
"""The parts of a folder by their names, each with its class and its configuration."""
LAYERS = "num_hidden_layers"


def apart(row: Folder, parts: Parts) -> Iterator[tuple[str, str]]:
    """In one clause each what parts do not make for one another, and the cure."""
    for joint in row.joints:
        wanted, given = _number(parts, row.denoiser, joint.key), _given(joint, parts)
        if wanted and given and wanted != given:
            alike = dict.fromkeys((row.denoiser, *(part for part, _ in joint.parts)))
            names = listed(f"`{each}`" for each in alike)
            message = f"{_named(row.denoiser, joint.key)} is {wanted}, where {_said(joint)} {given}"
            yield f"its parts are of different models: {message}", f"use the {names} of one model"
    for part, key in row.told:
        if part in parts and not isinstance(parts[part][1].get(key), int | float):
            yield f"{_named(part, key)} is no number, and the pipeline counts with it", _own(part)
    for part, layers in row.depths:
        if 0 < (found := _number(parts, part, LAYERS)) < layers:
            message = f"{_named(part, LAYERS)} is {found}, where what its layer {layers} says is read"
            yield message, _own(part)


def _own(part: str) -> str:
    return f"use the `{part}` that belongs to the model"


def _given(joint: Joint, parts: Parts) -> int:
    """What the other parts make; 0 where one of them does not say."""
    numbers = [_number(parts, part, key) for part, key in joint.parts]
    return joint.times * sum(numbers) if all(numbers) else 0


def _number(parts: Parts, part: str, key: str) -> int:
    kind, config = parts.get(part, ("", Record()))
    return number_of(kind, config, key)


def _said(joint: Joint) -> str:
    counted = Counter(joint.parts)
    names = listed(f"{_times(count)}{_named(part, key)}" for (part, key), count in counted.items())
    return f"{_times(joint.times)}{names} {'together are' if len(counted) > 1 else 'is'}"


def _times(count: int) -> str:
    return f"{count} times " if count > 1 else ""


def _named(part: str, key: str) -> str:
    return f"`{key.partition('|')[0]}` of `{part}/config.json`"
