"""The picture so far, while it is drawn: latents by a linear map to colours, which costs next to nothing.

Whoever wants to see it watches; while nobody does, a step costs one look at a variable. It loads no torch: those who
watch may not draw themselves.
"""

from __future__ import annotations

from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass
from io import BytesIO
from time import monotonic
from typing import TYPE_CHECKING

from promptlang.plans.plan import Plan

if TYPE_CHECKING:
    from PIL import Image

PAUSE = 0.25  # seconds between two glimpses: the eye wants no more, and an accelerator waits for each


@dataclass(frozen=True, slots=True)
class Glimpse:
    """The first picture of a batch so far, a pixel a latent: red, green and blue in eight bits, row after row."""

    size: tuple[int, int]
    pixels: bytes

    @property
    def picture(self) -> Image.Image:
        """It as a picture."""
        from PIL import Image

        return Image.frombytes("RGB", self.size, self.pixels)

    def png(self) -> bytes:
        """It as a file."""
        packed = BytesIO()
        self.picture.save(packed, "PNG", compress_level=1)
        return packed.getvalue()


Watcher = Callable[[Glimpse], None]


class _Watch:
    """Who watches in this process, and when the last glimpse was."""

    by: Watcher | None = None
    latest: float = 0.0


@contextmanager
def watched(by: Watcher | None) -> Generator[None]:
    """Have glimpses told to somebody, from the thread that draws; to nobody with None."""
    before, _Watch.by = _Watch.by, by
    try:
        yield
    finally:
        _Watch.by = before


def tell(glimpse: Glimpse) -> None:
    """Hand on a glimpse of another process."""
    if _Watch.by:
        _Watch.by(glimpse)


def show(latents: object, plan: Plan) -> None:
    """Make a glimpse of the latents of a plan, as they are between two steps, where somebody watches."""
    if _Watch.by is None or monotonic() - _Watch.latest < PAUSE:
        return
    from promptlang_runtime.drawing.colours import coloured

    if found := coloured(latents, plan):
        _Watch.latest = monotonic()
        _Watch.by(Glimpse(*found))
