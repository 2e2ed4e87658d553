"""A sampler in the form that diffusers' pipelines drive: asked step by step, told what the denoiser said."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from math import sqrt

import numpy as np
import torch
from torch import Tensor

from promptlang_runtime.errors import RenderError
from promptlang_runtime.sampling.levels import Levels
from promptlang_runtime.sampling.masks import Holding, Kept
from promptlang_runtime.sampling.solver import Sampler, Sampling, StepNoise, Way

ToSigmas = Callable[[int], Sequence[float]]
"""From a number of steps to noise levels."""

ToNoise = Callable[[Sequence[float], Tensor], StepNoise]
"""From the levels and the first picture to the noise of the steps."""


@dataclass(slots=True, kw_only=True)
class Driven:
    """The state of one batch on its way through noise levels.

    `config` is that of the model's own scheduler, `velocity` whether its denoiser predicts velocity and not noise.
    `warm` are the levels between which a sampler may add noise. `start` is what of an image and of noise a picture
    begins with at a level, `holding` how one is held to what a mask keeps. With `scaled` the last picture has its noise
    scaled down. `counted` is False for a sampler that finds out on its way how many calls it takes.
    """

    draw: Sampler
    levels: Levels
    to_sigmas: ToSigmas
    to_noise: ToNoise
    config: Mapping[str, object]
    warm: tuple[float, float]
    velocity: bool
    start: Callable[[float], tuple[float, float]]
    holding: Holding
    scaled: bool = False
    counted: bool = True
    order: int = 1  # calls a step, which pipelines ask for where they start late
    sigmas: Sequence[float] = ()
    timesteps: Tensor = field(default_factory=lambda: torch.empty(0))
    _sampling: Sampling | None = None
    _asked: tuple[Tensor, float] | None = None
    _kept: Kept | None = None
    _first: int = 0

    @property
    def init_noise_sigma(self) -> float:
        """What the first noise is multiplied by."""
        return self.start(self.sigmas[0])[1]

    def begun(self, noise: Tensor, image: Tensor | None = None, drawn: Tensor | None = None) -> Tensor:
        """The first picture, of noise alone or over an image, each place of which is drawn anew to a share."""
        of_image, of_noise = self.start(self.sigmas[0])
        if image is not None and drawn is not None:
            self._kept = Kept(holding=self.holding, drawn=drawn, image=image, noise=noise)
        return of_noise * noise if image is None else of_image * image + of_noise * noise

    def moments(self) -> Iterator[Tensor]:
        """What the denoiser is told at every call, found on the way where it is not known before."""
        if self.counted:
            yield from self.timesteps
            return
        yield self.timesteps[0]
        while self._asked is not None:
            yield self.levels.moment(torch.tensor([self._asked[1]])).to(self.timesteps)[0]

    def set_timesteps(self, num_inference_steps: int, device: torch.device) -> None:
        """Lays the levels out, and the moments of all calls where they are known before."""
        self.sigmas = self.to_sigmas(num_inference_steps)
        self._sampling, self._asked, self._kept, self._first = None, None, None, 0
        calls = rehearsed(self.draw, self.sigmas, len(self.levels.sigmas)) if self.counted else self.sigmas[:1]
        self.timesteps = self.levels.moment(torch.tensor(calls)).to(device)

    def set_begin_index(self, begin_index: int) -> None:
        """Leaves out the first levels, which another model has drawn; a level is a call then."""
        self._first = begin_index

    def shown(self, sample: Tensor) -> Tensor:
        """What the denoiser is shown where a picture is asked for: another one where a mask keeps some of it."""
        return self._kept.shown(sample, self._level) if self._kept else sample

    def scale_model_input(self, sample: Tensor, timestep: Tensor) -> Tensor:
        """The picture at the size that the denoiser knows."""
        return sample / sqrt(self._level**2 + 1)

    @property
    def _level(self) -> float:
        """The noise level of the picture that is asked for."""
        return self._asked[1] if self._asked else self.sigmas[self._first]

    def step(
        self, model_output: Tensor, timestep: Tensor, sample: Tensor, *, return_dict: bool, **settings: object
    ) -> tuple[Tensor, ...]:
        """The next picture to ask for, or after the last call the picture itself."""
        if self._sampling is None or self._asked is None:
            way = Way(self.sigmas[self._first :], self.to_noise(self.sigmas, sample), self.warm)
            self._sampling = self.draw(sample, way)
            self._asked = next(self._sampling)
        asked, sigma = self._asked
        if sample is not asked:  # what a pipeline has made of the picture since then holds
            asked.copy_(sample)
        try:
            self._asked = self._sampling.send(self._guess(model_output.to(asked), asked, sigma))
        except StopIteration as stop:
            last: Tensor = stop.value
            self._asked = None
            last = last / sqrt(self.sigmas[-1] ** 2 + 1) if self.scaled else last
            return (self._kept.finished(last) if self._kept else last,)
        return (self._asked[0],)

    def _guess(self, output: Tensor, sample: Tensor, sigma: float) -> Tensor:
        """The finished picture, by what the denoiser said of the one that it was shown."""
        if self._kept is None:
            return self._clean(output, sample, sigma)
        shown = self._kept.shown(sample, sigma)
        return self._kept.guessed(self._clean(output, shown, sigma), sample, shown)

    def _clean(self, output: Tensor, sample: Tensor, sigma: float) -> Tensor:
        if not self.velocity:
            return torch.sub(sample, output, alpha=sigma)
        scale = 1 / (sigma**2 + 1)
        return torch.sub(sample * scale, output, alpha=sigma * sqrt(scale))


def rehearsed(draw: Sampler, sigmas: Sequence[float], levels: int) -> list[float]:
    """The levels of all calls, found by a picture of one number that is guessed to be 0.

    Raises RenderError where the sampler divides by the distance of two that are one of the model's so many levels.
    """
    nothing = torch.zeros(1)
    sampling = draw(nothing, Way(sigmas, lambda sigma, after: nothing))
    found: list[float] = []
    try:
        picture, sigma = next(sampling)
        while torch.isfinite(picture):
            found.append(sigma)
            picture, sigma = sampling.send(nothing)
    except StopIteration:
        return found
    except (ArithmeticError, np.linalg.LinAlgError):
        pass
    raise no_distance(levels)


def no_distance(levels: int) -> RenderError:
    """What is said of steps that a model with so many noise levels cannot keep apart."""
    return RenderError(
        f"two steps have one of the model's {levels} noise levels, and the sampler divides by their distance",
        "write fewer `/steps`, a larger strength, or `/sampler:k_euler`",
    )
