"""THE upscaler table: how a picture is enlarged between its two passes, with the names that webui and ComfyUI have."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Literal

from promptlang.values import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Upscaler:
    """One row: latents are enlarged as they are, `pixels` after they were decoded. `antialiased` is for latents.

    `comfy` is the method of ComfyUI's nodes, empty where they have none such.
    """

    name: str
    docs: str
    webui: str
    of: Literal["latents", "pixels"]
    method: Literal["nearest", "nearest-exact", "bilinear", "bicubic", "lanczos"]
    antialiased: bool = False
    comfy: str = ""


ROWS: tuple[Upscaler, ...] = (
    Upscaler(
        name="latent",
        docs="latents, between two linearly",
        webui="Latent",
        of="latents",
        method="bilinear",
        comfy="bilinear",
    ),
    Upscaler(
        name="latent-antialiased",
        docs="the same without steps at edges",
        webui="Latent (antialiased)",
        of="latents",
        method="bilinear",
        antialiased=True,
    ),
    Upscaler(
        name="latent-bicubic",
        docs="latents, between sixteen by cubes",
        webui="Latent (bicubic)",
        of="latents",
        method="bicubic",
        comfy="bicubic",
    ),
    Upscaler(
        name="latent-bicubic-antialiased",
        docs="the same without steps at edges",
        webui="Latent (bicubic antialiased)",
        of="latents",
        method="bicubic",
        antialiased=True,
    ),
    Upscaler(
        name="latent-nearest", docs="each latent repeated", webui="Latent (nearest)", of="latents", method="nearest"
    ),
    Upscaler(
        name="latent-nearest-exact",
        docs="each latent repeated, from its middle",
        webui="Latent (nearest-exact)",
        of="latents",
        method="nearest-exact",
        comfy="nearest-exact",
    ),
    Upscaler(name="lanczos", docs="pixels, smoothly", webui="Lanczos", of="pixels", method="lanczos", comfy="lanczos"),
    Upscaler(name="nearest", docs="pixels, each repeated", webui="Nearest", of="pixels", method="nearest"),
)
UPSCALERS: Mapping[str, Upscaler] = MappingProxyType({row.name: row for row in ROWS})
DEFAULT = ROWS[0].name
