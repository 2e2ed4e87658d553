"""The layers of a loaded model that networks change, by the names that files give them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from torch import Tensor, nn

from promptlang.models.fitting.layer_names import found_in
from promptlang.models.fitting.misfits import Sized, no_layer
from promptlang_runtime.errors import RenderError
from promptlang_runtime.models.pipelines import Layered
from promptlang_runtime.networks.changes import Change, change_of
from promptlang_runtime.networks.files import Pieces


@dataclass(frozen=True, slots=True, eq=False)
class Layer:
    """A layer of a part of a model."""

    part: str
    name: str
    module: nn.Linear | nn.Conv2d


@dataclass(frozen=True, slots=True, eq=False)
class Changed:
    """A layer and what a network does to it; `rows` are those of a larger layer that the network was trained for."""

    layer: Layer
    change: Change
    rows: Tensor | None = None


def layers_of(part: str, model: Layered) -> Iterator[Layer]:
    """The layers of a part that a network may change."""
    for name, module in model.named_modules():
        if isinstance(module, (nn.Linear, nn.Conv2d)):
            yield Layer(part, name, module)


def underscored(layers: Iterable[Layer], *begins: str) -> dict[str, Layer]:
    """The layers by their names with underscores, which files begin in several ways."""
    return {begin + each.name.replace(".", "_"): each for each in layers for begin in begins}


def sized(known: Mapping[str, Layer]) -> Mapping[str, Sized]:
    """The names and shapes of layers, by which a network is compared with them."""
    return {written: (each.name, tuple(each.module.weight.shape)) for written, each in known.items()}


def changes(files: Mapping[str, Pieces], known: Mapping[str, Layer], name: str) -> tuple[Changed, ...]:
    """What a network changes; raises RenderError for a layer that the model has not, and for a missing tensor."""
    found: list[Changed] = []
    for written, pieces in files.items():
        layer = found_in(known, written)
        if layer is None:
            raise missing(written, name)
        found.append(Changed(layer, told(pieces, written, name)))
    return tuple(found)


def told(pieces: Pieces, written: str, name: str) -> Change:
    """What the tensors of a layer make of it; raises RenderError where one is missing."""
    try:
        return change_of(pieces)
    except KeyError as error:
        raise RenderError(f"the LoRA <{name}> does not fit: `{written}` has no `{error.args[0]}`") from None


def missing(written: str, name: str) -> RenderError:
    """What is said of a layer that nothing in the model answers to."""
    return RenderError(no_layer(name, written))
