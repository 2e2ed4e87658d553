"""One published header, and what promptlang and diffusers make of it."""

from __future__ import annotations

from collections.abc import Mapping

from promptlang.values import dataclass

Shapes = Mapping[str, tuple[int, ...]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """A model as its header shows it: what promptlang and diffusers (`infer_diffusers_model_type`) make of it."""

    title: str
    shapes: Shapes
    ours: str  # the kind where it is no model, the family, and the variant behind it
    diffusers: str
    why: str = ""  # what makes the difference


PREFIX = "model.diffusion_model."
NOT_KNOWN_THERE = "no key of it stands in diffusers' table, which ends at Stable Diffusion 1"
IN_FOLDERS = "it is published as a folder, whose configuration diffusers reads instead of the keys"
UNRELATED = "promptlang names it and says that it does not know it"
WIDTH = "promptlang looks at the width as well"


def unet(inputs: int, text: int, block: int, channels: int = 320) -> dict[str, tuple[int, ...]]:
    """What shows of a UNet in the layout of its first publication."""
    return {
        f"{PREFIX}input_blocks.0.0.weight": (channels, inputs, 3, 3),
        f"{PREFIX}input_blocks.{block}.1.transformer_blocks.0.attn2.to_k.weight": (channels * min(block, 2), text),
    }
