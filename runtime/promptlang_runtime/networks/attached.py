"""Networks in the layers of a model, at strengths that can be set at any moment."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from torch import Tensor, nn
from torch.nn import functional
from torch.utils.hooks import RemovableHandle

from promptlang.models.fitting.misfits import other_shape
from promptlang_runtime.errors import RenderError
from promptlang_runtime.networks.changes import Difference, LowRank
from promptlang_runtime.networks.layers import Changed, Layer

Strengths = Mapping[str, float]
"""How strong a network is, by the part of the model."""


@dataclass(frozen=True, slots=True, eq=False)
class _Pair:
    """The matrices of the network of that number, in the type of their layer, and where it lies while it rests."""

    network: int
    down: Tensor
    up: Tensor
    alpha: float


@dataclass(frozen=True, slots=True, eq=False)
class _Gain:
    """What the network of that number adds to the weight of a layer."""

    network: int
    difference: Difference
    rows: Tensor | None


class Attached:
    """Networks that were put into a model. They count as soon as strengths are set, in their order."""

    def __init__(self, networks: Sequence[tuple[str, Sequence[Changed]]]) -> None:
        """Names for messages, and what each network changes; raises RenderError where shapes do not fit."""
        self._names = [name for name, _ in networks]
        self._strengths: Sequence[Strengths] = ()
        layers: dict[nn.Module, Layer] = {}
        pairs: dict[nn.Module, list[_Pair]] = {}
        gains: dict[nn.Module, list[_Gain]] = {}
        for number, (name, changes) in enumerate(networks):
            for each in changes:
                module = each.layer.module
                layers[module] = each.layer
                if isinstance(each.change, LowRank):
                    pairs.setdefault(module, []).append(_pair(number, name, each, each.change))
                else:
                    gains.setdefault(module, []).append(_Gain(number, each.change, each.rows))
        self._merged = [_Merged(layers[module], found, self._names) for module, found in gains.items()]
        self._hooks = [self._hooked(layers[module], found) for module, found in pairs.items()]

    def set(self, strengths: Sequence[Strengths]) -> None:
        """How strong each network is from now on; raises RenderError where a shape does not fit."""
        if list(strengths) == list(self._strengths):
            return
        self._strengths = tuple(strengths)
        for each in self._merged:
            each.set(strengths)

    def rest(self) -> None:
        """The model is as it was, until strengths are set again."""
        self._strengths = ()
        for each in self._merged:
            each.rest()

    def remove(self) -> None:
        """Nothing is left in the model."""
        self.rest()
        for hook in self._hooks:
            hook.remove()

    def _hooked(self, layer: Layer, pairs: Sequence[_Pair]) -> RemovableHandle:
        apply = _applied(layer.module)

        def beside(module: nn.Module, inputs: tuple[Tensor, ...], said: Tensor) -> Tensor:
            del module
            for pair in pairs if self._strengths else ():
                if strength := self._strengths[pair.network][layer.part]:
                    said = said + apply(inputs[0], pair) * (strength * pair.alpha / pair.down.shape[0])
            return said

        return layer.module.register_forward_hook(beside)


class _Merged:
    """A layer whose weight is another one while networks are on; the last other one is kept beside its own."""

    def __init__(self, layer: Layer, gains: Sequence[_Gain], names: Sequence[str]) -> None:
        self._layer, self._gains, self._names = layer, gains, names
        self._own = self._other = layer.module.weight.data
        self._at: tuple[float, ...] = ()
        self._is_on = False

    def set(self, strengths: Sequence[Strengths]) -> None:
        """The weight with every gain at its strength, worked out where the strengths are new."""
        at = tuple(strengths[each.network][self._layer.part] for each in self._gains)
        if at != self._at:
            self._at, self._other = at, self._gained(at)
        self._layer.module.weight.data, self._is_on = self._other, True

    def rest(self) -> None:
        """Its own weight, where another one stands there."""
        if self._is_on:
            self._layer.module.weight.data, self._is_on = self._own, False

    def _gained(self, at: Sequence[float]) -> Tensor:
        weight = self._own.float()
        for strength, gain in zip(at, self._gains, strict=True):
            if strength:
                try:
                    weight = weight + strength * gain.difference.added(weight, gain.rows)
                except (RuntimeError, IndexError):
                    raise _unfit(self._names[gain.network], self._layer) from None
        return weight.to(self._own)


def _pair(number: int, name: str, changed: Changed, change: LowRank) -> _Pair:
    """The matrices in the shape of their layer; raises RenderError where they have another."""
    weight, up = changed.layer.module.weight, change.up if changed.rows is None else change.up[changed.rows]
    rank = change.down.shape[0]
    try:
        down = change.down.reshape(rank, *weight.shape[1:]).to(weight)
        up = up.reshape(weight.shape[0], rank, *[1] * (weight.dim() - 2)).to(weight)
    except RuntimeError:
        raise _unfit(name, changed.layer, (up.shape[0], *change.down.shape[1:])) from None
    return _Pair(number, down, up, change.alpha)


def _unfit(name: str, layer: Layer, found: tuple[int, ...] | None = None) -> RenderError:
    return RenderError(other_shape(name, layer.name, tuple(layer.module.weight.shape), found))


def _applied(module: nn.Linear | nn.Conv2d) -> Callable[[Tensor, _Pair], Tensor]:
    """How a layer's input goes through a pair of matrices."""
    if isinstance(module, nn.Linear):
        return lambda given, pair: functional.linear(functional.linear(given, pair.down.to(given)), pair.up.to(given))

    def convolved(given: Tensor, pair: _Pair) -> Tensor:
        down, up = pair.down.to(given), pair.up.to(given)
        seen = functional.conv2d(given, down, None, module.stride, module.padding, module.dilation)
        return functional.conv2d(seen, up)

    return convolved
