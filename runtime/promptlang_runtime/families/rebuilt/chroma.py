"""Chroma: FLUX.1 without what its blocks are told of time, which one small network tells all of them."""

from __future__ import annotations

import re

from promptlang.tables.models import encoders
from promptlang_runtime.families.rebuilt.flux_names import as_diffusers
from promptlang_runtime.families.rebuilt.flux_shapes import sizes_of
from promptlang_runtime.models import libraries
from promptlang_runtime.models.layouts import below, blocks, building
from promptlang_runtime.models.parts import FileLayout
from promptlang_runtime.models.pipelines import Denoiser, Pipeline, Tensors, Vae
from promptlang_runtime.rebuilding.checkpoint import vae_of as published_vae
from promptlang_runtime.rebuilding.published import published
from promptlang_runtime.rebuilding.readers import t5_of
from promptlang_runtime.rebuilding.transformer import DENOISER, VAE, check_whole, flow_levels, transformer_of

TEXT = "text_encoder."
LAYOUT = FileLayout(denoiser=DENOISER, vae=VAE, encoders={TEXT: encoders.T5_XXL}, tokenizers={"tokenizer": TEXT})
OWN = published("chroma")
GUIDE = "distilled_guidance_layer."
PUBLISHED = re.compile(rf"({re.escape(GUIDE)}layers\.\d+)\.(in|out)_layer\.")
NUMBERS = {"in": 1, "out": 2}


def from_tensors(tensors: Tensors, *, variant: str) -> Pipeline:
    """The pipeline of a whole checkpoint."""
    del variant
    check_whole(tensors, LAYOUT)
    return libraries.pipeline(
        "ChromaPipeline",
        scheduler=flow_levels(OWN.record("scheduler")),
        vae=vae_of(tensors),
        text_encoder=t5_of(below(tensors, TEXT)),
        tokenizer=None,
        transformer=_denoiser(below(tensors, DENOISER)),
    )


def vae_of(tensors: Tensors) -> Vae:
    """The VAE of a checkpoint, or of a file that holds nothing else."""
    return published_vae(tensors, OWN.record("vae"), prefix=VAE)


@building("denoiser")
def _denoiser(tensors: Tensors) -> Denoiser:
    own = {PUBLISHED.sub(_numbered, name): value for name, value in as_diffusers(tensors).items()}
    config = OWN.record("transformer")
    hidden, inputs = own[f"{GUIDE}in_proj.weight"].shape
    sizes = {
        **sizes_of(own, config),
        "approximator_num_channels": inputs,
        "approximator_hidden_dim": hidden,
        "approximator_layers": blocks(own, f"{GUIDE}layers."),
    }
    return transformer_of("ChromaTransformer2DModel", own, **{**config, **sizes})


def _numbered(match: re.Match[str]) -> str:
    return f"{match[1]}.linear_{NUMBERS[match[2]]}."
