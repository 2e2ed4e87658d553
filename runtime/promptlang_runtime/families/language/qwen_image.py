"""Qwen-Image: a vision language model reads the prompt, and without a negative prompt there is no guidance."""

from __future__ import annotations

from promptlang_runtime.conditioning.condition import Condition
from promptlang_runtime.drawing.language import LanguagePipeline, Manner, Side
from promptlang_runtime.families.language.reading import whole
from promptlang_runtime.families.language.row import FLOW, QWEN_TOKENIZERS, language_family

NO_WORDS = " "  # what the owners write where there is no negative prompt


def _read(pipeline: LanguagePipeline, text: str, side: Side) -> Condition:
    states, *_ = pipeline.encode_prompt(text or (NO_WORDS if side else text))
    return Condition(states)


FAMILY = language_family(
    "qwen-image",
    "QwenImagePipeline",
    {
        "tokenizer": QWEN_TOKENIZERS,
        "text_encoder": frozenset({"transformers.Qwen2_5_VLForConditionalGeneration"}),
        "transformer": frozenset({"diffusers.QwenImageTransformer2DModel"}),
        "vae": frozenset({"diffusers.AutoencoderKLQwenImage"}),
        "scheduler": FLOW,
    },
    Manner(guidance="true_cfg_scale"),
    whole(_read),
)
