"""VAEs of single files and parts that are no plain ones: those that families share with films."""

from __future__ import annotations

from promptlang_runtime.models import libraries
from promptlang_runtime.models.layouts import below, building, filled
from promptlang_runtime.models.pipelines import Tensors, Vae
from promptlang_runtime.rebuilding.published import published
from promptlang_runtime.rebuilding.transformer import VAE

PUBLISHED = "decoder.middle.0.residual.0.gamma"
"""A name in the layout of Wan, which diffusers has others for."""


@building("VAE")
def film_vae_of(tensors: Tensors) -> Vae:
    """The VAE that Qwen-Image and Krea 2 share with films, of a checkpoint or of a file that holds nothing else."""
    own = below(tensors, VAE) or dict(tensors)
    named = libraries.film_vae_tensors(own) if PUBLISHED in own else own
    sizes = {
        "base_dim": named["encoder.conv_in.weight"].shape[0],
        "input_channels": named["encoder.conv_in.weight"].shape[1],
        "z_dim": named["decoder.conv_in.weight"].shape[1],
    }
    return filled(libraries.vae("AutoencoderKLQwenImage", **{**published("film-vae"), **sizes}), named, "VAE")
