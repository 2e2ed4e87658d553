"""How Stable Diffusion 1 reads a prompt: one CLIP encoder, the final layer norm after any clip skip."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import torch
from torch import Tensor

from promptlang.plans.plan import Network, Plan
from promptlang.tokens.chunks import words_for
from promptlang_runtime.conditioning.clip import vocabulary_size, width
from promptlang_runtime.conditioning.encode import Inversions, PromptEncoder, prompt_encoder
from promptlang_runtime.errors import RenderError
from promptlang_runtime.families.family import LoadedModel
from promptlang_runtime.families.sd1.pipeline import stable_diffusion
from promptlang_runtime.models.inversions import single_vectors


def encoder_of(model: LoadedModel, plan: Plan) -> PromptEncoder:
    """The encoder that a plan's prompts go through; raises RenderError for a clip skip beyond its layers."""
    clip_skip = plan.clip_skip or 1
    return prompt_encoder(
        stable_diffusion(model.pipeline).text_encoder,
        weighting=plan.weighting,
        clip_skip=clip_skip,
        inversions=model.inversions,
        encoded=model.encoded.setdefault(clip_skip, {}),
    )


def inversions(model: LoadedModel, networks: Sequence[Network]) -> Inversions:
    """The words `<name>` with ids from the end of the vocabulary on; the same inversion on both sides counts once."""
    encoder = stable_diffusion(model.pipeline).text_encoder
    vectors: dict[str, Tensor] = {}
    for network in networks:
        name = network.name.lower()
        if name in vectors:
            continue
        rows = single_vectors(Path(network.path or ""))
        if rows.shape[1] != width(encoder):
            raise RenderError(
                f"the textual inversion <{network.name}> is for text encoders of width {rows.shape[1]}, "
                f"and <{model.name}> has one of width {width(encoder)}"
            )
        vectors[name] = rows
    words = words_for(((name, len(rows)) for name, rows in vectors.items()), vocabulary_size(encoder))
    return Inversions(ids=words, vectors=torch.cat([*vectors.values()]) if vectors else None)
