"""How ComfyUI and stable-diffusion-webui hold a picture to what a mask keeps of it while the rest is drawn.

Both mix the picture's own latents into every guess. They differ in what the denoiser is shown meanwhile.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, auto
from math import sqrt

from torch import Tensor


class Holding(Enum):
    """What the denoiser is shown of the places that are kept.

    `NOISED`: the picture with its first noise, as much as the level has, as ComfyUI does. `FREE`: what the sampler has
    made of them, as webui does. `BARE`: the picture without noise, and the guess is left alone, as webui does for DDIM
    and PLMS.
    """

    NOISED = auto()
    FREE = auto()
    BARE = auto()


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """The latents of a picture and their first noise; of each place the share `drawn` is drawn anew."""

    holding: Holding
    drawn: Tensor
    image: Tensor
    noise: Tensor

    def shown(self, sample: Tensor, sigma: float) -> Tensor:
        """What the denoiser is shown at a level where the sampler asks for another picture."""
        match self.holding:
            case Holding.NOISED:
                return self._mixed(sample, self.image + sigma * self.noise)
            case Holding.FREE:
                return sample
            case Holding.BARE:
                return self._mixed(sample, self.image * sqrt(sigma**2 + 1))

    def guessed(self, guess: Tensor, sample: Tensor, shown: Tensor) -> Tensor:
        """What the sampler is told of the finished picture, where that was guessed from what the denoiser was shown."""
        return guess + (sample - shown) if self.holding is Holding.BARE else self._mixed(guess, self.image)

    def finished(self, latents: Tensor) -> Tensor:
        """The last latents; webui brings what is kept back once more."""
        return latents if self.holding is Holding.NOISED else self._mixed(latents, self.image)

    def _mixed(self, drawn: Tensor, kept: Tensor) -> Tensor:
        """The one where it is drawn anew, the other elsewhere."""
        return drawn * self.drawn + kept * (1 - self.drawn)
