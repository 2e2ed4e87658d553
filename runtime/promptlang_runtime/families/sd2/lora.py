"""LoRAs and their kin for Stable Diffusion 2."""

from __future__ import annotations

from promptlang_runtime.models.libraries import denoiser_of, text_encoder_of
from promptlang_runtime.models.pipelines import Pipeline, Tensors
from promptlang_runtime.networks.layers import Changed
from promptlang_runtime.networks.unet import unet_network


def network(tensors: Tensors, pipeline: Pipeline, name: str) -> tuple[Changed, ...]:
    """What a LoRA or its kin changes; raises RenderError for methods that are not drawn and for foreign layers."""
    encoder = text_encoder_of(pipeline, "text_encoder")
    return unet_network(tensors, name, denoiser_of(pipeline, "unet"), {"lora_te_": ("text_encoder", encoder)})
