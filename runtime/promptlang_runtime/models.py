"""A model that was opened: what a family needs to draw with it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from promptlang_runtime.encode import Inversions

if TYPE_CHECKING:
    from diffusers import StableDiffusionPipeline


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class LoadedModel:
    """A pipeline and the scheduler configuration it came with; samplers are built from that, never from each other."""

    name: str
    family: str
    pipeline: StableDiffusionPipeline
    scheduler_config: Mapping[str, object]
    inversions: Inversions = field(default_factory=Inversions)

    def with_inversions(self, inversions: Inversions) -> LoadedModel:
        """The same model, whose text encoder reads further words."""
        return replace(self, inversions=inversions)
