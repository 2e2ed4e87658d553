"""What every sampler here is: a generator that asks for guesses of the finished picture and gives the last picture.

A sampler yields a picture with noise and its noise level, is sent what the model makes of it without any noise, and
returns the picture at the last level. Who drives it decides what the model is, so one sampler serves every loop.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import sqrt

import torch
from torch import Tensor

Sampling = Generator[tuple[Tensor, float], Tensor, Tensor]
StepNoise = Callable[[float, float], Tensor]
"""Fresh noise for the way from one level to another, as wide as the picture."""


@dataclass(frozen=True, slots=True)
class Way:
    """The levels that a picture goes through, from the largest to the last; `noise` is for samplers that add some.

    `warm` are the levels between which one of them does so.
    """

    sigmas: Sequence[float]
    noise: StepNoise
    warm: tuple[float, float] = (0.0, 0.0)

    @property
    def steps(self) -> Iterator[tuple[float, float]]:
        """The levels that each step goes between."""
        return pairwise(self.sigmas)


Sampler = Callable[[Tensor, Way], Sampling]


def slope(x: Tensor, guess: Tensor, sigma: float) -> Tensor:
    """The direction of the noise: what a picture changes by for each unit of noise."""
    return (x - guess) / sigma


def towards(x: Tensor, guess: Tensor, share: float) -> Tensor:
    """The picture between the guess and itself, of which a share is left."""
    return guess.lerp(x, share)


def ancestral(sigma: float, after: float) -> tuple[float, float]:
    """The level to go down to, and how much fresh noise brings it up to the one wanted."""
    up = min(after, sqrt(after**2 * (sigma**2 - after**2) / sigma**2)) if after else 0.0
    return sqrt(after**2 - up**2), up


def halfway(sigma: float, after: float) -> float:
    """The level between two in the logarithm, in single precision: noise along a path depends on every bit of it."""
    logs = torch.tensor([sigma, after]).log().neg()
    return float(logs[0].lerp(logs[1], 0.5).neg().exp())
