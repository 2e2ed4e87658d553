"""Which layouts a network may have: those of its class in folders, and those of its family in files."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import MappingProxyType

from promptlang.tables.layouts import denoisers, encoders, transformers, unets, vaes
from promptlang.tables.layouts.row import Groups

CLASSES: Mapping[str, Groups] = MappingProxyType(
    {
        "UNet2DConditionModel": unets.UNET,
        "ControlNetModel": unets.CONTROL,
        "FluxTransformer2DModel": denoisers.FLUX,
        "FluxControlNetModel": denoisers.FLUX_CONTROL,
        "ChromaTransformer2DModel": denoisers.CHROMA,
        "Flux2Transformer2DModel": denoisers.FLUX2,
        "SD3Transformer2DModel": denoisers.SD3,
        "QwenImageTransformer2DModel": denoisers.QWEN_IMAGE,
        "QwenImage21Transformer2DModel": denoisers.QWEN_IMAGE_21,
        "ZImageTransformer2DModel": denoisers.Z_IMAGE,
        "Lumina2Transformer2DModel": denoisers.LUMINA2,
        "Krea2Transformer2DModel": denoisers.KREA2,
        "SanaTransformer2DModel": denoisers.SANA,
        "AutoencoderKL": vaes.KL,
        "AutoencoderKLFlux2": vaes.KL,
        "AutoencoderKLQwenImage": vaes.FILM,
        "AutoencoderKLQwenImage21": vaes.FILM_21,
        "AutoencoderDC": vaes.DEEP,
        "CLIPTextModel": encoders.CLIP,
        "CLIPTextModelWithProjection": encoders.CLIP,
        "CLIPVisionModelWithProjection": encoders.LOOKING,
        "T5EncoderModel": encoders.T5,
        "Gemma2Model": encoders.GEMMA2,
        "Qwen3Model": encoders.QWEN3,
        "Qwen3ForCausalLM": encoders.QWEN3,
        "Qwen2_5_VLForConditionalGeneration": encoders.QWEN25,
        "Qwen3VLForConditionalGeneration": encoders.QWEN3,
        "Qwen3VLModel": encoders.QWEN3,
        "Mistral3ForConditionalGeneration": encoders.MISTRAL,
    }
)
"""By the class of a part, as its folder names tensors."""
GUIDED: Mapping[str, Groups] = MappingProxyType({"SanaTransformer2DModel": denoisers.SANA_GUIDED})
"""By the same class, where guidance is an input and names are others for it, and not only more."""
FIRST: Mapping[str, Groups] = MappingProxyType(
    {
        "UNet2DConditionModel": unets.FIRST_UNET,
        "ControlNetModel": unets.FIRST_CONTROL,
        "FluxTransformer2DModel": transformers.FLUX,
        "ChromaTransformer2DModel": transformers.CHROMA,
        "Flux2Transformer2DModel": transformers.FLUX2,
        "SD3Transformer2DModel": transformers.SD3,
        "ZImageTransformer2DModel": transformers.Z_IMAGE,
        "Lumina2Transformer2DModel": transformers.LUMINA2,
        "Krea2Transformer2DModel": transformers.KREA2,
        "SanaTransformer2DModel": transformers.SANA,
        "AutoencoderKL": vaes.FIRST_KL,
        "AutoencoderKLFlux2": vaes.FIRST_KL,
        "AutoencoderKLQwenImage": vaes.FIRST_FILM,
        "CLIPTextModel": encoders.OPEN_CLIP,
        "CLIPTextModelWithProjection": encoders.OPEN_CLIP,
    }
)
"""By the same class, as the first publication did, which single files keep to."""


def layouts_of(kinds: Iterable[str]) -> list[Groups]:
    """Every layout that networks of these classes may have in a single file."""
    return [table[kind] for kind in sorted(kinds) for table in (FIRST, CLASSES, GUIDED) if kind in table]


def layouts_in_folders(kind: str) -> list[Groups]:
    """Every layout that networks of a class may have in a folder."""
    return [table[kind] for table in (CLASSES, GUIDED) if kind in table]
