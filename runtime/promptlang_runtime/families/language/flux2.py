"""FLUX.2: three layers of a language model read the prompt, Mistral in dev and Qwen3 in klein, 4B and 9B."""

from __future__ import annotations

import torch

from promptlang_runtime.conditioning.condition import Condition
from promptlang_runtime.drawing.language import LanguagePipeline, Manner, Side
from promptlang_runtime.families.language.reading import whole
from promptlang_runtime.families.language.row import FLOW, QWEN_TOKENIZERS, Files, language_family
from promptlang_runtime.families.rebuilt import flux2 as rebuilt
from promptlang_runtime.models.processors import text_processor

DENOISER = {
    "transformer": frozenset({"diffusers.Flux2Transformer2DModel"}),
    "vae": frozenset({"diffusers.AutoencoderKLFlux2"}),
    "scheduler": FLOW,
}


def _read(pipeline: LanguagePipeline, text: str, side: Side, device: torch.device) -> Condition:
    del side
    states, *_ = pipeline.encode_prompt(text, device=device)
    return Condition(states)


KLEIN = language_family(
    "flux2",
    "Flux2KleinPipeline",
    {
        "tokenizer": QWEN_TOKENIZERS,
        "text_encoder": frozenset({"transformers.Qwen3ForCausalLM"}),
        **DENOISER,
    },
    Manner(),
    whole(_read),
    files=Files(layout=rebuilt.LAYOUT, from_tensors=rebuilt.from_tensors, vae_of=rebuilt.vae_of),
)
FAMILY = language_family(
    "flux2",
    "Flux2Pipeline",
    {
        "tokenizer": frozenset({"transformers.PixtralProcessor"}),
        "text_encoder": frozenset({"transformers.Mistral3ForConditionalGeneration"}),
        **DENOISER,
    },
    Manner(),
    whole(_read),
    stand_ins={"tokenizer": text_processor},
    variants={"klein 4B": KLEIN, "klein 9B": KLEIN},
)
