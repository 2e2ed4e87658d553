"""How Stable Diffusion XL reads a prompt: two CLIP encoders side by side, before their last layer, without final norm.

The second also says one vector about the whole prompt. It was trained with chunks filled up with zeros.
"""

from __future__ import annotations

from collections.abc import Sequence

from promptlang.plans.plan import Network, Plan
from promptlang.tables.models.unet_files import TEXT_PARTS
from promptlang.tokens.vocabulary import END_ID
from promptlang_runtime.conditioning.condition import Reader
from promptlang_runtime.conditioning.encode import Inversions, PromptEncoder, joined, prompt_encoder
from promptlang_runtime.drawing.inversions import inversions as read
from promptlang_runtime.drawing.pipelines import stable_diffusion
from promptlang_runtime.families.family import LoadedModel
from promptlang_runtime.models.libraries import text_encoder_of

TEXT, TEXT_2 = "text_encoder", "text_encoder_2"
FILLS = {TEXT: END_ID, TEXT_2: 0}
ZEROES = "force_zeros_for_empty_prompt"
LEAST_SKIP = 2  # the layer that the denoiser was trained with


def reader_of(model: LoadedModel, plan: Plan) -> Reader:
    """How a plan's prompts are read; raises RenderError for a clip skip beyond the layers."""
    return joined([encoder_of(model, plan, part) for part in (TEXT, TEXT_2)])


def are_zeroes(model: LoadedModel) -> bool:
    """Whether a prompt of no words is read as zeros."""
    return stable_diffusion(model.pipeline).config.get(ZEROES) is True


def encoder_of(model: LoadedModel, plan: Plan, part: str) -> PromptEncoder:
    """How one of the two reads; raises RenderError for a clip skip beyond the layers."""
    clip_skip = max(plan.clip_skip or LEAST_SKIP, LEAST_SKIP)
    encoder = text_encoder_of(model.pipeline, part)
    return prompt_encoder(
        encoder,
        weighting=plan.weighting,
        clip_skip=clip_skip,
        words=model.inversions.ids,
        vectors=model.inversions.vectors.get(part),
        encoded=model.encoded_by(part, clip_skip),
        fill=FILLS[part],
        final_norm=False,
        projection=encoder.get_submodule("text_projection") if part == TEXT_2 else None,
    )


def inversions(model: LoadedModel, networks: Sequence[Network]) -> Inversions:
    """The words `<name>` with ids from the end of the vocabulary on, for both encoders."""
    return read(model.name, model.pipeline, TEXT_PARTS["sdxl"], networks)
