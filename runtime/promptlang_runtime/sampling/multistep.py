"""Samplers that remember earlier steps: linear multistep methods, and exponential ones of DPM-Solver++ and its kin.

Liu and others, "Pseudo Numerical Methods"; Zhang and Chen, "DEIS"; Lu and others, "DPM-Solver++".
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from math import exp, expm1, log, log1p, sqrt

import numpy as np
from numpy.typing import NDArray
from torch import Tensor

from promptlang_runtime.sampling.solver import Sampling, Way, slope, towards

ADAMS = ((1.0,), (3 / 2, -1 / 2), (23 / 12, -16 / 12, 5 / 12), (55 / 24, -59 / 24, 37 / 24, -9 / 24))
"""Adams and Bashforth's shares of the latest slopes, for steps of one size."""

Shares = Callable[[Sequence[float], int], Sequence[float]]
"""By what the latest slopes are multiplied at a step, the newest first."""


def lms(x: Tensor, way: Way) -> Sampling:
    """The integral of the polynomial through the last four slopes."""
    return (yield from _linear(x, way, _exact_until_zero))


def lms_to_the_end(x: Tensor, way: Way) -> Sampling:
    """The same to a level of 0, where `lms` takes the guess, as k-diffusion has it."""
    return (yield from _linear(x, way, _exact))


def ipndm(x: Tensor, way: Way) -> Sampling:
    """Adams and Bashforth's fourth order, as if all steps were of one size; the last step is the guess."""
    return (yield from _linear(x, way, _even))


def ipndm_v(x: Tensor, way: Way) -> Sampling:
    """The same with steps of the size that they have."""
    return (yield from _linear(x, way, _variable))


def deis(x: Tensor, way: Way) -> Sampling:
    """DEIS of third order: polynomials over the time of a variance-preserving process."""
    return (yield from _linear(x, way, _DeisShares(way.sigmas)))


def _linear(x: Tensor, way: Way, shares: Shares) -> Sampling:
    slopes: list[Tensor] = []
    for at, (sigma, _) in enumerate(way.steps):
        guess = yield x, sigma
        slopes = [slope(x, guess, sigma), *slopes[:3]]
        found = shares(way.sigmas, at)
        x = guess if not found else x + _sum(found, slopes)
    return x


def _sum(shares: Sequence[float], slopes: Sequence[Tensor]) -> Tensor:
    total = shares[0] * slopes[0]
    for share, each in zip(shares[1:], slopes[1:], strict=False):
        total = total + share * each
    return total


def _exact(sigmas: Sequence[float], at: int) -> Sequence[float]:
    known = sigmas[max(at - 3, 0) : at + 1][::-1]
    return _integrals(known, sigmas[at], sigmas[at + 1])


def _exact_until_zero(sigmas: Sequence[float], at: int) -> Sequence[float]:
    return _exact(sigmas, at) if sigmas[at + 1] else ()


def _variable(sigmas: Sequence[float], at: int) -> Sequence[float]:
    """The shares for steps of unlike sizes, as the authors of the sampler's published code have them."""
    if not sigmas[at + 1]:
        return ()
    now, *earlier = (sigmas[each + 1] - sigmas[each] for each in range(at, max(at - 4, -1), -1))
    if not earlier:
        return [now]
    one = earlier[0]
    shares = [1 + now / one / 2, -now / one / 2, 0.0, 0.0]
    if len(earlier) > 1:
        two = earlier[1]
        first = (1 - now / (3 * (now + one)) * (now * (now + one)) / (one * (one + two))) / 2
        shares[0] += first
        shares[1] -= (1 + one / two) * first
        shares[2] += first * one / two
    if len(earlier) > 2:
        two, three = earlier[1:]
        far = one * (one + two) / (two * (two + three))
        second = (1 - now / (3 * (now + one))) / 2
        second += (1 - now / (2 * (now + one))) * now / (6 * (now + one + two))
        second *= now * (now + one) * (now + one + two) / (one * (one + two) * (one + two + three))
        shares[0] += second
        shares[1] -= (1 + one / two + far) * second
        shares[2] += (one / two + far * (1 + two / three)) * second
        shares[3] -= far * one / two * second
    return [now * each for each in shares]


def _even(sigmas: Sequence[float], at: int) -> Sequence[float]:
    if not sigmas[at + 1]:
        return ()
    return [(sigmas[at + 1] - sigmas[at]) * each for each in ADAMS[min(at, 3)]]


class _DeisShares:
    """The shares of DEIS: its integrals are sums over evenly spaced times, as its authors take them."""

    _POINTS = 10_000
    _FIRST, _LOW, _HIGH = 1e-3, 0.002, 80.0  # the least time, and the levels that the process goes between

    def __init__(self, sigmas: Sequence[float]) -> None:
        low, high = log1p(self._LOW**2), log1p(self._HIGH**2)
        self._growth = 2 * (low / self._FIRST - high) / (self._FIRST - 1)
        self._start = high - self._growth / 2
        self._times = [self._time(each) for each in sigmas]

    def _time(self, sigma: float) -> float:
        grown, start = self._growth, self._start
        return (sqrt(start**2 + 2 * grown * log1p(sigma**2)) - start) / grown

    def __call__(self, sigmas: Sequence[float], at: int) -> Sequence[float]:
        order = min(at + 1, 3)
        if order == 1 or not sigmas[at + 1]:
            return [sigmas[at + 1] - sigmas[at]]
        known = self._times[at - order + 1 : at + 1][::-1]
        times = np.linspace(self._times[at], self._times[at + 1], self._POINTS)
        gone = self._growth * times**2 / 2 + self._start * times
        weights = (self._growth * times + self._start) * np.exp(gone) / (2 * np.sqrt(np.expm1(gone)))
        return _spread_over(known, times, weights * (self._times[at + 1] - self._times[at]) / self._POINTS)


