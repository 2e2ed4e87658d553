"""Noise levels for a number of steps, one small function a schedule, in single precision as the owners compute them.

Each gives the levels from the largest to the smallest, without the 0 that a picture ends at, unless it says otherwise.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from math import log

import torch
from torch import Tensor

from promptlang_runtime.sampling.beta import beta_point
from promptlang_runtime.sampling.levels import Levels, numbers

Schedule = Callable[[Levels, int], Tensor]

KARRAS_RHO = 7.0
BETA = 0.6  # both parameters of the distribution, as "Beta Sampling is All You Need" proposes
_LINEAR_PART = 0.025  # of the noise, which the first half of `linear_quadratic` takes away, as Mochi was published


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
