"""How ComfyUI loads the models of each family: its loaders of text encoders, empty pictures and sampling nodes.

From ComfyUI's own templates, whose names of files stand in where a plan knows none.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from promptlang.values import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Loader:
    """One row. `clip` loads the text encoders and is told `kind`; empty: the checkpoint holds them.

    `sampling` is the node by which the templates shift the noise, with its number. `empty` stands for a side without
    words, where the node of the templates writes that itself.
    """

    latent: str = "EmptyLatentImage"
    clip: str = ""
    kind: str = ""
    encoders: tuple[str, ...] = ()
    vae: str = ""
    sampling: tuple[str, str, float] | None = None
    schedule: str = "normal"
    empty: str = ""


CHECKPOINT = Loader()
_SD3 = "EmptySD3LatentImage"
_AURA = "ModelSamplingAuraFlow"
_QWEN_VAE = "qwen_image_vae.safetensors"

LOADERS: Mapping[str, Loader] = MappingProxyType(
    {
        "sd3": Loader(latent=_SD3, schedule="sgm_uniform"),
        "flux": Loader(
            latent=_SD3,
            clip="DualCLIPLoader",
            kind="flux",
            encoders=("clip_l.safetensors", "t5xxl_fp16.safetensors"),
            vae="ae.safetensors",
            schedule="simple",
        ),
        "flux2": Loader(
            latent="EmptyFlux2LatentImage",
            clip="CLIPLoader",
            kind="flux2",
            encoders=("mistral_3_small_flux2_bf16.safetensors",),
            vae="flux2-vae.safetensors",
            schedule="simple",
        ),
        "chroma": Loader(
            latent=_SD3,
            clip="CLIPLoader",
            kind="chroma",
            encoders=("t5xxl_fp16.safetensors",),
            vae="ae.safetensors",
            sampling=(_AURA, "shift", 1.0),
            schedule="beta",
        ),
        "lumina2": Loader(
            latent=_SD3,
            clip="CLIPLoader",
            kind="lumina2",
            encoders=("gemma_2_2b_fp16.safetensors",),
            vae="ae.safetensors",
            sampling=(_AURA, "shift", 4.0),
            schedule="simple",
        ),
        "z-image": Loader(
            latent=_SD3,
            clip="CLIPLoader",
            kind="lumina2",
            encoders=("qwen_3_4b.safetensors",),
            vae="ae.safetensors",
            sampling=(_AURA, "shift", 3.0),
            schedule="simple",
        ),
        "qwen-image": Loader(
            latent=_SD3,
            clip="CLIPLoader",
            kind="qwen_image",
            encoders=("qwen_2.5_vl_7b_fp8_scaled.safetensors",),
            vae=_QWEN_VAE,
            sampling=(_AURA, "shift", 3.1),
            schedule="simple",
        ),
        "qwen-image-2.1": Loader(
            clip="CLIPLoader",
            kind="qwen_image",
            encoders=("qwen3vl_8b_int8_convrot.safetensors",),
            vae="qwen_image_2.1_vae_bf16.safetensors",
            schedule="simple",
            empty=" ",
        ),
        "krea2": Loader(
            latent=_SD3,
            clip="CLIPLoader",
            kind="krea2",
            encoders=("qwen3vl_4b_fp8_scaled.safetensors",),
            vae=_QWEN_VAE,
            schedule="simple",
        ),
    }
)
"""The families that are no plain checkpoint, by name."""
