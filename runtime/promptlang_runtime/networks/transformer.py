"""Networks of models with a transformer: the pipeline's own loader knows what trainers call its layers.

It reads LoRAs. What it makes of the names of other methods is seen by giving it a LoRA whose second matrix counts the
rows of each layer: where they come out is where the rows of a difference belong.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

import torch
from torch import Tensor

from promptlang.models.evidence.networks import BEGINNING
from promptlang.models.fitting.foreign_names import families_of
from promptlang.models.fitting.layer_names import found_in, transformer_names
from promptlang.models.fitting.misfits import transformer_misfit
from promptlang.models.fitting.pieces import layers_of as layers_in
from promptlang_runtime.errors import RenderError, first_line
from promptlang_runtime.models.libraries import parts_of, written_for
from promptlang_runtime.models.pipelines import Pipeline, Tensors
from promptlang_runtime.models.tensors import shapes_of
from promptlang_runtime.networks.changes import rows_of
from promptlang_runtime.networks.files import Pieces, by_layer
from promptlang_runtime.networks.first_names import rows_by_first_name
from promptlang_runtime.networks.layers import Changed, Layer, changes, layers_of, missing, sized, told, underscored

COMFY = "diffusion_model."
PLAIN = frozenset({"down", "up", "alpha"})
MOST_SAID = 200  # characters of what the loader says, which may name every tensor
UP = re.compile(r"[._](?:lora_?[12]?[._](?:up|B)|lora_linear_layer\.up)(?:\.default)?\.weight$")
WHOLE = re.compile(r"(?P<block>.+[._])(?P<kind>qkv|out)")
WHOLE_AS = {"qkv": ("to.q", "to_q"), "out": ("to.out.0", "to_out.0", "to_out_0")}


def transformer_network(
    tensors: Tensors, pipeline: Pipeline, name: str, denoiser: str, encoders: Sequence[str]
) -> tuple[Changed, ...]:
    """What a network changes in a pipeline; raises RenderError for what is not drawn and for layers that it has not."""
    known = _known(pipeline, denoiser, encoders)
    _check_names(tensors, known, name, denoiser, type(parts_of(pipeline)[denoiser]).__name__)
    if not _is_lora(tensors, name):
        return _others(tensors, known, name, pipeline)
    try:
        return _loaded(tensors, known, name, pipeline)
    except RenderError:
        # Of names that its loader does not take, most are those of the model, or of the first publication.
        if found := _by_own_names(tensors, known, name):
            return found
        if flat := _flattened(tensors):
            return _loaded(flat, known, name, pipeline)
        raise


def _check_names(tensors: Tensors, known: Mapping[str, Layer], name: str, denoiser: str, kind: str) -> None:
    """Raises RenderError for layers of the denoiser that it has not, or has in another shape, as their names tell."""
    own = sized({at: each for at, each in known.items() if each.part == denoiser})
    if why := transformer_misfit(name, layers_in(shapes_of(tensors)), own, families_of(kind)):
        raise RenderError(why)


def _loaded(tensors: Tensors, known: Mapping[str, Layer], name: str, pipeline: Pipeline) -> tuple[Changed, ...]:
    """What the loader makes of a LoRA."""
    named = by_layer(_converted(tensors, name, pipeline), name)
    _check_all(tensors, named, name)
    return changes(named, known, name)


def _by_own_names(tensors: Tensors, known: Mapping[str, Layer], name: str) -> tuple[Changed, ...]:
    """A LoRA whose every layer has the model's name for it, or that of the first publication; else nothing."""
    found: list[Changed] = []
    for written, pieces in by_layer(tensors, name).items():
        change = told(pieces, written, name)
        if layer := found_in(known, written):
            found.append(Changed(layer, change))
            continue
        rows = rows_by_first_name(BEGINNING.sub("", written, count=1).replace(".", "_"), known)
        if not rows or sum(map(len, rows.values())) != rows_of(pieces):
            return ()
        found.extend(Changed(known[where], change, each if len(rows) > 1 else None) for where, each in rows.items())
    return tuple(found)


def _flattened(tensors: Tensors) -> Tensors:
    """The tensors as most trainers would name them, where they have dots and ComfyUI's beginning."""
    if not all(key.startswith(COMFY) for key in tensors):
        return {}
    return {_flat(key): tensor for key, tensor in tensors.items()}


