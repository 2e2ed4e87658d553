"""What the names of picture and model files end in, from what is written here to all that may be meant."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

DRAWN: Mapping[str, str] = MappingProxyType({".png": "image/png", ".jpg": "image/jpeg", ".webp": "image/webp"})
"""Pictures that are drawn, with their media types."""
TOLD = (".png", ".jpg", ".jpeg", ".webp")
"""Pictures that programs write their settings into, or leave beside a model."""
OPENED = (*TOLD, ".gif", ".bmp")
"""Pictures that `/image` and its kin are offered."""
PICTURES = (*OPENED, ".tif", ".tiff", ".avif", ".heic")
"""All that a path to a picture may end in where blanks cut it."""

SAFETENSORS = ".safetensors"
GGUF = ".gguf"
PICKLED = (".ckpt", ".pt", ".pth", ".bin", ".pickle", ".pkl")
"""Model files that run code when they are loaded."""
MODELS = (SAFETENSORS, GGUF, *PICKLED)
"""Model files that a name may call."""
WEIGHTS = (*MODELS, ".sft")
"""All that a path to a model file may end in where blanks cut it."""
