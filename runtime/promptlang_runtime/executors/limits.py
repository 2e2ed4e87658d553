"""How much is drawn at once."""

from __future__ import annotations

BATCH_PIXELS = {"cpu": 4 * 512 * 512, "cuda": 16 * 512 * 512, "mps": 4 * 512 * 512}
"""How many pixels are drawn at once: past this, a batch gains little and memory runs short."""


def at_once(size: tuple[int, int], device: str) -> int:
    """How many pictures of a size are drawn at once on a kind of device."""
    width, height = size
    return max(1, BATCH_PIXELS.get(device, BATCH_PIXELS["cpu"]) // (width * height))
