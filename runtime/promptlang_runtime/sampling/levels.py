"""The noise levels that a model was trained at, and which moment of its training each level is.

A level is the spread of the noise beside a picture (sigma). All is in single precision, as the owners compute it: where
a level lies halfway between two moments, rounding decides which of them the denoiser is told.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import cos, pi
from typing import Protocol

import torch
from torch import Tensor

ZERO_SNR_LEAST = 4.8973451890853435e-08  # the share of signal that stands for none, so that levels stay finite
_COSINE_MOST = 0.999


class Levels(Protocol):
    """What schedules ask of a model."""

    @property
    def sigmas(self) -> Tensor:
        """The levels of its training in rising order."""
        ...

    def sigma(self, moment: Tensor) -> Tensor:
        """The level at a moment of the training, which may lie between two."""
        ...

    def moment(self, sigma: Tensor) -> Tensor:
        """The moment of a level."""
        ...


@dataclass(frozen=True, slots=True, eq=False)
class Discrete:
    """The levels of a model that was trained on so many, with their logarithms.

    With `whole` a level's moment is the nearest one of the training, as for ComfyUI; else it may lie between two, as
    for k-diffusion.
    """

    sigmas: Tensor
    logs: Tensor
    whole: bool

    def sigma(self, moment: Tensor) -> Tensor:
        """Levels between two have a logarithm between theirs."""
        moment = moment.clamp(0, len(self.logs) - 1)
        share = moment.frac()
        return ((1 - share) * self.logs[moment.floor().long()] + share * self.logs[moment.ceil().long()]).exp()

    def moment(self, sigma: Tensor) -> Tensor:
        """The nearest moment, or the one between two."""
        wanted = sigma.log()
        if self.whole:
            return (wanted - self.logs[:, None]).abs().argmin(dim=0).view(sigma.shape).to(sigma)
        low = (torch.searchsorted(self.logs, wanted, right=True) - 1).clamp(0, len(self.logs) - 2)
        share = (self.logs[low] - wanted) / (self.logs[low] - self.logs[low + 1])
        share = share.clamp(0, 1)
        return (1 - share) * low + share * (low + 1)


def numbers(values: Tensor) -> list[float]:
    """The numbers of a row."""
    return [float(each) for each in values]


def discrete(config: Mapping[str, object], *, whole: bool) -> Discrete:
    """The levels that a scheduler's configuration tells of."""
    signal = (1 - _betas(config)).cumprod(dim=0)
    if config.get("rescale_betas_zero_snr") is True:
        root = signal.sqrt()
        signal = ((root - root[-1]) * root[0] / (root[0] - root[-1])).square()
        signal[-1] = ZERO_SNR_LEAST
    sigmas = ((1 - signal) / signal).sqrt()
    return Discrete(sigmas.float(), sigmas.log().float(), whole)


def _betas(config: Mapping[str, object]) -> Tensor:
    """How much noise each step of the training adds."""
    trained = config.get("trained_betas")
    if isinstance(trained, list | tuple):
        return torch.tensor(trained, dtype=torch.float64)
    count = int(_number(config, "num_train_timesteps", 1000))
    first, last = _number(config, "beta_start", 0.0001), _number(config, "beta_end", 0.02)
    match config.get("beta_schedule", "linear"):
        case "scaled_linear":
            return torch.linspace(first**0.5, last**0.5, count, dtype=torch.float64).square()
        case "squaredcos_cap_v2":
            signals = [cos((at / count + 0.008) / 1.008 * pi / 2) ** 2 for at in range(count + 1)]
            ratios = [min(1 - signals[at + 1] / signals[at], _COSINE_MOST) for at in range(count)]
            return torch.tensor(ratios, dtype=torch.float64)
        case _:
            return torch.linspace(first, last, count, dtype=torch.float64)


def _number(config: Mapping[str, object], key: str, otherwise: float) -> float:
    value = config.get(key)
    return float(value) if isinstance(value, int | float) else otherwise
