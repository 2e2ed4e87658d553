"""Sana: Gemma reads the prompt after an instruction of its own, which no negative prompt has."""

from __future__ import annotations

from inspect import signature

import torch

from promptlang_runtime.conditioning.condition import Condition
from promptlang_runtime.drawing.language import LanguagePipeline, Manner, Side
from promptlang_runtime.families.language.reading import negative_of, whole
from promptlang_runtime.families.language.row import Files, language_family
from promptlang_runtime.families.rebuilt import sana as rebuilt

INSTRUCTION = "complex_human_instruction"


def _read(pipeline: LanguagePipeline, text: str, side: Side, device: torch.device) -> Condition:
    if side:
        return negative_of(pipeline, text, device)
    instruction: object = signature(pipeline.__call__).parameters[INSTRUCTION].default
    states, mask, *_ = pipeline.encode_prompt(
        text, device=device, do_classifier_free_guidance=False, complex_human_instruction=instruction
    )
    return Condition(states, mask=mask)


FAMILY = language_family(
    "sana",
    # A size is drawn as it is written, and not in the nearest one of a list that is cut to it. Without a word about it,
    # the pipeline takes the negative prompt for an empty one, beside its states.
    Manner(mask="prompt_attention_mask", settings={"use_resolution_binning": False, "negative_prompt": None}),
    whole(_read),
    files=Files(layout=rebuilt.LAYOUT, from_tensors=rebuilt.from_tensors, vae_of=rebuilt.vae_of),
)
