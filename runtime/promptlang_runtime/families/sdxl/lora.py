"""LoRAs and their kin for Stable Diffusion XL, whose trainers number the text encoders."""

from __future__ import annotations

from promptlang_runtime.models.libraries import denoiser_of, text_encoder_of
from promptlang_runtime.models.pipelines import Pipeline, Tensors
from promptlang_runtime.networks.layers import Changed
from promptlang_runtime.networks.unet import unet_network

ENCODERS = {"lora_te1_": "text_encoder", "lora_te2_": "text_encoder_2"}


def network(tensors: Tensors, pipeline: Pipeline, name: str) -> tuple[Changed, ...]:
    """What a LoRA or its kin changes; raises RenderError for methods that are not drawn and for foreign layers."""
    encoders = {written: (part, text_encoder_of(pipeline, part)) for written, part in ENCODERS.items()}
    return unet_network(tensors, name, denoiser_of(pipeline, "unet"), encoders)
