"""Krea 2, Raw and Turbo: twelve layers of a vision language model read the prompt, and guidance counts from 0 on."""

from __future__ import annotations

import torch

from promptlang_runtime.conditioning.condition import Condition
from promptlang_runtime.drawing.language import LanguagePipeline, Manner, Side
from promptlang_runtime.families.language.reading import whole
from promptlang_runtime.families.language.row import Files, language_family
from promptlang_runtime.families.rebuilt import krea2 as rebuilt
from promptlang_runtime.rebuilding.vaes import film_vae_of


def _read(pipeline: LanguagePipeline, text: str, side: Side, device: torch.device) -> Condition:
    del side
    states, mask = pipeline.encode_prompt(text, device=device)
    return Condition(states, mask=mask)


FAMILY = language_family(
    "krea2",
    Manner(patch=2, mask="prompt_embeds_mask"),
    whole(_read),
    files=Files(layout=rebuilt.LAYOUT, from_tensors=rebuilt.from_tensors, vae_of=film_vae_of),
)
