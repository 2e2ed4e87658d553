"""How the files of models with a UNet call their parts: checkpoints, networks and textual inversions."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from promptlang.values import dataclass

DENOISER = "model.diffusion_model."
"""How the names of a denoiser's tensors begin in a checkpoint."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TextPart:
    """A text encoder of a family.

    `part` is its name in diffusers, `begin` how its tensors begin in a checkpoint, `trained` how trainers begin the
    names of its layers, `vectors` the key of its rows in a textual inversion, and `layers` how many of it are read.
    """

    part: str
    begin: str
    trained: str
    vectors: str
    layers: int = 1000


TEXT_PARTS: Mapping[str, tuple[TextPart, ...]] = MappingProxyType(
    {
        "sd1": (
            TextPart(
                part="text_encoder", begin="cond_stage_model.transformer.", trained="lora_te_", vectors="emb_params"
            ),
        ),
        "sd2": (
            TextPart(
                part="text_encoder",
                begin="cond_stage_model.model.",
                trained="lora_te_",
                vectors="emb_params",
                layers=23,  # files have one more, which no Stable Diffusion 2 reads
            ),
        ),
        "sdxl": (
            TextPart(
                part="text_encoder",
                begin="conditioner.embedders.0.transformer.",
                trained="lora_te1_",
                vectors="clip_l",
            ),
            TextPart(
                part="text_encoder_2",
                begin="conditioner.embedders.1.model.",
                trained="lora_te2_",
                vectors="clip_g",
            ),
        ),
    }
)
