"""DPM-Solver by itself: `dpm_fast`, which lays its own levels out, and `dpm_adaptive`, which measures its own steps.

Lu and others, "DPM-Solver"; the step size is controlled as Söderlind's digital filters do. Time here is -log sigma.
"""

from __future__ import annotations

from collections.abc import Generator, Sequence
from math import atan, exp, expm1, log, sqrt

import torch
from torch import Tensor

from promptlang_runtime.sampling.levels import numbers
from promptlang_runtime.sampling.solver import Sampling, Way, ancestral, slope

RELATIVE, ABSOLUTE = 0.05, 0.0078  # how far off a step may be
FIRST_STEP = 0.05
SAFETY = 0.81  # below which share of its size a step is taken again


def dpm_fast(x: Tensor, way: Way, *, heat: float = 0.0) -> Sampling:
    """As many calls as steps, three to a step where they suffice; with `heat` each step adds noise."""
    calls = len(way.sigmas) - 1
    triples = calls // 3
    orders = [3] * (triples - 1) + [2, 1] if calls % 3 == 0 else [3] * triples + [calls % 3]
    times = numbers(torch.linspace(-log(way.sigmas[0]), -log(_last(way.sigmas)), len(orders) + 1))
    for order, time, after in zip(orders, times, times[1:], strict=False):
        first = slope(x, (yield x, exp(-time)), exp(-time))
        steps = (_first_order, _second_order, _third_order)
        down, up = _down(time, after, times[-1], heat)
        x = yield from steps[order - 1](x, first, time, down)
        if up:
            x = x + up * way.noise(exp(-time), exp(-after))
    return x


def dpm_adaptive(x: Tensor, way: Way, *, heat: float = 0.0) -> Sampling:
    """Steps of third order as long as the second order agrees with them; how many there are is up to the picture."""
    time, end = -log(way.sigmas[0]), -log(_last(way.sigmas))
    size, before = FIRST_STEP, x
    while time < end - 1e-5:
        after = min(end, time + size)
        first = slope(x, (yield x, exp(-time)), exp(-time))
        down, up = _down(time, after, end, heat)
        low, second = yield from _second_order_of(x, first, time, down, 1 / 3)
        high = yield from _third_order(x, first, time, down, known=second)
        allowed = torch.maximum(low.abs(), before.abs()).mul(RELATIVE).clamp(min=ABSOLUTE)
        error = float(((low - high) / allowed).square().mean().sqrt())
        factor = 1 + atan((1 / (1e-8 + error)) ** (1 / 3) - 1)
        if factor >= SAFETY:
            x, before = high, low
            if up:
                x = x + up * way.noise(exp(-time), exp(-after))
            time = after
        size *= factor
    return x


def _down(time: float, after: float, end: float, heat: float) -> tuple[float, float]:
    """The time to go to, and how much fresh noise leads from there to the next."""
    if not heat:
        return after, 0.0
    down = min(end, -log(ancestral(exp(-time), exp(-after))[0]))
    return down, sqrt(exp(-2 * after) - exp(-2 * down))


def _last(sigmas: Sequence[float]) -> float:
    return sigmas[-1] or sigmas[-2]


def _first_order(x: Tensor, first: Tensor, time: float, after: float) -> Sampling:
    yield from ()
    return x - exp(-after) * expm1(after - time) * first


def _second_order(x: Tensor, first: Tensor, time: float, after: float) -> Sampling:
    found, _ = yield from _second_order_of(x, first, time, after, 1 / 2)
    return found


def _second_order_of(
    x: Tensor, first: Tensor, time: float, after: float, share: float
) -> Generator[tuple[Tensor, float], Tensor, tuple[Tensor, Tensor]]:
    """The picture, and the slope on the way that the third order goes on with."""
    size = after - time
    between = time + share * size
    middle = x - exp(-between) * expm1(share * size) * first
    second = slope(middle, (yield middle, exp(-between)), exp(-between))
    whole = exp(-after) * expm1(size)
    return x - whole * first - whole / (2 * share) * (second - first), second


def _third_order(x: Tensor, first: Tensor, time: float, after: float, *, known: Tensor | None = None) -> Sampling:
    size = after - time
    one, two = time + size / 3, time + 2 * size / 3
    second = known
    if second is None:
        middle = x - exp(-one) * expm1(size / 3) * first
        second = slope(middle, (yield middle, exp(-one)), exp(-one))
    far = x - exp(-two) * expm1(2 * size / 3) * first
    far = far - exp(-two) * 2 * (expm1(2 * size / 3) / (2 * size / 3) - 1) * (second - first)
    third = slope(far, (yield far, exp(-two)), exp(-two))
    x = x - exp(-after) * expm1(size) * first
    return x - exp(-after) * 1.5 * (expm1(size) / size - 1) * (third - first)