def dpmpp_2m(x: Tensor, way: Way) -> Sampling:
    """DPM-Solver++ of second order over two steps."""
    before: Tensor | None = None
    for at, (sigma, after) in enumerate(way.steps):
        guess = yield x, sigma
        ahead = guess
        if before is not None and after:
            ratio = log(way.sigmas[at - 1] / sigma) / log(sigma / after)
            ahead = guess + (guess - before) / (2 * ratio)
        x = towards(x, ahead, after / sigma)
        before = guess
    return x


def dpmpp_2m_sde(x: Tensor, way: Way) -> Sampling:
    """Its form for the stochastic equation, by the midpoint."""
    return (yield from _two_steps_with_noise(x, way, lambda size: -expm1(-2 * size) / 2))


def dpmpp_2m_sde_heun(x: Tensor, way: Way) -> Sampling:
    """The same by Heun's rule."""
    return (yield from _two_steps_with_noise(x, way, lambda size: 1 + expm1(-2 * size) / (2 * size)))


def _two_steps_with_noise(x: Tensor, way: Way, bent: Callable[[float], float]) -> Sampling:
    before: Tensor | None = None
    size_before = 0.0
    for sigma, after in way.steps:
        guess = yield x, sigma
        if not after:
            return guess
        size = log(sigma / after)
        x = after / sigma * exp(-size) * x - expm1(-2 * size) * guess
        if before is not None:
            x = x + bent(size) * size / size_before * (guess - before)
        x = x + after * sqrt(-expm1(-2 * size)) * way.noise(sigma, after)
        before, size_before = guess, size
    return x


def dpmpp_3m_sde(x: Tensor, way: Way) -> Sampling:
    """The same over three steps."""
    guesses: list[Tensor] = []
    sizes: list[float] = []
    for sigma, after in way.steps:
        guess = yield x, sigma
        if not after:
            return guess
        size = log(sigma / after)
        x = after / sigma * exp(-size) * x - expm1(-2 * size) * guess
        second = expm1(-2 * size) / (2 * size) + 1
        if len(guesses) > 1:
            near, far = sizes[0] / size, sizes[1] / size
            newer, older = (guess - guesses[0]) / near, (guesses[0] - guesses[1]) / far
            bend = newer + (newer - older) * (near / (near + far))
            x = x + second * bend - (second / (2 * size) - 0.5) * (newer - older) / (near + far)
        elif guesses:
            x = x + second * size / sizes[0] * (guess - guesses[0])
        x = x + after * sqrt(-expm1(-2 * size)) * way.noise(sigma, after)
        guesses, sizes = [guess, *guesses[:1]], [size, *sizes[:1]]
    return x


def res_multistep(x: Tensor, way: Way) -> Sampling:
    """The refined exponential solver of second order over two steps."""
    before: Tensor | None = None
    for at, (sigma, after) in enumerate(way.steps):
        guess = yield x, sigma
        if before is None or not after:
            x = towards(x, guess, after / sigma)
        else:
            size = log(sigma / after)
            first = expm1(-size) / -size
            second = (first - 1) / -size
            apart = log(sigma / way.sigmas[at - 1]) / size
            x = exp(-size) * x + size * ((first - second / apart) * guess + second / apart * before)
        before = guess
    return x


def gradient_estimation(x: Tensor, way: Way) -> Sampling:
    """Euler along the slope pushed on by its last change: Permenter and Yuan, with their factor of 2."""
    before: Tensor | None = None
    for sigma, after in way.steps:
        guess = yield x, sigma
        if not after:
            return guess
        now = slope(x, guess, sigma)
        x = x + (after - sigma) * (now if before is None else 2 * now - before)
        before = now
    return x


def plms(x: Tensor, way: Way) -> Sampling:
    """Pseudo linear multistep, whose first step is one of Heun's with a call more."""
    slopes: list[Tensor] = []
    for at, (sigma, after) in enumerate(way.steps):
        now = slope(x, (yield x, sigma), sigma)
        slopes = [now, *slopes[:3]]
        if at:
            x = x + (after - sigma) * _sum(ADAMS[min(at, 3)], slopes)
            continue
        ahead = x + (after - sigma) * now
        x = x + (after - sigma) / 2 * (now + slope(ahead, (yield ahead, after), after))
    return x


def _integrals(points: Sequence[float], start: float, end: float) -> list[float]:
    """For each point the integral, from start to end, of the polynomial that is 1 there and 0 at the others."""
    width = end - start
    found: list[float] = []
    for place, own in enumerate(points):
        product = np.polynomial.Polynomial([1.0])
        for other, each in enumerate(points):
            if other != place:
                # in shares of the way, so that steps of any size lose nothing
                product *= np.polynomial.Polynomial([(start - each) / (own - each), width / (own - each)])
        whole = product.integ()
        found.append(float(whole(1.0) - whole(0.0)) * width)
    return found


def _spread_over(points: Sequence[float], places: NDArray[np.float64], weights: NDArray[np.float64]) -> list[float]:
    """The same as sums over places, each of which has a weight."""
    found: list[float] = []
    for place, own in enumerate(points):
        product = weights.copy()
        for other, each in enumerate(points):
            if other != place:
                product *= (places - each) / (own - each)
        found.append(float(product.sum()))
    return found
