"""LoRA files for Stable Diffusion 2."""

from __future__ import annotations

from promptlang_runtime.drawing.lora import clip_lora
from promptlang_runtime.models.libraries import denoiser_of, text_encoder_of
from promptlang_runtime.models.pipelines import Pipeline, Tensors


def lora_tensors(tensors: Tensors, pipeline: Pipeline, name: str) -> Tensors:
    """The tensors as `load_lora_weights` takes them; raises RenderError for other kinds and for foreign layers."""
    encoder = text_encoder_of(pipeline, "text_encoder")
    return clip_lora(tensors, name, denoiser_of(pipeline, "unet"), {"lora_te_": ("text_encoder", encoder)})
