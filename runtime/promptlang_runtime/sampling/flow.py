"""Flow-matching models as ComfyUI draws them: pictures between a finished one and noise, and levels moved to noise.

A level is the share of noise here, from 1 to 0, so that most samplers are those of other models. What makes noise anew
takes as much of the picture away as the noise brings, by the same owner's formulas.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from math import sqrt

import torch
from torch import Tensor

from promptlang.tables.models.family import Flow
from promptlang_runtime.sampling.driven import rehearsed
from promptlang_runtime.sampling.solver import Sampler, Sampling, StepNoise, Way, slope, towards

MOMENTS = 1000  # of the training, by which pipelines tell a denoiser of a level
_NEARLY_NOISE = 0.9999  # the level that stands for the middle of a step from noise alone, whose logarithm has none


@dataclass(frozen=True, slots=True, eq=False)
class FlowLevels:
    """The levels that schedules pick from, each as far moved to noise as the family's owner says."""

    sigmas: Tensor
    shift: float

    def sigma(self, moment: Tensor) -> Tensor:
        """The level at a moment, moved; as ComfyUI has it, those that `moment` gives are moved once more."""
        return _moved(moment / MOMENTS, self.shift)

    def moment(self, sigma: Tensor) -> Tensor:
        """The moment of a level."""
        return sigma * MOMENTS


def flow_levels(flow: Flow) -> FlowLevels:
    """The levels of a family."""
    even = torch.arange(1, flow.levels + 1) / flow.levels
    return FlowLevels(_moved(even, flow.shift), flow.shift)


def _moved(level: Tensor, shift: float) -> Tensor:
    return shift * level / (1 + (shift - 1) * level)


@dataclass(kw_only=True)
class FlowDriven:
    """The state of one batch, in the form in which pipelines of flow-matching models drive a scheduler.

    They multiply the first noise by nothing, so that the first level must be 1. `config` is that of the model's own
    scheduler. The picture between two steps is kept here in single precision, whatever the model counts in.
    """

    draw: Sampler
    levels: FlowLevels
    to_sigmas: Callable[[int], Sequence[float]]
    to_noise: Callable[[Tensor], StepNoise]
    config: Mapping[str, object]
    order: int = 1  # calls a step, which pipelines ask for where they start late
    sigma_min: float = 0.0  # which one of them sets
    sigmas: Sequence[float] = ()
    timesteps: Tensor = field(default_factory=lambda: torch.empty(0))
    _sampling: Sampling | None = None
    _asked: tuple[Tensor, float] | None = None

    def set_timesteps(
        self,
        num_inference_steps: int = 0,
        device: torch.device | None = None,
        *,
        sigmas: Sequence[float] | None = None,
        mu: float | None = None,
    ) -> None:
        """Lays out as many levels as asked for; which levels and what shift a pipeline proposes does not count."""
        del mu
        self.sigmas = self.to_sigmas(num_inference_steps if sigmas is None else len(sigmas))
        self._sampling, self._asked = None, None
        calls = rehearsed(self.draw, self.sigmas, len(self.levels.sigmas))
        self.timesteps = self.levels.moment(torch.tensor(calls)).to(device)

    def set_begin_index(self, begin_index: int) -> None:
        """They begin with the first level."""
        assert begin_index == 0

    def scale_model_input(self, sample: Tensor, timestep: Tensor) -> Tensor:
        """The picture as it is."""
        del timestep
        return sample

    def step(
        self, model_output: Tensor, timestep: Tensor, sample: Tensor, *, return_dict: bool, **settings: object
    ) -> tuple[Tensor, ...]:
        """The next picture to ask for, or after the last call the picture itself."""
        del timestep, return_dict, settings
        if self._sampling is None or self._asked is None:
            first = sample.float()
            self._sampling = self.draw(first, Way(self.sigmas, self.to_noise(first)))
            self._asked = next(self._sampling)
        asked, sigma = self._asked
        try:
            self._asked = self._sampling.send(torch.sub(asked, model_output.to(asked), alpha=sigma))
        except StopIteration as stop:
            last: Tensor = stop.value
            self._sampling, self._asked = None, None
            return (last.to(sample),)
        return (self._asked[0].to(sample),)


def euler_ancestral(x: Tensor, way: Way) -> Sampling:
    """Euler to below the next level, and fresh noise up to it."""
    for sigma, after in way.steps:
        guess = yield x, sigma
        down, kept, up = _ancestral(sigma, after)
        x = towards(x, guess, down / sigma)
        if after:
            x = kept * x + up * way.noise(sigma, after)
    return x


def dpm_2_ancestral(x: Tensor, way: Way) -> Sampling:
    """DPM-Solver-2 to below the next level, and fresh noise up to it."""
    for sigma, after in way.steps:
        guess = yield x, sigma
        down, kept, up = _ancestral(sigma, after)
        if not after:
            x = guess
            continue
        middle = sqrt(sigma * down)
        between = towards(x, guess, middle / sigma)
        x = x + (down - sigma) * slope(between, (yield between, middle), middle)
        x = kept * x + up * way.noise(sigma, after)
    return x


def dpmpp_2s_ancestral(x: Tensor, way: Way) -> Sampling:
    """DPM-Solver++ of second order within a step, halfway in the logarithm of signal to noise, and fresh noise."""
    for sigma, after in way.steps:
        guess = yield x, sigma
        down, kept, up = _ancestral(sigma, after)
        if not after:
            x = guess
            continue
        middle = _NEARLY_NOISE
        if sigma < 1:
            odds = sqrt((1 - sigma) / sigma * (1 - down) / down)
            middle = 1 / (1 + odds)
        between = towards(x, guess, middle / sigma)
        x = towards(x, (yield between, middle), down / sigma)
        x = kept * x + up * way.noise(sigma, after)
    return x


def lcm(x: Tensor, way: Way) -> Sampling:
    """The guess itself, mixed with as much fresh noise as the next level has."""
    for sigma, after in way.steps:
        x = yield x, sigma
        if after:
            x = (1 - after) * x + after * way.noise(sigma, after)
    return x


def _ancestral(sigma: float, after: float) -> tuple[float, float, float]:
    """The level to go down to, what is then kept of the picture, and how much fresh noise brings it up again."""
    down = after**2 / sigma
    kept = (1 - after) / (1 - down)
    return down, kept, sqrt(max(after**2 - (down * kept) ** 2, 0.0))


class TokenNoise:
    """Noise from generators, one a picture, drawn as a picture and laid out as the tokens that a model knows it as.

    A token is a square of `patch` latents; 0 where pictures are no rows of tokens. `aspect` is height by width.
    """

    def __init__(self, generators: Sequence[torch.Generator], like: Tensor, patch: int, aspect: float) -> None:
        self._generators, self._like, self._patch, self._aspect = generators, like, patch, aspect

    def __call__(self, sigma: float, after: float) -> Tensor:
        return torch.stack([self._drawn(each) for each in self._generators]).to(self._like)

    def _drawn(self, generator: torch.Generator) -> Tensor:
        if not self._patch:
            return torch.randn(self._like.shape[1:], generator=generator)
        tokens, numbers = self._like.shape[1:]
        side = self._patch
        rows = round(sqrt(tokens * self._aspect))
        columns, channels = tokens // rows, numbers // side**2
        noise = torch.randn((channels, rows * side, columns * side), generator=generator)
        squares = noise.view(channels, rows, side, columns, side).permute(1, 3, 0, 2, 4)
        return squares.reshape(tokens, numbers)
