"""Qwen-Image and Qwen-Image 2.1: a vision language model reads the prompt.

Without a negative prompt their pipelines know no guidance, so that an empty one is always given.
"""

from __future__ import annotations

import torch

from promptlang.models.folders import LEVELS
from promptlang_runtime.conditioning.condition import Condition
from promptlang_runtime.drawing.language import LanguagePipeline, Manner, Side
from promptlang_runtime.families.language.reading import states_of, whole
from promptlang_runtime.families.language.row import Files, language_family
from promptlang_runtime.families.rebuilt import qwen_image as rebuilt
from promptlang_runtime.models.processors import text_processor
from promptlang_runtime.rebuilding.vaes import film_vae_of

NO_WORDS = " "  # what the owners write where there is no negative prompt


def _read(pipeline: LanguagePipeline, text: str, side: Side, device: torch.device) -> Condition:
    return states_of(pipeline, text or (NO_WORDS if side else text), side, device)


FAMILY = language_family(
    "qwen-image",
    Manner(
        mask="prompt_embeds_mask",
        patch=2,
        remix="QwenImageImg2ImgPipeline",
        inpaint="QwenImageInpaintPipeline",
    ),
    whole(_read),
    files=Files(layout=rebuilt.LAYOUT, from_tensors=rebuilt.from_tensors, vae_of=film_vae_of),
)
NEWER = language_family(
    "qwen-image-2.1",
    Manner(mask="prompt_embeds_mask", patch=1, levels=LEVELS),
    whole(states_of),
    stand_ins={"processor": text_processor},
)
