"""Z-Image, base and Turbo: Qwen3 reads the prompt, and the guidance that diffusers is told counts from 0 on."""

from __future__ import annotations

import torch

from promptlang_runtime.conditioning.condition import Condition
from promptlang_runtime.drawing.language import LanguagePipeline, Manner, Side
from promptlang_runtime.families.language.reading import whole
from promptlang_runtime.families.language.row import Files, language_family
from promptlang_runtime.families.rebuilt import z_image as rebuilt


def _read(pipeline: LanguagePipeline, text: str, side: Side, device: torch.device) -> Condition:
    del side
    states, *_ = pipeline.encode_prompt(text, device=device, do_classifier_free_guidance=False)
    return Condition(states[0][None])


FAMILY = language_family(
    "z-image",
    Manner(listed=True, remix="ZImageImg2ImgPipeline", inpaint="ZImageInpaintPipeline"),
    whole(_read),
    files=Files(layout=rebuilt.LAYOUT, from_tensors=rebuilt.from_tensors, vae_of=rebuilt.vae_of),
)
