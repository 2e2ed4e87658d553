"""A model that was opened: what a family needs to draw with it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from diffusers import StableDiffusionPipeline


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class LoadedModel:
    """A pipeline and the scheduler configuration it came with; samplers are built from that, never from each other."""

    name: str
    family: str
    pipeline: StableDiffusionPipeline
    scheduler_config: Mapping[str, object]
