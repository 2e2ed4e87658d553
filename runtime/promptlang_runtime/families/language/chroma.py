"""Chroma: T5 alone reads the prompt, and the denoiser is told which of its tokens count."""

from __future__ import annotations

from collections.abc import Sequence

from promptlang.plans.plan import Plan, Run
from promptlang_runtime.conditioning.condition import Condition
from promptlang_runtime.drawing.language import Manner, Read, Side, Texts
from promptlang_runtime.families.family import LoadedModel
from promptlang_runtime.families.language.reading import t5_of
from promptlang_runtime.families.language.row import TEXT, Files, language_family
from promptlang_runtime.families.rebuilt import chroma as rebuilt

TOKENS = 512


def reads(model: LoadedModel, plan: Plan, texts: Texts) -> Read:
    """T5, which attends to words alone."""
    t5 = t5_of(model, plan, texts, part=TEXT, tokenizer="tokenizer", tokens=TOKENS, is_masked=True)

    def read(side: Side, runs: Sequence[Run]) -> Condition:
        del side
        return t5.condition(runs)

    return read


FAMILY = language_family(
    "chroma",
    Manner(patch=2, mask="prompt_attention_mask", remix="ChromaImg2ImgPipeline"),
    reads,
    files=Files(layout=rebuilt.LAYOUT, from_tensors=rebuilt.from_tensors, vae_of=rebuilt.vae_of),
)