def _flat(key: str) -> str:
    layer, _, ending = key.removeprefix(COMFY).partition(".lora_")
    if not ending:
        layer, _, ending = layer.rpartition(".")
        return f"lora_unet_{layer.replace('.', '_')}.{ending}"
    side = "down" if ending.startswith(("A", "down")) else "up"
    return f"lora_unet_{layer.replace('.', '_')}.lora_{side}.weight"


def _others(tensors: Tensors, known: Mapping[str, Layer], name: str, pipeline: Pipeline) -> tuple[Changed, ...]:
    """Networks of other methods, whose layers the loader finds by a LoRA that stands for them."""
    direct, others = list[Changed](), dict[str, Pieces]()
    for written, pieces in by_layer(tensors, name).items():
        if layer := found_in(known, written):
            direct.append(Changed(layer, told(pieces, written, name)))
        else:
            others[written] = pieces
    return (*direct, *_by_rows(others, known, name, pipeline))


def _known(pipeline: Pipeline, denoiser: str, encoders: Sequence[str]) -> Mapping[str, Layer]:
    parts = parts_of(pipeline)
    layers = {each.name: each for each in layers_of(denoiser, parts[denoiser])}
    known = {written: layers[own] for written, own in transformer_names(denoiser, layers).items()}
    for part in encoders:
        known |= underscored(layers_of(part, parts[part]), f"{part}_", f"{part}_text_model_")
    return known


def _is_lora(tensors: Tensors, name: str) -> bool:
    """Whether every layer has a plain LoRA; XLabs' names, which the loader alone knows, are of plain ones."""
    if any(".processor." in key for key in tensors):
        return True
    return all(pieces.keys() <= PLAIN for pieces in by_layer(tensors, name).values())


def _converted(tensors: Tensors, name: str, pipeline: Pipeline) -> Tensors:
    """The tensors under diffusers' names; raises RenderError where the loader cannot read them."""
    try:
        return written_for(pipeline, tensors)
    except (ValueError, KeyError, RuntimeError, AssertionError, AttributeError, NotImplementedError) as error:
        raise RenderError(f"the LoRA <{name}> does not fit: {first_line(error)[:MOST_SAID]}") from error


def _check_all(tensors: Tensors, named: Mapping[str, Pieces], name: str) -> None:
    """Raises RenderError where the loader has left layers out: each that is not zero must come out row by row."""
    ups = {key: tensor for key, tensor in tensors.items() if UP.search(key) and not _is_twice(key, tensors)}
    given = sum(len(tensor) for tensor in ups.values() if tensor.any())
    if given > sum(len(pieces["up"]) for pieces in named.values() if "up" in pieces):
        raise RenderError(f"the LoRA <{name}> does not fit: it changes layers that the model has not", "remove it")


def _is_twice(key: str, tensors: Tensors) -> bool:
    """Whether a layer of several stands beside each of them, as some trainers write both."""
    (layer, ending) = UP.split(key)[0], key[len(UP.split(key)[0]) :]
    whole = WHOLE.fullmatch(layer)
    return whole is not None and any(f"{whole['block']}{each}{ending}" in tensors for each in WHOLE_AS[whole["kind"]])


def _by_rows(
    others: Mapping[str, Pieces], known: Mapping[str, Layer], name: str, pipeline: Pipeline
) -> tuple[Changed, ...]:
    """Changes under names that only the loader knows, each of which may belong to several layers."""
    found: list[Changed] = []
    for written, pieces in others.items():
        change = told(pieces, written, name)
        for where, rows in _rows(written, rows_of(pieces), name, pipeline).items():
            layer = found_in(known, where)
            if layer is None:
                raise missing(written, name)
            found.append(Changed(layer, change, rows))
    return tuple(found)


def _rows(written: str, count: int, name: str, pipeline: Pipeline) -> Mapping[str, Tensor]:
    """The rows of a layer, as a file names it, that go to each layer of the model."""
    down, up = ("lora_A", "lora_B") if "." in written else ("lora_down", "lora_up")
    counted = torch.arange(1, count + 1, dtype=torch.float32)[:, None]
    asked = {f"{written}.{down}.weight": torch.ones(1, 1), f"{written}.{up}.weight": counted}
    answer = by_layer(_converted(asked, name, pipeline), name)
    return {where: pieces["up"][:, 0].round().long() - 1 for where, pieces in answer.items() if "up" in pieces}
