"""Sana: Gemma reads the prompt after an instruction of its own, which no negative prompt has."""

from __future__ import annotations

from dataclasses import replace
from inspect import signature

import torch

from promptlang_runtime.conditioning.condition import Condition
from promptlang_runtime.drawing.language import LanguagePipeline, Manner, Side
from promptlang_runtime.families.language.reading import negative_of, whole
from promptlang_runtime.families.language.row import Files, language_family
from promptlang_runtime.families.rebuilt import sana as rebuilt

INSTRUCTION = "complex_human_instruction"
MASK = "prompt_attention_mask"


def _read(pipeline: LanguagePipeline, text: str, side: Side, device: torch.device) -> Condition:
    if side:
        return negative_of(pipeline, text, device)
    return _instructed(pipeline, text, device, do_classifier_free_guidance=False)


def _read_alone(pipeline: LanguagePipeline, text: str, side: Side, device: torch.device) -> Condition:
    assert not side  # guidance is an input of the model
    return _instructed(pipeline, text, device)


def _instructed(pipeline: LanguagePipeline, text: str, device: torch.device, **settings: object) -> Condition:
    """What Gemma says of a text behind the instruction that the pipeline has for it."""
    instruction: object = signature(pipeline.__call__).parameters[INSTRUCTION].default
    states, mask, *_ = pipeline.encode_prompt(text, device=device, complex_human_instruction=instruction, **settings)
    return Condition(states, mask=mask)


SPRINT = replace(
    language_family(
        "sana",
        Manner(mask=MASK),
        whole(_read_alone),
        variant="sprint",
    ),
    vae_of=rebuilt.vae_of,
)
FAMILY = language_family(
    "sana",
    # Without a word about it, the pipeline takes the negative prompt for an empty one, beside its states.
    Manner(mask=MASK, settings={"negative_prompt": None}),
    whole(_read),
    files=Files(layout=rebuilt.LAYOUT, from_tensors=rebuilt.from_tensors, vae_of=rebuilt.vae_of),
    variants={"sprint": SPRINT},
)
