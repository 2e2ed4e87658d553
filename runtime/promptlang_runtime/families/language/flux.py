"""FLUX.1 dev and schnell: T5 reads the prompt, CLIP summarises it, and what dev takes as guidance is an input."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from torch import nn

from promptlang.plans.plan import Plan, Run
from promptlang_runtime.conditioning.condition import Condition
from promptlang_runtime.conditioning.encode import prompt_encoder
from promptlang_runtime.drawing.language import Manner, Read, Side, Texts
from promptlang_runtime.families.family import LoadedModel
from promptlang_runtime.families.language.reading import t5_of
from promptlang_runtime.families.language.row import TEXT, Files, language_family
from promptlang_runtime.families.rebuilt import flux as rebuilt
from promptlang_runtime.models.libraries import text_encoder_of

TEXT_2 = "text_encoder_2"
TOKENS = 512


def reads(model: LoadedModel, plan: Plan, texts: Texts) -> Read:
    """T5 for every word, CLIP for the summary."""
    t5 = t5_of(model, plan, texts, part=TEXT_2, tokenizer="tokenizer_2", tokens=TOKENS)
    clip = prompt_encoder(
        text_encoder_of(model.pipeline, TEXT),
        weighting=plan.weighting,
        clip_skip=1,
        encoded=model.encoded_by(TEXT, 1),
        projection=nn.Identity(),
    )

    def read(side: Side, runs: Sequence[Run]) -> Condition:
        del side
        return replace(t5.condition(runs), pooled=clip.summarised(runs))

    return read


FAMILY = language_family(
    "flux",
    Manner(
        patch=2,
        true_cfg="true_cfg_scale",
        pooled="pooled_prompt_embeds",
        remix="FluxImg2ImgPipeline",
        inpaint="FluxInpaintPipeline",
        held="FluxControlNetPipeline",
    ),
    reads,
    files=Files(layout=rebuilt.LAYOUT, from_tensors=rebuilt.from_tensors, vae_of=rebuilt.vae_of),
)
