"""How the refiner reads a prompt: the second encoder of Stable Diffusion XL alone, before its last layer."""

from __future__ import annotations

from promptlang.plans.plan import Plan
from promptlang_runtime.conditioning.condition import Reader
from promptlang_runtime.conditioning.encode import Inversions, prompt_encoder
from promptlang_runtime.families.family import LoadedModel
from promptlang_runtime.models.libraries import text_encoder_of

TEXT = "text_encoder_2"
FILL = 0
LEAST_SKIP = 2  # the layer that the denoiser was trained with


def reader_of(model: LoadedModel, plan: Plan, inversions: Inversions) -> Reader:
    """How a plan's prompts are read, with the words of the model that begins its pictures.

    Raises RenderError for a clip skip beyond the layers.
    """
    clip_skip = max(plan.clip_skip or LEAST_SKIP, LEAST_SKIP)
    encoder = text_encoder_of(model.pipeline, TEXT)
    vectors = inversions.vectors.get(TEXT)
    return prompt_encoder(
        encoder,
        weighting=plan.weighting,
        clip_skip=clip_skip,
        words=inversions.ids,
        vectors=vectors,
        encoded=model.encoded_by(TEXT, clip_skip) if vectors is None else {},
        fill=FILL,
        final_norm=False,
        projection=encoder.get_submodule("text_projection"),
    ).reader
