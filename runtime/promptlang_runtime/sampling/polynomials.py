"""Integrals of polynomials through known points, which multistep samplers weigh what they remember by."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray


def integrals(points: Sequence[float], start: float, end: float) -> list[float]:
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


def spread_over(points: Sequence[float], places: NDArray[np.float64], weights: NDArray[np.float64]) -> list[float]:
    """The same as sums over places, each of which has a weight."""
    found: list[float] = []
    for place, own in enumerate(points):
        product = weights.copy()
        for other, each in enumerate(points):
            if other != place:
                product *= (places - each) / (own - each)
        found.append(float(product.sum()))
    return found
