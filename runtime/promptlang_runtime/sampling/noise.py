"""Noise for samplers that add some: drawn anew for every step, or along one path that is the same for any steps."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from importlib import import_module
from typing import Protocol

import torch
from torch import Tensor

from promptlang.tables.options.picture import SEEDS


class _Path(Protocol):
    """A path of Brownian motion: what it changes by between two times."""

    def __call__(self, start: float, end: float) -> Tensor: ...


class Fresh:
    """Noise from generators, one a picture."""

    def __init__(self, generators: Sequence[torch.Generator], like: Tensor) -> None:
        self._generators, self._like = generators, like

    def __call__(self, sigma: float, after: float) -> Tensor:
        shape = self._like.shape[1:]
        drawn = [torch.randn(shape, generator=each, dtype=torch.float32) for each in self._generators]
        return torch.stack(drawn).to(self._like)


class Brownian:
    """The change of a path between two noise levels, brought to a spread of 1; one path a picture, by its seed."""

    def __init__(self, seeds: Sequence[int], sigmas: Sequence[float], like: Tensor) -> None:
        low, high = min(each for each in sigmas if each > 0), max(sigmas)
        tree = import_module("torchsde").BrownianTree
        nothing = torch.zeros(like.shape[1:], dtype=torch.float32)
        self._paths: list[_Path] = [tree(low, nothing, high, entropy=seed) for seed in seeds]
        self._like = like

    def __call__(self, sigma: float, after: float) -> Tensor:
        low, high = sorted((sigma, after))
        sign = 1 if sigma < after else -1
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", message="Should have")  # an end that rounding puts past the path's own
            changes = torch.stack([path(low, high) for path in self._paths])
        return (changes * (sign / abs(after - sigma) ** 0.5)).to(self._like)


def following(seed: int) -> int:
    """The seed after this one; after the largest comes 0."""
    return (seed + 1) % SEEDS
