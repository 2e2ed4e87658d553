"""Latents to pixels; numbers that are none are found here, before they become a black picture."""

from __future__ import annotations

from typing import cast

import torch
from torch import Tensor, nn

from promptlang_runtime.errors import NoNumber
from promptlang_runtime.models.pipelines import Vae

LATENT = 8  # pixels on the side of one latent
QUICK = 2**22  # numbers of a layer on the CPU, 16 MiB: what is larger goes back to the system, and is fetched anew


@torch.no_grad()
def decoded(vae: Vae, latents: Tensor, *, apart: bool = False) -> Tensor:
    """The pixels of latents that are scaled as the VAE wants them, (batch, 3, height, width) from -1 to 1.

    With `apart` the CPU decodes as many at once as are quick, which may differ in the last bits from all at once. Half
    precision overflows in some VAEs: they get a second try in single precision. Raises NoNumber for what is none even
    then.
    """
    if apart and latents.device.type == "cpu":
        part = _quick(vae, latents)
        return torch.cat([_decoded(vae, latents[at : at + part]) for at in range(0, len(latents), part)])
    return _decoded(vae, latents)


def _quick(vae: Vae, latents: Tensor) -> int:
    """How many latents a CPU decodes at once in the least time for each."""
    layers = cast("nn.Module", vae).modules()
    widest = max((layer.out_channels for layer in layers if isinstance(layer, nn.Conv2d | nn.Conv3d)), default=1)
    return max(1, QUICK // (widest * latents[0, 0].numel() * LATENT**2))


def _decoded(vae: Vae, latents: Tensor) -> Tensor:
    if not torch.isfinite(latents).all():
        raise no_number(vae.dtype)
    pixels = vae.decode(latents.to(vae.dtype), return_dict=False)[0]
    if torch.isfinite(pixels).all():
        return pixels
    pixels = _in_single_precision(vae, latents)
    if torch.isfinite(pixels).all():
        return pixels
    raise NoNumber("what the VAE decodes is not a number (NaN)", "name another VAE with `/vae`")


def divide(vae: Vae, *, whether: bool) -> None:
    """Have a VAE take one picture at a time, and in tiles those that are larger than it was trained with; or whole."""
    for part in ("use_slicing", "use_tiling"):
        if hasattr(vae, part):
            setattr(vae, part, whether)


def no_number(kind: torch.dtype) -> NoNumber:
    """What is said of a model whose own numbers are none, whoever decodes them; `kind` is that of its weights."""
    wider = "" if kind == torch.float32 else ", or try `--dtype float32`"
    return NoNumber(
        "what the model draws is not a number (NaN)",
        f"leave out its LoRAs one by one{wider}; else its file is damaged",
    )


def _in_single_precision(vae: Vae, latents: Tensor) -> Tensor:
    before = vae.dtype
    vae.to(dtype=torch.float32)
    try:
        return vae.decode(latents.float(), return_dict=False)[0]
    finally:
        vae.to(dtype=before)
