"""How pictures are drawn, whatever they show: on which device, how many at once, and how memory is spared."""

from __future__ import annotations

from promptlang.values import dataclass

BATCH_PIXELS = {"cpu": 4 * 512 * 512, "cuda": 16 * 512 * 512, "mps": 4 * 512 * 512}
"""How many pixels are drawn at once: past this, a batch gains little and memory runs short."""


def at_once(size: tuple[int, int], device: str) -> int:
    """How many pictures of a size are drawn at once on a kind of device."""
    width, height = size
    return max(1, BATCH_PIXELS.get(device, BATCH_PIXELS["cpu"]) // (width * height))


@dataclass(frozen=True, slots=True, kw_only=True)
class Memory:
    """A way to spare memory; each does what those before it do.

    `divides`: the VAE takes pictures apart, one by one; `alone`: so does everything else. `rests`: text encoders are on
    the device while they read; `by_layer`: so is each layer of the denoiser while it is called.
    """

    name: str
    docs: str
    divides: bool = False
    rests: bool = False
    alone: bool = False
    by_layer: bool = False


MEMORY = (
    Memory(
        name="auto",
        docs="draws as many pictures together as the device takes, and half as many where its memory runs out",
    ),
    Memory(
        name="low",
        docs="has the VAE take one picture after the other as well, and large ones in tiles that are blended where "
        "they meet, which moves their colours a little; text encoders are on the device only while they read",
        divides=True,
        rests=True,
    ),
    Memory(
        name="least",
        docs="draws one picture at a time besides, and brings the denoiser to the device layer by layer at every step, "
        "which takes long; on a Mac's graphics a UNet attends with one head after the other",
        divides=True,
        rests=True,
        alone=True,
        by_layer=True,
    ),
)


def memory_row(name: str) -> Memory:
    """The row of that name; every name that comes here was chosen from the table."""
    return next(each for each in MEMORY if each.name == name)


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """How every batch of a run is drawn; with `glimpses` workers send the picture so far to who watches here."""

    device: str = "auto"
    dtype: str | None = None
    hub: bool = False
    memory: str = MEMORY[0].name
    glimpses: bool = False
