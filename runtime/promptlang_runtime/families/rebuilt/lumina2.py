"""Lumina-Image 2."""

from __future__ import annotations

from torch import Tensor

from promptlang.tables.models import encoders
from promptlang_runtime.models import libraries
from promptlang_runtime.models.layouts import below, blocks, building
from promptlang_runtime.models.parts import FileLayout
from promptlang_runtime.models.pipelines import Denoiser, Pipeline, Tensors, Vae
from promptlang_runtime.rebuilding.checkpoint import vae_of as published_vae
from promptlang_runtime.rebuilding.published import published
from promptlang_runtime.rebuilding.readers import language_model_of
from promptlang_runtime.rebuilding.transformer import (
    DENOISER,
    VAE,
    as_diffusers,
    check_whole,
    flow_levels,
    transformer_of,
    turned,
)

TEXT = "text_encoder."
LAYOUT = FileLayout(denoiser=DENOISER, vae=VAE, encoders={TEXT: encoders.GEMMA_2}, tokenizers={"tokenizer": TEXT})
OWN = published("lumina2")
KIND = "Lumina2Transformer2DModel"
CAPTION = "time_caption_embed.caption_embedder.0.weight"
PACKED = ".attention.qkv.weight"
PATCH = 4  # latents that the denoiser takes as one


def from_tensors(tensors: Tensors, *, variant: str) -> Pipeline:
    """The pipeline of a whole checkpoint."""
    del variant
    check_whole(tensors, LAYOUT)
    return libraries.pipeline(
        "Lumina2Pipeline",
        scheduler=flow_levels(OWN.record("scheduler")),
        vae=vae_of(tensors),
        text_encoder=language_model_of(below(tensors, TEXT), "gemma2"),
        tokenizer=None,
        transformer=_denoiser(as_diffusers(KIND, _unpacked(below(tensors, DENOISER)), CAPTION)),
    )


def vae_of(tensors: Tensors) -> Vae:
    """The VAE of a checkpoint, or of a file that holds nothing else."""
    return published_vae(tensors, OWN.record("vae"), prefix=VAE)


@building("denoiser")
def _unpacked(tensors: Tensors) -> Tensors:
    """The tensors with queries, keys and values apart, which diffusers parts in the published width alone."""
    found: dict[str, Tensor] = {}
    for name, value in tensors.items():
        if not name.endswith(PACKED):
            found[name] = value
            continue
        begin = name.removesuffix("qkv.weight")
        queries = tensors[f"{begin}out.weight"].shape[1]
        keys = (value.shape[0] - queries) // 2
        pieces = zip(("to_q", "to_k", "to_v"), value.tensor_split([queries, queries + keys]), strict=True)
        found |= {f"{begin}{each}.weight": piece for each, piece in pieces}
    return found


@building("denoiser")
def _denoiser(own: Tensors) -> Denoiser:
    config = OWN.record("transformer")
    width, inputs = own["x_embedder.weight"].shape
    head = own["layers.0.attn.norm_q.weight"].shape[0]
    sizes = {
        "in_channels": inputs // PATCH,
        "hidden_size": width,
        "num_layers": blocks(own, "layers."),
        "num_refiner_layers": blocks(own, "noise_refiner."),
        "num_attention_heads": own["layers.0.attn.to_q.weight"].shape[0] // head,
        "num_kv_heads": own["layers.0.attn.to_k.weight"].shape[0] // head,
        "cap_feat_dim": own[CAPTION].shape[0],
        "axes_dim_rope": turned(config.counts("axes_dim_rope"), head),
    }
    return transformer_of(KIND, own, **{**config, **sizes})
