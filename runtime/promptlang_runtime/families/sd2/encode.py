"""How Stable Diffusion 2 reads a prompt: one OpenCLIP encoder that comes without its last layer, then the final norm.

It was trained with chunks filled up with zeros, where Stable Diffusion 1 repeats the end mark.
"""

from __future__ import annotations

from collections.abc import Sequence

from promptlang.plans.plan import Network, Plan
from promptlang.tables.models.unet_files import TEXT_PARTS
from promptlang_runtime.conditioning.encode import Inversions, PromptEncoder, prompt_encoder
from promptlang_runtime.drawing.inversions import inversions as read
from promptlang_runtime.families.family import LoadedModel
from promptlang_runtime.models.libraries import text_encoder_of

TEXT = "text_encoder"
FILL = 0  # the token `!`


def encoder_of(model: LoadedModel, plan: Plan) -> PromptEncoder:
    """The encoder that a plan's prompts go through.

    A plan has a clip skip only where somebody forced it; it counts from the layer that the model comes with, as
    diffusers does. Raises RenderError where it is beyond the encoder's layers.
    """
    clip_skip = plan.clip_skip or 1
    return prompt_encoder(
        text_encoder_of(model.pipeline, TEXT),
        weighting=plan.weighting,
        clip_skip=clip_skip,
        words=model.inversions.ids,
        vectors=model.inversions.vectors.get(TEXT),
        encoded=model.encoded_by(TEXT, clip_skip),
        fill=FILL,
    )


def inversions(model: LoadedModel, networks: Sequence[Network]) -> Inversions:
    """The words `<name>` with ids from the end of the vocabulary on."""
    return read(model.name, model.pipeline, TEXT_PARTS["sd2"], networks)
