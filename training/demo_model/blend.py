"""Mixes a denoiser that was trained on with the one it began as: it keeps most of both, also calm at much guidance."""

from __future__ import annotations

from pathlib import Path

from training.demo_model.checkpoints import load_tensors, save_tensors
from training.demo_model.diffusion import CHECKPOINT
from training.demo_model.unpack import UNPACKED

_DENOISER = "average.unet."


def blend(folder: Path, share: float) -> None:
    """Make the averaged denoiser `share` of itself and for the rest the unpacked one, weight by weight.

    Raises FileNotFoundError where nothing was unpacked: two denoisers that began apart have no middle.
    """
    tensors, before = load_tensors(folder, CHECKPOINT), load_tensors(folder, UNPACKED)
    if not before:
        raise FileNotFoundError(f"{folder} has no {UNPACKED} denoiser to blend with; begin with the stage `unpack`")
    for name, old in before.items():
        new = tensors[_DENOISER + name]
        tensors[_DENOISER + name] = ((1 - share) * old + share * new.float()).to(new.dtype)
    save_tensors(folder, CHECKPOINT, tensors)
