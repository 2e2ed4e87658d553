"""Stable Diffusion 3 and 3.5: two CLIP encoders before their last layer, T5 behind them, a summary of both CLIPs."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

import torch
from PIL import Image
from torch import Tensor
from torch.nn.functional import pad

from promptlang.plans.plan import Plan, Run
from promptlang.tokens.vocabulary import END_ID
from promptlang_runtime.conditioning.condition import Condition
from promptlang_runtime.conditioning.encode import PromptEncoder, joined, prompt_encoder
from promptlang_runtime.drawing.language import Manner, Read, Side, Texts
from promptlang_runtime.drawing.pipelines import OnCall
from promptlang_runtime.drawing.wanted import Wanted
from promptlang_runtime.errors import RenderError
from promptlang_runtime.families.family import LoadedModel
from promptlang_runtime.families.language.reading import t5_of
from promptlang_runtime.families.language.row import DENOISER, TEXT, Files, language_family
from promptlang_runtime.families.rebuilt import sd3 as rebuilt
from promptlang_runtime.models.libraries import parts_of, text_encoder_of

TEXT_2, TEXT_3 = "text_encoder_2", "text_encoder_3"
FILLS = {TEXT: END_ID, TEXT_2: 0}
LEAST_SKIP = 2  # the layer that the denoiser was trained with
TOKENS = 256
TOO_LARGE = re.compile(r"(?P<side>Height|Width) \((?P<found>\d+)\) .*`pos_embed_max_size`: (?P<most>\d+)")
"""How diffusers says that there are more patches on a side than the model has places for."""


def reads(model: LoadedModel, plan: Plan, texts: Texts) -> Read:
    """Clip skip moves the CLIP part alone; a `BREAK` parts its chunks, and is a blank to T5."""
    encoders = [_encoder(model, plan, part) for part in (TEXT, TEXT_2)]
    clip, length = joined(encoders), encoders[0].common_length(texts)
    has_t5 = TEXT_3 in parts_of(model.pipeline)
    t5 = t5_of(model, plan, texts, part=TEXT_3, tokenizer="tokenizer_3", tokens=TOKENS) if has_t5 else None

    def read(side: Side, runs: Sequence[Run]) -> Condition:
        del side
        above = clip.brought(clip.embed(runs), length)
        below = t5.condition(runs).states if t5 else _nothing_read(model, above.states)
        filled = pad(above.states, (0, below.shape[-1] - above.states.shape[-1]))
        return Condition(torch.cat([filled, below], dim=1), above.pooled)

    return read


def _nothing_read(model: LoadedModel, like: Tensor) -> Tensor:
    """What stands in the place of T5's states where the model has none."""
    width = parts_of(model.pipeline)[DENOISER].get_parameter("context_embedder.weight").shape[1]
    return like.new_zeros(1, TOKENS, width)


def _encoder(model: LoadedModel, plan: Plan, part: str) -> PromptEncoder:
    clip_skip = max(plan.clip_skip or LEAST_SKIP, LEAST_SKIP)
    encoder = text_encoder_of(model.pipeline, part)
    return prompt_encoder(
        encoder,
        weighting=plan.weighting,
        clip_skip=clip_skip,
        encoded=model.encoded_by(part, clip_skip),
        fill=FILLS[part],
        final_norm=False,
        projection=encoder.get_submodule("text_projection"),
    )


_PLAIN = language_family(
    "sd3",
    Manner(
        pooled="pooled_prompt_embeds",
        paired=True,
        remix="StableDiffusion3Img2ImgPipeline",
        inpaint="StableDiffusion3InpaintPipeline",
    ),
    reads,
    files=Files(layout=rebuilt.LAYOUT, from_tensors=rebuilt.from_tensors, vae_of=rebuilt.vae_of),
)


def _draw(model: LoadedModel, wanted: Sequence[Wanted], *, on_call: OnCall) -> list[Image.Image]:
    """Raises RenderError where a side has more patches than the model has places for."""
    try:
        return _PLAIN.draw(model, wanted, on_call=on_call)
    except ValueError as error:
        said = TOO_LARGE.search(str(error))
        if said is None:
            raise
        (width, height), name = wanted[0].plan.size, wanted[0].plan.model.name
        side = height if said["side"] == "Height" else width
        most = side // int(said["found"]) * int(said["most"])
        message = f"{width}x{height} is larger than <{name}> draws, whose pictures have at most {most} pixels a side"
        raise RenderError(message, f"write `/size:{min(width, most)}x{min(height, most)}`") from error


FAMILY = replace(_PLAIN, draw=_draw)
