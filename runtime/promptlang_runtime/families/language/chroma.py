"""Chroma: T5 alone reads the prompt, and the denoiser is told which of its tokens count."""

from __future__ import annotations

from promptlang_runtime.conditioning.condition import Condition
from promptlang_runtime.drawing.language import LanguagePipeline, Manner, Side
from promptlang_runtime.families.language.row import FLOW, T5_TOKENIZERS, language_family


def _read(pipeline: LanguagePipeline, text: str, side: Side) -> Condition:
    del side
    states, _, mask, *_ = pipeline.encode_prompt(text, do_classifier_free_guidance=False)
    return Condition(states, mask=mask)


FAMILY = language_family(
    "chroma",
    "ChromaPipeline",
    {
        "tokenizer": T5_TOKENIZERS,
        "text_encoder": frozenset({"transformers.T5EncoderModel"}),
        "transformer": frozenset({"diffusers.ChromaTransformer2DModel"}),
        "vae": frozenset({"diffusers.AutoencoderKL"}),
        "scheduler": FLOW,
    },
    # The pipeline swaps the states between steps, but not which of them count, so it swaps neither.
    Manner(read=_read, mask="prompt_attention_mask", swaps=()),
    left_out=("image_encoder", "feature_extractor"),
)
