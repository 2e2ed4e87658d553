"""What the nodes that are written give and take, as their published definitions say it."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

OUTPUTS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "CLIPLoader": ("CLIP",),
        "CLIPSetLastLayer": ("CLIP",),
        "CLIPTextEncode": ("CONDITIONING",),
        "Canny": ("IMAGE",),
        "CheckpointLoaderSimple": ("MODEL", "CLIP", "VAE"),
        "ConditioningCombine": ("CONDITIONING",),
        "ConditioningSetAreaStrength": ("CONDITIONING",),
        "ConditioningSetTimestepRange": ("CONDITIONING",),
        "ControlNetApplyAdvanced": ("CONDITIONING", "CONDITIONING"),
        "ControlNetLoader": ("CONTROL_NET",),
        "DualCLIPLoader": ("CLIP",),
        "EmptyFlux2LatentImage": ("LATENT",),
        "EmptyLatentImage": ("LATENT",),
        "EmptySD3LatentImage": ("LATENT",),
        "FluxGuidance": ("CONDITIONING",),
        "FreeU": ("MODEL",),
        "ImageScale": ("IMAGE",),
        "ImageToMask": ("MASK",),
        "InpaintModelConditioning": ("CONDITIONING", "CONDITIONING", "LATENT"),
        "KSampler": ("LATENT",),
        "LatentUpscale": ("LATENT",),
        "LoadImage": ("IMAGE", "MASK"),
        "LoraLoader": ("MODEL", "CLIP"),
        "ModelSamplingAuraFlow": ("MODEL",),
        "ModelSamplingDiscrete": ("MODEL",),
        "RepeatLatentBatch": ("LATENT",),
        "RescaleCFG": ("MODEL",),
        "SaveImage": ("IMAGE",),
        "SetLatentNoiseMask": ("LATENT",),
        "UNETLoader": ("MODEL",),
        "VAEDecode": ("IMAGE",),
        "VAEEncode": ("LATENT",),
        "VAELoader": ("VAE",),
    }
)

FILLED: Mapping[str, tuple[str, ...]] = MappingProxyType({"KSampler": ("fixed",), "LoadImage": ("image",)})
"""What the page keeps in widgets of its own, which no input has."""

LIMITS: Mapping[tuple[str, str], tuple[int, int]] = MappingProxyType(
    {
        ("KSampler", "cfg"): (0, 100),
        ("FluxGuidance", "guidance"): (0, 100),
        ("ConditioningSetAreaStrength", "strength"): (0, 10),
        ("LoraLoader", "strength_model"): (-100, 100),
        ("LoraLoader", "strength_clip"): (-100, 100),
        ("RepeatLatentBatch", "amount"): (1, 64),
        **{
            (kind, side): (16, 16384)
            for kind in ("EmptyLatentImage", "EmptySD3LatentImage", "EmptyFlux2LatentImage")
            for side in ("width", "height")
        },
    }
)
"""The numbers that these nodes refuse to leave, where a plan can hold others: the least and the greatest."""
