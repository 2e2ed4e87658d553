"""The inverse of the beta distribution, by its continued fraction and halving; no package is needed for it."""

from __future__ import annotations

from functools import cache
from math import exp, lgamma, log

_TINY = 1e-300
_HALVINGS = 100


@cache
def beta_point(share: float, first: float, second: float) -> float:
    """Where that share of the distribution with these two parameters lies below."""
    if share <= 0 or share >= 1:
        return min(max(share, 0.0), 1.0)
    low, high = 0.0, 1.0
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        if below(middle, first, second) < share:
            low = middle
        else:
            high = middle
    return (low + high) / 2


def below(point: float, first: float, second: float) -> float:
    """The share of the distribution that lies below a point: the regularized incomplete beta function."""
    if point <= 0 or point >= 1:
        return min(max(point, 0.0), 1.0)
    if point > (first + 1) / (first + second + 2):  # where the fraction of the other side ends sooner
        return 1 - below(1 - point, second, first)
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
