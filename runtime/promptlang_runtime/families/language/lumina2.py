"""Lumina-Image 2: Gemma reads the prompt after an instruction of its own, which no negative prompt has."""

from __future__ import annotations

import torch

from promptlang_runtime.conditioning.condition import Condition
from promptlang_runtime.drawing.language import LanguagePipeline, Manner, Side
from promptlang_runtime.families.language.reading import negative_of, whole
from promptlang_runtime.families.language.row import Files, language_family
from promptlang_runtime.families.rebuilt import lumina2 as rebuilt


def _read(pipeline: LanguagePipeline, text: str, side: Side, device: torch.device) -> Condition:
    if side:
        return negative_of(pipeline, text, device)
    states, mask, *_ = pipeline.encode_prompt(text, device=device, do_classifier_free_guidance=False)
    return Condition(states, mask=mask)


FAMILY = language_family(
    "lumina2",
    Manner(mask="prompt_attention_mask"),
    whole(_read),
    files=Files(layout=rebuilt.LAYOUT, from_tensors=rebuilt.from_tensors, vae_of=rebuilt.vae_of),
)
