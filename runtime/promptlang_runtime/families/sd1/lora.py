"""LoRAs and their kin for Stable Diffusion 1."""

from __future__ import annotations

from promptlang.tables.models.unet_files import TEXT_PARTS
from promptlang_runtime.models.pipelines import Pipeline, Tensors
from promptlang_runtime.networks.layers import Changed
from promptlang_runtime.networks.unet import unet_network


def network(tensors: Tensors, pipeline: Pipeline, name: str) -> tuple[Changed, ...]:
    """What a LoRA or its kin changes; raises RenderError for methods that are not drawn and for foreign layers."""
    return unet_network(tensors, name, pipeline, TEXT_PARTS["sd1"])
