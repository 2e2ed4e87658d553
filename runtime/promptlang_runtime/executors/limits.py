"""How much is drawn at once, and how memory is spared."""

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
    """A way to spare memory; each does what those before it do. `divides`: the VAE takes pictures apart, one by one;
    `alone`: so does everything else.
    """

    name: str
    docs: str
    divides: bool = False
    alone: bool = False


MEMORY = (
    Memory(
        name="auto",
        docs="draws as many pictures together as the device takes, and half as many where its memory runs out",
    ),
    Memory(
        name="low",
        docs="has the VAE take one picture after the other as well, and large ones in tiles that are blended where "
        "they meet, which moves their colours a little",
        divides=True,
    ),
    Memory(name="least", docs="draws one picture at a time besides", divides=True, alone=True),
)


def memory_row(name: str) -> Memory:
    """The row of that name; every name that comes here was chosen from the table."""
    return next(each for each in MEMORY if each.name == name)
