"""FLUX.1 dev and schnell: T5 reads the prompt, CLIP summarises it, and what dev takes as guidance is an input."""

from __future__ import annotations

from promptlang_runtime.conditioning.condition import Condition
from promptlang_runtime.drawing.language import LanguagePipeline, Manner, Side
from promptlang_runtime.families.language.row import CLIP_TOKENIZERS, FLOW, T5_TOKENIZERS, TEXT, language_family


def _read(pipeline: LanguagePipeline, text: str, side: Side) -> Condition:
    del side
    states, pooled, *_ = pipeline.encode_prompt(text)
    return Condition(states, pooled)


FAMILY = language_family(
    "flux",
    "FluxPipeline",
    {
        "tokenizer": CLIP_TOKENIZERS,
        "text_encoder": frozenset({"transformers.CLIPTextModel"}),
        "tokenizer_2": T5_TOKENIZERS,
        "text_encoder_2": frozenset({"transformers.T5EncoderModel"}),
        "transformer": frozenset({"diffusers.FluxTransformer2DModel"}),
        "vae": frozenset({"diffusers.AutoencoderKL"}),
        "scheduler": FLOW,
    },
    # The pipeline swaps the states of T5 between steps, but not the summary, so it swaps neither.
    Manner(read=_read, true_cfg="true_cfg_scale", pooled="pooled_prompt_embeds", swaps=()),
    text_encoders=(TEXT, "text_encoder_2"),
    left_out=("image_encoder", "feature_extractor"),
)
