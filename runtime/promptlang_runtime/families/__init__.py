"""The families that can be rendered: one module each, listed in one table."""

from __future__ import annotations

import promptlang_runtime.models.quiet  # noqa: F401  first, since the libraries talk while they are imported

# isort: split

from collections.abc import Callable, Mapping, Sequence
from typing import Protocol

from diffusers import AutoencoderKL, StableDiffusionPipeline
from PIL import Image
from torch import Tensor

from promptlang.plans.plan import Model, Plan
from promptlang_runtime.errors import RenderError
from promptlang_runtime.families.sd1 import draw as sd1
from promptlang_runtime.models.loaded import LoadedModel

Weights = Mapping[str, Tensor]


class Family(Protocol):
    """What a family's module has.

    `PIPELINE` is the diffusers class of its folders, `from_weights` and `vae_of` rebuild a single checkpoint and a
    single VAE, and `draw` makes one picture per seed as one batch.
    """

    PIPELINE: type[StableDiffusionPipeline]

    def from_weights(self, weights: Weights, *, variant: str) -> StableDiffusionPipeline: ...

    def vae_of(self, weights: Weights) -> AutoencoderKL: ...

    def draw(
        self, model: LoadedModel, plan: Plan, seeds: Sequence[int], *, on_call: Callable[[int, int], None]
    ) -> list[Image.Image]: ...


FAMILIES: Mapping[str, Family] = {"sd1": sd1}


def family_of(model: Model) -> Family:
    """The module that renders a model; raises RenderError where none does yet, or where its family is not known."""
    if model.family in FAMILIES:
        return FAMILIES[model.family]
    if model.family == "unknown":
        raise RenderError(f"nothing is known of the model <{model.name}>", "name its file in `promptlang.toml`")
    raise RenderError(
        f"<{model.name}> is of the family {model.family}, which cannot be rendered yet",
        f"use a model of the family {' or '.join(FAMILIES)}",
    )
