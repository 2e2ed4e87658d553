"""How Stable Diffusion 1 reads a prompt: one CLIP encoder, the final layer norm after any clip skip."""

from __future__ import annotations

from collections.abc import Sequence

from promptlang.plans.plan import Network, Plan
from promptlang.tables.models.unet_files import TEXT_PARTS
from promptlang_runtime.conditioning.encode import Inversions, PromptEncoder, prompt_encoder
from promptlang_runtime.drawing.inversions import inversions as read
from promptlang_runtime.families.family import LoadedModel
from promptlang_runtime.models.libraries import text_encoder_of

TEXT = "text_encoder"


def encoder_of(model: LoadedModel, plan: Plan) -> PromptEncoder:
    """The encoder that a plan's prompts go through; raises RenderError for a clip skip beyond its layers."""
    clip_skip = plan.clip_skip or 1
    return prompt_encoder(
        text_encoder_of(model.pipeline, TEXT),
        weighting=plan.weighting,
        clip_skip=clip_skip,
        words=model.inversions.ids,
        vectors=model.inversions.vectors.get(TEXT),
        encoded=model.encoded_by(TEXT, clip_skip),
    )


def inversions(model: LoadedModel, networks: Sequence[Network]) -> Inversions:
    """The words `<name>` with ids from the end of the vocabulary on."""
    return read(model.name, model.pipeline, TEXT_PARTS["sd1"], networks)
