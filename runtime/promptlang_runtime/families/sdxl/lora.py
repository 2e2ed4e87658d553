"""LoRA files for Stable Diffusion XL, whose trainers number the text encoders."""

from __future__ import annotations

from promptlang_runtime.drawing.lora import clip_lora
from promptlang_runtime.models.libraries import denoiser_of, text_encoder_of
from promptlang_runtime.models.pipelines import Pipeline, Tensors

ENCODERS = {"lora_te1_": "text_encoder", "lora_te2_": "text_encoder_2"}


def lora_tensors(tensors: Tensors, pipeline: Pipeline, name: str) -> Tensors:
    """The tensors as `load_lora_weights` takes them; raises RenderError for other kinds and for foreign layers."""
    encoders = {written: (part, text_encoder_of(pipeline, part)) for written, part in ENCODERS.items()}
    return clip_lora(tensors, name, denoiser_of(pipeline, "unet"), encoders)
