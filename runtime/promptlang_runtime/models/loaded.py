"""A model that was opened: what a family needs to draw with it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from torch import Tensor

from promptlang.tokens.chunks import Ids
from promptlang_runtime.conditioning.encode import Inversions

if TYPE_CHECKING:
    from diffusers import StableDiffusionPipeline


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class LoadedModel:
    """A pipeline and the scheduler configuration it came with; samplers are built from that, never from each other.

    `encoded` are chunks of prompts that were encoded before, by clip skip and token ids.
    """

    name: str
    family: str
    pipeline: StableDiffusionPipeline
    scheduler_config: Mapping[str, object]
    inversions: Inversions = field(default_factory=Inversions)
    encoded: dict[int, dict[Ids, Tensor]] = field(default_factory=dict)

    def changed(self, inversions: Inversions) -> LoadedModel:
        """The same model after its text encoder changed: it may read further words, and knows no encoded chunk."""
        return replace(self, inversions=inversions, encoded={})
