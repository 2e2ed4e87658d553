"""LoRA files for Stable Diffusion 1: under diffusers' names, or under those that most trainers write."""

from __future__ import annotations

from promptlang_runtime.conditioning.clip import core
from promptlang_runtime.families.sd1.pipeline import stable_diffusion
from promptlang_runtime.models.lora import check_kind, layer_names, renamed
from promptlang_runtime.models.pipelines import Pipeline, Tensors

UNET, TEXT = "lora_unet_", "lora_te_"
TEXT_MODEL = "text_model_"  # stands in the names whether the encoder is wrapped or not


def lora_tensors(tensors: Tensors, pipeline: Pipeline, name: str) -> Tensors:
    """The tensors as `load_lora_weights` takes them; raises RenderError for other kinds and for foreign layers."""
    check_kind(tensors, name)
    if not any(key.startswith((UNET, TEXT)) for key in tensors):
        return tensors
    parts = stable_diffusion(pipeline)
    known = {
        **layer_names(parts.unet, UNET, "unet."),
        **layer_names(core(parts.text_encoder), TEXT + TEXT_MODEL, "text_encoder.text_model."),
    }
    return renamed(tensors, known, name)
