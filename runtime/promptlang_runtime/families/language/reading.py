"""How the families read texts: by the pipeline's own language model, or by encoders of ours that weigh words."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TypeGuard

import torch

from promptlang.plans.plan import Plan, Run
from promptlang_runtime.conditioning.condition import Condition
from promptlang_runtime.conditioning.encode import keep
from promptlang_runtime.conditioning.t5 import T5Encoder, Tokenizer
from promptlang_runtime.drawing.language import LanguagePipeline, Read, Side, Texts, that_reads_texts
from promptlang_runtime.families.family import LoadedModel
from promptlang_runtime.models.libraries import text_encoder_of
from promptlang_runtime.models.pipelines import Pipeline

MOST_TEXTS = 16
"""How many encoded texts are kept: 80 MB for an encoder of width 2560 and 512 tokens."""

_UNREAD: Mapping[str, torch.Tensor] = {
    "prompt_embeds": torch.zeros(1, 1, 1),
    "prompt_attention_mask": torch.zeros(1, 1),
}
"""What a pipeline that reads both sides at once is told of the positive one, lest it read a text for nothing."""

Reads = Callable[[LoadedModel, Plan, Texts], Read]
"""How a model reads the texts of a plan's picture."""

ReadText = Callable[[LanguagePipeline, str, Side, torch.device], Condition]
"""What a pipeline makes of a text, read as that of a side; left to find its device, it looks through all its layers."""


def whole(read_text: ReadText) -> Reads:
    """Texts read by the pipeline itself, in which no word counts more than another."""

    def reads(model: LoadedModel, plan: Plan, texts: Texts) -> Read:
        del plan, texts
        pipeline, encoded = that_reads_texts(model.pipeline), model.encoded_by("text_encoder", 0)
        device = next(text_encoder_of(model.pipeline, "text_encoder").parameters()).device

        @torch.no_grad()
        def read(side: Side, runs: Sequence[Run]) -> Condition:
            text = "".join(run.text for run in runs)
            key = f"{side} {text}".encode()
            if key not in encoded:
                keep(encoded, key, read_text(pipeline, text, side, device), most=MOST_TEXTS)
            return encoded[key]

        return read

    return reads


def states_of(pipeline: LanguagePipeline, text: str, side: Side, device: torch.device) -> Condition:
    """What a pipeline says of a text, whichever side it is of, where it says states alone."""
    del side
    states, *_ = pipeline.encode_prompt(text, device=device)
    return Condition(states)


def negative_of(pipeline: LanguagePipeline, text: str, device: torch.device) -> Condition:
    """What a pipeline that reads both sides at once says of a negative prompt."""
    *_, states, mask = pipeline.encode_prompt("", negative_prompt=text, device=device, **_UNREAD)
    return Condition(states, mask=mask)


def t5_of(
    model: LoadedModel, plan: Plan, texts: Texts, *, part: str, tokenizer: str, tokens: int, is_masked: bool = False
) -> T5Encoder:
    """The T5 of a model, which reads at least so many tokens at once, and more where a text of the picture has more."""
    return T5Encoder(
        encoder=text_encoder_of(model.pipeline, part),
        tokenizer=_tokenizer(model.pipeline, tokenizer),
        weighting=plan.weighting,
        tokens=tokens,
        encoded=model.encoded_by(part, 0),
        is_masked=is_masked,
    ).for_texts(texts)


def _tokenizer(pipeline: Pipeline, name: str) -> Tokenizer:
    found = getattr(pipeline, name)
    assert _divides(found)
    return found


def _divides(part: object) -> TypeGuard[Tokenizer]:
    return callable(part)
