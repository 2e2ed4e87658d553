"""The layers of a model as headers give them, under the names that they have when it is opened."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from pathlib import Path

from promptlang.models.discover import state_of
from promptlang.models.evidence.denoisers import DENOISER_BEGINS
from promptlang.models.evidence.header import below
from promptlang.models.evidence.records import BadHeader
from promptlang.models.files import header_of
from promptlang.models.fitting.first_names import opened_as
from promptlang.models.fitting.layer_names import UNET, Place, level_length, our_name, transformer_names, written_names
from promptlang.models.fitting.misfits import Sized
from promptlang.models.fitting.pieces import Shape, Shapes, layers_of
from promptlang.models.fitting.text_names import LAYER, TOKENS, is_within, text_names
from promptlang.tables.endings import SAFETENSORS
from promptlang.tables.models.unet_files import TEXT_PARTS, TextPart
from promptlang.values import dataclass

WEIGHT = ".weight"
Tensors = Mapping[str, Shape]
Stated = tuple[tuple[Path, int, int], ...]
"""Files, each with its time of change and size."""


@dataclass(frozen=True, slots=True)
class ModelShapes:
    """The layers of a model by the names that files give them, and the widths of its text encoders by their part.

    How layers begin whose part lies in no file that is looked at, say `unseen`.
    """

    known: Mapping[str, Sized]
    widths: Mapping[str, int]
    unseen: tuple[str, ...] = ()


def shapes_of(path: Path, family_name: str) -> ModelShapes | None:
    """What the files of a model with a UNet say of its layers; None of others, and where they cannot be read."""
    if family_name not in TEXT_PARTS:
        return None
    parts = (UNET, *(each.part for each in TEXT_PARTS[family_name]))
    return _shapes(path, family_name, stated(files_of(path, parts)))


def transformer_shapes(path: Path, part: str, family_name: str) -> Mapping[str, Sized]:
    """The layers of that part of a folder, or of a single file, by the names that files of networks give them.

    Those of a single file have the names that they are opened under; empty where nothing can be read.
    """
    return _transformer(part, family_name, stated(files_of(path, (part,))), path.is_dir())


@lru_cache(maxsize=8)
def _transformer(part: str, family_name: str, files: Stated, is_folder: bool) -> Mapping[str, Sized]:
    tensors = [tensor_shapes(file) for file, *_ in files]
    own = tensors if is_folder else [below(each, _denoiser_begin(each)) for each in tensors]
    found = {name: shape for each in own for name, shape in _layers(each).items()}
    layers = found if is_folder else dict(_opened(found, family_name))
    return {written: (name, layers[name]) for written, name in transformer_names(part, layers).items()}


def _opened(layers: Tensors, family_name: str) -> Iterator[tuple[str, Shape]]:
    """The layers of a single file as they are opened: one there may be several here, which share its rows."""
    for name, shape in layers.items():
        names = opened_as(name.replace(".", "_"), family_name)
        rows, reads = shape[0], shape[1]
        # What asks is as wide as what it reads; keys and values may be fewer, and share the rest.
        first = {3: (reads, *[(rows - reads) // 2] * 2), 4: (reads, reads, reads, rows - 3 * reads)}
        for each, own in zip(names or (name,), first.get(len(names), [rows // max(1, len(names))] * 2), strict=False):
            yield each, (own, *shape[1:])


def network_shapes(path: Path) -> Mapping[str, Shapes]:
    """The shapes of a network's tensors, by layer and role; empty where the file cannot be read."""
    return _network(path, state_of(path))


def tensor_shapes(path: Path) -> Tensors:
    """The shapes of a file's tensors by name; empty where it cannot be read."""
    try:
        header = header_of(path)
    except (BadHeader, OSError):  # of which other refusals tell
        return {}
    return {name: each.shape for name, each in header.tensors.items()}


@lru_cache(maxsize=64)
def _network(path: Path, state: tuple[int, int]) -> Mapping[str, Shapes]:
    return layers_of(tensor_shapes(path))


def files_of(path: Path, parts: Iterable[str]) -> Iterable[Path]:
    """The files of these parts of a folder; of a single file itself."""
    return (each for part in parts for each in (path / part).glob(f"*{SAFETENSORS}")) if path.is_dir() else (path,)


def stated(files: Iterable[Path]) -> Stated:
    """The files with what tells that one was changed."""
    return tuple((each, *state_of(each)) for each in sorted(files))


@lru_cache(maxsize=8)
def _shapes(path: Path, family_name: str, files: Stated) -> ModelShapes | None:
    texts = TEXT_PARTS[family_name]
    unet, encoders = _of_folder([file for file, *_ in files], texts) if path.is_dir() else _of_file(path, texts)
    if not unet:
        return None
    layers: dict[Place, Shape] = {(UNET, name): shape for name, shape in unet.items()}
    for part, own in encoders.items():
        layers |= {(part, name): shape for name, shape in _layers(own).items() if LAYER.match(name)}
    inside = {
        (each.part, each.trained): [name for part, name in layers if part == each.part]
        for each in texts
        if encoders[each.part]
    }
    places = written_names(unet, inside)
    return ModelShapes(
        {written: (place[1], layers[place]) for written, place in places.items()},
        {part: shape[-1] for part, own in encoders.items() if (shape := own.get(f"embeddings.{TOKENS}"))},
        tuple(begin for each in texts if not encoders[each.part] for begin in (each.trained, f"{each.part}_")),
    )


def _of_folder(files: Sequence[Path], texts: Sequence[TextPart]) -> tuple[Tensors, Mapping[str, Tensors]]:
    tensors: dict[str, dict[str, Shape]] = {}
    for file in files:
        tensors.setdefault(file.parent.name, {}).update(tensor_shapes(file))
    return _layers(tensors.get(UNET, {})), {each.part: _of_text(tensors.get(each.part, {})) for each in texts}


def _of_file(path: Path, texts: Sequence[TextPart]) -> tuple[Tensors, Mapping[str, Tensors]]:
    shapes = tensor_shapes(path)
    own = below(shapes, _denoiser_begin(shapes))
    length = level_length(own)
    unet = {name: shape for first, shape in _layers(own).items() if length and (name := our_name(first, length))}
    return unet, {each.part: _of_text(below(shapes, each.begin), each.layers) for each in texts}


def _denoiser_begin(shapes: Tensors) -> str:
    """How the names of the denoiser's tensors begin in a single file."""
    return next((each for each in DENOISER_BEGINS if any(name.startswith(each) for name in shapes)), "")


def _layers(own: Tensors) -> Mapping[str, Shape]:
    """The shapes of the weights that networks change, by layer."""
    weights = ((name, shape) for name, shape in own.items() if name.endswith(WEIGHT) and len(shape) in (2, 4))
    return {name.removesuffix(WEIGHT): shape for name, shape in weights}


def _of_text(own: Tensors, most: int = 1000) -> Tensors:
    """The tensors of a text encoder under the names of transformers, at most so many of its layers."""
    named = dict(_open(own)) if TOKENS in own else {name.removeprefix("text_model."): own[name] for name in own}
    return {name: shape for name, shape in named.items() if is_within(name, most)}


def _open(own: Tensors) -> Iterator[tuple[str, Shape]]:
    yield f"embeddings.{TOKENS}", own[TOKENS]
    for name, shape in own.items():
        names = text_names(name)
        yield from ((each, (*(rows // len(names) for rows in shape[:1]), *shape[1:])) for each in names)
