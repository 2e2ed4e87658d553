"""Krea 2, Raw and Turbo, which no tensor tells apart."""

from __future__ import annotations

from promptlang.tables.models import encoders
from promptlang_runtime.models import libraries
from promptlang_runtime.models.layouts import below, blocks, building
from promptlang_runtime.models.parts import FileLayout
from promptlang_runtime.models.pipelines import Denoiser, Pipeline, Tensors
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
from promptlang_runtime.rebuilding.vaes import film_vae_of

TEXT = "text_encoder."
LAYOUT = FileLayout(denoiser=DENOISER, vae=VAE, encoders={TEXT: encoders.QWEN_3_VL_4B}, tokenizers={"tokenizer": TEXT})
OWN = published("krea2")
KIND = "Krea2Transformer2DModel"
INPUT = "img_in.weight"


def from_tensors(tensors: Tensors, *, variant: str) -> Pipeline:
    """The pipeline of a whole checkpoint; Turbo spaces its steps as it was distilled."""
    check_whole(tensors, LAYOUT)
    return libraries.pipeline(
        "Krea2Pipeline",
        scheduler=flow_levels(OWN.record("scheduler")),
        vae=film_vae_of(tensors),
        text_encoder=language_model_of(below(tensors, TEXT), "qwen3-vl", deepest=OWN.whole("deepest_layer") or 0),
        tokenizer=None,
        transformer=_denoiser(as_diffusers(KIND, below(tensors, DENOISER), INPUT)),
        is_distilled="turbo" in variant,
    )


@building("denoiser")
def _denoiser(own: Tensors) -> Denoiser:
    config = OWN.record("transformer")
    width, inputs = own[INPUT].shape
    block, fusion = "transformer_blocks.0.", "text_fusion.layerwise_blocks.0."
    head = own[f"{block}attn.norm_q.weight"].shape[0]
    text_head = own[f"{fusion}attn.norm_q.weight"].shape[0]
    sizes = {
        "in_channels": inputs,
        "num_layers": blocks(own, "transformer_blocks."),
        "attention_head_dim": head,
        "num_attention_heads": width // head,
        "num_key_value_heads": own[f"{block}attn.to_k.weight"].shape[0] // head,
        "intermediate_size": own[f"{block}ff.up.weight"].shape[0],
        "timestep_embed_dim": own["time_embed.linear_1.weight"].shape[1],
        "text_hidden_dim": own[f"{fusion}norm1.weight"].shape[0],
        "num_text_layers": own["text_fusion.projector.weight"].shape[-1],
        "text_num_attention_heads": own[f"{fusion}attn.to_q.weight"].shape[0] // text_head,
        "text_num_key_value_heads": own[f"{fusion}attn.to_k.weight"].shape[0] // text_head,
        "text_intermediate_size": own[f"{fusion}ff.up.weight"].shape[0],
        "num_layerwise_text_blocks": blocks(own, "text_fusion.layerwise_blocks."),
        "num_refiner_text_blocks": blocks(own, "text_fusion.refiner_blocks."),
        "axes_dims_rope": turned(config.counts("axes_dims_rope"), head),
    }
    return transformer_of(KIND, own, **{**config, **sizes})
