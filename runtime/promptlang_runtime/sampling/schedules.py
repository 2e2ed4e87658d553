"""Noise levels for a number of steps, one small function a schedule, in single precision as the owners compute them.

Each gives the levels from the largest to the smallest, without the 0 that a picture ends at, unless it says otherwise.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache
from math import exp, lgamma, log

import torch
from torch import Tensor

from promptlang_runtime.sampling.levels import Levels, numbers

Schedule = Callable[[Levels, int], Tensor]

KARRAS_RHO = 7.0
BETA = 0.6  # both parameters of the distribution, as "Beta Sampling is All You Need" proposes
_LINEAR_PART = 0.025  # of the noise, which the first half of `linear_quadratic` takes away, as Mochi was published
_TINY = 1e-300
_HALVINGS = 100


def normal(levels: Levels, steps: int) -> Tensor:
    """Evenly spaced in moments of the training."""
    return levels.sigma(_moments(levels, steps))


def sgm_uniform(levels: Levels, steps: int) -> Tensor:
    """The same for one step more, the last of which is left out."""
    return levels.sigma(_moments(levels, steps + 1)[:-1])


def simple(levels: Levels, steps: int) -> Tensor:
    """Levels of the training, evenly picked from the top."""
    known = levels.sigmas
    return known[[-1 - int(at * (len(known) / steps)) for at in range(steps)]]


def ddim_uniform(levels: Levels, steps: int) -> Tensor:
    """Levels of the training at one whole distance, from the second one up; there may be one more than steps."""
    known = levels.sigmas
    return known[1 :: max(len(known) // steps, 1)].flip(0)


def karras(levels: Levels, steps: int) -> Tensor:
    """Evenly spaced in the seventh root, by Karras and others."""
    low, high = (float(levels.sigmas[place]) ** (1 / KARRAS_RHO) for place in (0, -1))
    return (high + torch.linspace(0, 1, steps) * (low - high)) ** KARRAS_RHO


def exponential(levels: Levels, steps: int) -> Tensor:
    """Evenly spaced in the logarithm."""
    low, high = (log(float(levels.sigmas[place])) for place in (0, -1))
    return torch.linspace(high, low, steps).exp()


def beta(levels: Levels, steps: int) -> Tensor:
    """Levels of the training, picked by a beta distribution; those that are picked twice count once."""
    last = len(levels.sigmas) - 1
    picked = [round(beta_point(1 - at / steps, BETA, BETA) * last) for at in range(steps)]
    return levels.sigmas[list(dict.fromkeys(picked))]


def beta_by_level(levels: Levels, steps: int) -> Tensor:
    """webui's: the beta distribution over the noise levels themselves."""
    low, high = float(levels.sigmas[0]), float(levels.sigmas[-1])
    shares = numbers(torch.linspace(1, 0, steps, dtype=torch.float64))
    return torch.tensor([low + beta_point(each, BETA, BETA) * (high - low) for each in shares])


def kl_optimal(levels: Levels, steps: int) -> Tensor:
    """Evenly spaced in the arc tangent, as "Align Your Steps" derives for a Gaussian."""
    share = torch.linspace(0, 1, steps)
    return (share * levels.sigmas[0].atan() + (1 - share) * levels.sigmas[-1].atan()).tan()


def kl_optimal_unended(levels: Levels, steps: int) -> Tensor:
    """webui's: for one step more, so that the smallest level stands where 0 would."""
    return kl_optimal(levels, steps + 1)


def linear_quadratic(levels: Levels, steps: int) -> Tensor:
    """A line for the first half of the steps and a parabola for the rest, as Mochi was published."""
    if steps == 1:
        return levels.sigmas[-1:]
    half = steps // 2
    rest, short = steps - half, half - _LINEAR_PART * steps
    square = short / (half * rest**2)
    slope = _LINEAR_PART / half - 2 * short / rest**2
    taken = [_LINEAR_PART * at / half if at < half else square * (at**2 + half**2) + slope * at for at in range(steps)]
    return levels.sigmas[-1] * torch.tensor([1 - each for each in taken])


def _moments(levels: Levels, count: int) -> Tensor:
    first, last = numbers(levels.moment(levels.sigmas[[-1, 0]]))
    return torch.linspace(first, last, count)


@cache
def beta_point(share: float, first: float, second: float) -> float:
    """Where that share of the beta distribution with these two parameters lies below, found by halving."""
    if share <= 0 or share >= 1:
        return min(max(share, 0.0), 1.0)
    low, high = 0.0, 1.0
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        if _below(middle, first, second) < share:
            low = middle
        else:
            high = middle
    return (low + high) / 2


def _below(point: float, first: float, second: float) -> float:
    """The share of the distribution that lies below a point: the regularized incomplete beta function."""
    if point <= 0 or point >= 1:
        return min(max(point, 0.0), 1.0)
    if point > (first + 1) / (first + second + 2):  # where the fraction of the other side ends sooner
        return 1 - _below(1 - point, second, first)
    scale = lgamma(first + second) - lgamma(first) - lgamma(second) + first * log(point) + second * log(1 - point)
    return exp(scale) * _fraction(point, first, second) / first


def _fraction(point: float, first: float, second: float) -> float:
    """Its continued fraction, by the method of Lentz."""
    above, under = 1.0, 1 / _kept(1 - (first + second) * point / (first + 1))
    found = under
    for at in range(1, 300):
        even = at * (second - at) * point / ((first + 2 * at - 1) * (first + 2 * at))
        under, above = 1 / _kept(1 + even * under), _kept(1 + even / above)
        found *= under * above
        odd = -(first + at) * (first + second + at) * point / ((first + 2 * at) * (first + 2 * at + 1))
        under, above = 1 / _kept(1 + odd * under), _kept(1 + odd / above)
        change = under * above
        found *= change
        if abs(change - 1) < 1e-15:
            break
    return found


def _kept(number: float) -> float:
    """The number, or the smallest one where it is 0."""
    return number if abs(number) > _TINY else _TINY


COMFY: Mapping[str, Schedule] = {
    "normal": normal,
    "simple": simple,
    "sgm_uniform": sgm_uniform,
    "ddim_uniform": ddim_uniform,
    "karras": karras,
    "exponential": exponential,
    "beta": beta,
    "kl_optimal": kl_optimal,
    "linear_quadratic": linear_quadratic,
}
WEBUI: Mapping[str, Schedule] = {
    **{name: each for name, each in COMFY.items() if name != "linear_quadratic"},
    "beta": beta_by_level,
    "kl_optimal": kl_optimal_unended,
}
UNENDED = frozenset({kl_optimal_unended})
"""Schedules that say where a picture ends themselves."""
