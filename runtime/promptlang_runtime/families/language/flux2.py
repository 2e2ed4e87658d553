"""FLUX.2 klein, 4B and 9B: three layers of Qwen3 read the prompt."""

from __future__ import annotations

from promptlang_runtime.conditioning.condition import Condition
from promptlang_runtime.drawing.language import LanguagePipeline, Manner, Side
from promptlang_runtime.families.language.reading import whole
from promptlang_runtime.families.language.row import FLOW, QWEN_TOKENIZERS, language_family


def _read(pipeline: LanguagePipeline, text: str, side: Side) -> Condition:
    del side
    states, *_ = pipeline.encode_prompt(text)
    return Condition(states)


FAMILY = language_family(
    "flux2",
    "Flux2KleinPipeline",
    {
        "tokenizer": QWEN_TOKENIZERS,
        "text_encoder": frozenset({"transformers.Qwen3ForCausalLM"}),
        "transformer": frozenset({"diffusers.Flux2Transformer2DModel"}),
        "vae": frozenset({"diffusers.AutoencoderKLFlux2"}),
        "scheduler": FLOW,
    },
    Manner(),
    whole(_read),
)
