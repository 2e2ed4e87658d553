"""Samplers that correct a step by what the model makes of its end: UniPC and the stochastic Adams solver.

Zhao and others, "UniPC"; Xue and others, "SA-Solver".
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import exp, expm1, factorial, log, sqrt

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from promptlang_runtime.sampling.levels import numbers
from promptlang_runtime.sampling.solver import Sampling, Way, slope

UNI_PC_ORDER = 3
UNI_PC_END = 0.001  # the level that stands for 0, whose logarithm no step could be measured in


def uni_pc(x: Tensor, way: Way) -> Sampling:
    """UniPC with B(h) = h."""
    return (yield from _uni_pc(x, way, lambda size: size))


def uni_pc_bh2(x: Tensor, way: Way) -> Sampling:
    """UniPC with B(h) = exp(h) - 1."""
    return (yield from _uni_pc(x, way, expm1))


def _uni_pc(x: Tensor, way: Way, scale: Callable[[float], float]) -> Sampling:
    """The multistep form, in pictures whose noise is scaled down."""
    sigmas = [*way.sigmas[:-1], way.sigmas[-1] or UNI_PC_END]
    shares = _shares(sigmas)
    steps = len(sigmas) - 1
    most = min(UNI_PC_ORDER, steps - 1) or 1
    x = x / sqrt(sigmas[0] ** 2 + 1)
    guesses: list[Tensor] = []
    for step in range(steps + 1):
        sigma, share = sigmas[step], shares[step]
        ahead, plain, parts = x, x, None
        bent: list[Tensor] = []
        if step:
            order = min(step, most, steps + 1 - step)
            parts = _Parts(shares[step - order : step][::-1], share, scale)
            before = shares[step - 1]
            plain = share.noise / before.noise * x - share.signal * expm1(-parts.size) * guesses[0]
            bent = [(each - guesses[0]) / apart for each, apart in zip(guesses[1:], parts.apart, strict=False)]
            ahead = plain - share.signal * parts.scale * _weighed(parts.predicted, bent)
            if step == steps:
                return ahead / share.signal
        asked = ahead * sqrt(sigma**2 + 1)
        noise = slope(asked, (yield asked, sigma), sigma)
        guess = (ahead - share.noise * noise) / share.signal
        if parts:
            change = _weighed(parts.corrected, [*bent, guess - guesses[0]])
            x = plain - share.signal * parts.scale * change
        guesses = [guess, *guesses[: most - 1]]
    return x


def _weighed(shares: Sequence[float], tensors: Sequence[Tensor]) -> Tensor | float:
    return sum(share * each for share, each in zip(shares, tensors, strict=True))


@dataclass(frozen=True, slots=True)
class _Share:
    """How much of a picture is signal and noise at a level, and half the logarithm of their ratio."""

    signal: float
    noise: float
    log: float


def _shares(sigmas: Sequence[float]) -> list[_Share]:
    """In single precision as UniPC's authors compute them from the signal: near 0 its rounding shows in the picture."""
    logs = torch.tensor(sigmas).square().add(1).reciprocal().log() / 2
    noise = 1 - (2 * logs).exp()
    columns = numbers(logs.exp()), numbers(noise.sqrt()), numbers(logs - noise.log() / 2)
    return [_Share(*each) for each in zip(*columns, strict=True)]


class _Parts:
    """What a step of UniPC is made of: its size in the logarithm, and by what the latest guesses are multiplied."""

    __slots__ = ("apart", "corrected", "predicted", "scale", "size")

    def __init__(self, known: Sequence[_Share], end: _Share, scale: Callable[[float], float]) -> None:
        self.size = end.log - known[0].log
        self.apart = [(each.log - known[0].log) / self.size for each in known[1:]]
        self.scale = scale(-self.size)
        order = len(known)
        points = np.array([*self.apart, 1.0])
        matrix = np.stack([points**power for power in range(order)])
        wanted: list[float] = []
        phi = expm1(-self.size) / -self.size - 1
        for power in range(1, order + 1):
            wanted.append(phi * factorial(power) / self.scale)
            phi = phi / -self.size - 1 / factorial(power + 1)
        right = np.array(wanted)
        self.corrected: list[float] = [0.5] if order == 1 else _solved(matrix, right)
        few = matrix[:-1, :-1], right[:-1]
        self.predicted: list[float] = [0.5] if order == 2 else _solved(*few) if order > 2 else []


SA_PREDICTOR, SA_CORRECTOR = 3, 4  # orders


def sa_solver(x: Tensor, way: Way) -> Sampling:
    """The stochastic Adams solver: as noisy as the stochastic equation between two levels, and not at all beside."""
    high, low = way.warm
    sigmas = way.sigmas
    guesses: list[Tensor] = []
    added: Tensor | float = 0.0
    heat = 0.0
    ahead = x
    for at, (sigma, after) in enumerate(way.steps):
        guess = yield ahead, sigma
        if not after:
            return guess
        guesses = [guess, *guesses[: SA_CORRECTOR - 1]]
        left = len(sigmas) - 1 - at
        order = min(SA_CORRECTOR, len(guesses), left) if at else 0
        if order:
            x = _sa_step(x, guesses[:order], sigmas[at - order + 1 : at + 1][::-1], (sigmas[at - 1], sigma), heat)
            x = x + added
        heat = 1.0 if low <= after <= high else 0.0
        order = min(SA_PREDICTOR, len(guesses), left - 1)
        ahead = _sa_step(x, guesses[:order], sigmas[at - order + 1 : at + 1][::-1], (sigma, after), heat)
        added = after * sqrt(-expm1(-2 * heat * log(sigma / after))) * way.noise(sigma, after) if heat else 0.0
        ahead = ahead + added
    return x


def _sa_step(
    x: Tensor, guesses: Sequence[Tensor], levels: Sequence[float], ends: tuple[float, float], heat: float
) -> Tensor:
    """One step from the first end to the second, by the polynomial through the guesses at their levels."""
    start, end = ends
    size = log(start / end)
    shares = _exponential([-log(each) for each in levels], -log(start), -log(end), 1 + heat)
    kept = end / start * exp(-heat * size) * x
    return kept + sum(share * guess for share, guess in zip(shares, guesses, strict=True))


def _exponential(points: Sequence[float], start: float, end: float, rate: float) -> list[float]:
    """For each point the integral of its Lagrange polynomial times rate exp(rate (t - end)), from start to end."""
    powers = [_moment(power, start - end, rate) for power in range(len(points))]
    matrix = np.vander(np.array(points) - end, len(points), increasing=True).T
    return _solved(matrix, np.array(powers))


def _solved(matrix: NDArray[np.float64], right: NDArray[np.float64]) -> list[float]:
    return [float(each) for each in np.linalg.solve(matrix, right)]


def _moment(power: int, start: float, rate: float) -> float:
    """The integral of t^power rate exp(rate t) from start to 0, by parts."""
    found = -expm1(rate * start)
    for each in range(1, power + 1):
        found = -(start**each) * exp(rate * start) - each / rate * found
    return found
