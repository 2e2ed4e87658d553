"""Samplers of one or several calls within a step: Euler, Heun, DPM-Solver-2, and those that make noise anew.

Karras and others, "Elucidating the Design Space of Diffusion-Based Generative Models"; Lu and others, "DPM-Solver".
"""

from __future__ import annotations

from math import exp, sqrt

from torch import Tensor

from promptlang_runtime.sampling.solver import Sampling, Way, ancestral, halfway, slope, towards


def euler(x: Tensor, way: Way) -> Sampling:
    """One step along the slope, which is what DDIM without noise of its own does as well."""
    for sigma, after in way.steps:
        x = towards(x, (yield x, sigma), after / sigma)
    return x


def euler_ancestral(x: Tensor, way: Way) -> Sampling:
    """Euler to below the next level, and fresh noise up to it."""
    for sigma, after in way.steps:
        down, up = ancestral(sigma, after)
        x = towards(x, (yield x, sigma), down / sigma)
        if up:
            x = x + up * way.noise(sigma, after)
    return x


def heun(x: Tensor, way: Way) -> Sampling:
    """The mean of the slopes at both ends of a step."""
    for sigma, after in way.steps:
        first = slope(x, (yield x, sigma), sigma)
        ahead = x + (after - sigma) * first
        if after:
            second = slope(ahead, (yield ahead, after), after)
            ahead = x + (after - sigma) / 2 * (first + second)
        x = ahead
    return x


def heun_plus(x: Tensor, way: Way) -> Sampling:
    """Heun with slopes of up to three levels, weighted by how much noise is left (`heunpp2`)."""
    top, end = way.sigmas[0], way.sigmas[-1]
    for at, (sigma, after) in enumerate(way.steps):
        first = slope(x, (yield x, sigma), sigma)
        change = after - sigma
        if after == end:
            x = x + change * first
            continue
        ahead = x + change * first
        second = slope(ahead, (yield ahead, after), after)
        further = way.sigmas[at + 2]
        if further == end:
            share = after / (2 * top)
            x = x + change * ((1 - share) * first + share * second)
            continue
        beyond = ahead + (further - after) * second
        third = slope(beyond, (yield beyond, further), further)
        shares = after / (3 * top), further / (3 * top)
        x = x + change * ((1 - sum(shares)) * first + shares[0] * second + shares[1] * third)
    return x


def dpm_2(x: Tensor, way: Way) -> Sampling:
    """The slope at the middle, in the logarithm, of a step."""
    for sigma, after in way.steps:
        first = slope(x, (yield x, sigma), sigma)
        if not after:
            x = x - sigma * first
            continue
        middle = sqrt(sigma * after)
        between = x + (middle - sigma) * first
        x = x + (after - sigma) * slope(between, (yield between, middle), middle)
    return x


def dpm_2_ancestral(x: Tensor, way: Way) -> Sampling:
    """The same to below the next level, and fresh noise up to it."""
    for sigma, after in way.steps:
        down, up = ancestral(sigma, after)
        first = slope(x, (yield x, sigma), sigma)
        if not down:
            x = x - sigma * first
            continue
        middle = sqrt(sigma * down)
        between = x + (middle - sigma) * first
        x = x + (down - sigma) * slope(between, (yield between, middle), middle) + up * way.noise(sigma, after)
    return x


def dpmpp_2s_ancestral(x: Tensor, way: Way) -> Sampling:
    """DPM-Solver++ of second order within a step, and fresh noise."""
    for sigma, after in way.steps:
        down, up = ancestral(sigma, after)
        guess = yield x, sigma
        if not down:
            x = towards(x, guess, 0.0)
            continue
        middle = sqrt(sigma * down)
        between = towards(x, guess, middle / sigma)
        x = towards(x, (yield between, middle), down / sigma) + up * way.noise(sigma, after)
    return x


def ddpm(x: Tensor, way: Way) -> Sampling:
    """The sampler of "Denoising Diffusion Probabilistic Models", in pictures whose noise is scaled down."""
    for sigma, after in way.steps:
        guess = yield x, sigma
        signal, signal_after = 1 / (sigma**2 + 1), 1 / (after**2 + 1)
        kept = signal / signal_after
        noise = slope(x, guess, sigma)
        small = x * sqrt(signal) - (1 - kept) / sqrt(1 - signal) * noise
        x = small / sqrt(kept)
        if after:
            spread = sqrt((1 - kept) * (1 - signal_after) / (1 - signal))
            x = (x + spread * way.noise(sigma, after)) / sqrt(signal_after)
    return x


def lcm(x: Tensor, way: Way) -> Sampling:
    """The guess itself, with as much fresh noise as the next level has: "Latent Consistency Models"."""
    for sigma, after in way.steps:
        x = yield x, sigma
        if after:
            x = x + after * way.noise(sigma, after)
    return x


def dpmpp_sde(x: Tensor, way: Way) -> Sampling:
    """DPM-Solver++ for the stochastic equation, with a call in the middle of each step and noise for both halves."""
    for sigma, after in way.steps:
        guess = yield x, sigma
        if not after:
            x = towards(x, guess, 0.0)
            continue
        middle = halfway(sigma, after)
        down, up = ancestral(sigma, middle)
        between = towards(x, guess, down / sigma) + up * way.noise(sigma, middle)
        there = yield between, middle
        down, up = ancestral(sigma, after)
        x = towards(x, there, down / sigma) + up * way.noise(sigma, after)
    return x


def er_sde(x: Tensor, way: Way) -> Sampling:
    """The extended reverse-time solver of up to third order: "ER-SDE-Solver", and its authors' noise scale."""
    guess_before = bend_before = x
    for at, (sigma, after) in enumerate(way.steps):
        guess = yield x, sigma
        if not after:
            return guess
        share = _er_scale(after) / _er_scale(sigma)
        x = towards(x, guess, share)
        if at:
            first, second = _er_integrals(sigma, after)
            bend = (guess - guess_before) / (sigma - way.sigmas[at - 1])
            x = x + (after - sigma + first * _er_scale(after)) * bend
            if at > 1:
                twist = (bend - bend_before) / ((sigma - way.sigmas[at - 2]) / 2)
                x = x + ((after - sigma) ** 2 / 2 + second * _er_scale(after)) * twist
            bend_before = bend
        x = x + sqrt(max(after**2 - (sigma * share) ** 2, 0.0)) * way.noise(sigma, after)
        guess_before = guess
    return x


_ER_POINTS = 200  # of the sums that stand for the solver's integrals


def _er_scale(sigma: float) -> float:
    return sigma * (exp(sigma**0.3) + 10)


def _er_integrals(sigma: float, after: float) -> tuple[float, float]:
    """The integrals of 1 and of the distance from `sigma`, both over the noise scale, from the next level to this."""
    width = (sigma - after) / _ER_POINTS
    levels = [after + width * at for at in range(_ER_POINTS)]
    return sum(width / _er_scale(each) for each in levels), sum(
        width * (each - sigma) / _er_scale(each) for each in levels
    )
