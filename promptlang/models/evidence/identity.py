"""What a model file turned out to be, and the evidence for it."""

from __future__ import annotations

from typing import Literal

from promptlang.tables.models.clip_skip import clip_skip_range
from promptlang.tables.models.families import family
from promptlang.tables.models.family import Prediction
from promptlang.values import dataclass

Kind = Literal[
    "checkpoint",
    "denoiser",
    "vae",
    "text-encoder",
    "lora",
    "inversion",
    "controlnet",
    "adapter",
    "upscaler",
    "unknown",
]


@dataclass(frozen=True, slots=True)
class Claim:
    """A family that something speaks for, and the sentences that say what does; `alike` families look the same."""

    family: str
    evidence: tuple[str, ...]
    variant: str = ""
    prediction: Prediction | None = None
    alike: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """What a file or folder is.

    `family` is a name of `promptlang.tables.models.families`, `unknown` where nothing proves one. `encoders` are the
    text encoders inside it with their layer counts, `layers` is the count that limits clip skip, `vectors` how many a
    textual inversion holds, `alike` the families whose autoencoders look as this one does, `has_vae` whether one lies
    in the file, `native` the side in pixels of the square that its configuration names, and `steps` how many noise
    levels it gives to draw with, all where known. `packed` says how its numbers are packed where nothing unpacks them,
    `quantization` in which few bits they are kept that are made plain numbers, `fault` what in a network, an
    inversion or an adapter is of no use to any model, `zero_snr` whether the noise that it was trained with ends at
    zero signal. Every sentence of `evidence` names the key and the shape, or the entry, that decided something.
    """

    kind: Kind
    family: str
    evidence: tuple[str, ...]
    variant: str = ""
    prediction: Prediction = "unknown"
    encoders: tuple[tuple[str, int], ...] = ()
    layers: int | None = None
    vectors: int | None = None
    alike: tuple[str, ...] = ()
    has_vae: bool = False
    native: int | None = None
    steps: int | None = None
    packed: str = ""
    quantization: str = ""
    fault: str = ""
    zero_snr: bool = False
    metadata: tuple[tuple[str, str], ...] = ()

    @property
    def clip_skip(self) -> range | None:
        """The legal clip skip numbers of the model, or of the models a network is for; None: not applicable."""
        if self.kind in ("vae", "upscaler", "text-encoder") and self.family == "unknown":
            return None
        return clip_skip_range(family(self.family), self.layers)


def shaped(shape: tuple[int, ...]) -> str:
    """A shape as it is written in evidence: `320×768`."""
    return "×".join(map(str, shape)) or "a single number"
