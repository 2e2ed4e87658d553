"""The picture so far, while it is drawn: latents by a linear map to colours, which costs next to nothing.

Whoever wants to see it watches; while nobody does, a step costs one look at a variable. It loads no torch: those who
watch may not draw themselves.
"""

from __future__ import annotations

from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass
from io import BytesIO
from threading import local
from time import monotonic
from typing import TYPE_CHECKING

from promptlang.plans.plan import Plan

if TYPE_CHECKING:
    from PIL import Image

PAUSE = 0.25  # seconds between two glimpses: the eye wants no more, and an accelerator waits for each


@dataclass(frozen=True, slots=True)
class Glimpse:
    """The first picture of a batch so far, a pixel a latent: red, green and blue in eight bits, row after row.

    It is that after step `step` of `steps`, as the plan counts them; 0 where nobody says.
    """

    size: tuple[int, int]
    pixels: bytes
    step: int = 0
    steps: int = 0

    @property
    def picture(self) -> Image.Image:
        """It as a picture."""
        from PIL import Image

        return Image.frombytes("RGB", self.size, self.pixels)

    def png(self) -> bytes:
        """It as a file, with the text `Step` such as `7/20`."""
        from PIL.PngImagePlugin import PngInfo

        packed, words = BytesIO(), PngInfo()
        if self.steps:
            words.add_text("Step", f"{self.step}/{self.steps}")
        self.picture.save(packed, "PNG", compress_level=1, pnginfo=words)
        return packed.getvalue()


Watcher = Callable[[Glimpse], None]


class _Watch(local):
    """Who watches in this thread, and when the last glimpse was."""

    by: Watcher | None = None
    latest: float = 0.0


_WATCH = _Watch()


@contextmanager
def watched(by: Watcher | None) -> Generator[None]:
    """Have glimpses told to somebody, in the thread that draws or waits for who does; to nobody with None."""
    before, _WATCH.by = _WATCH.by, by
    try:
        yield
    finally:
        _WATCH.by = before


def tell(glimpse: Glimpse) -> None:
    """Hand on a glimpse of another process."""
    if _WATCH.by:
        _WATCH.by(glimpse)


def show(latents: object, plan: Plan, done: int, calls: int) -> None:
    """Make a glimpse of the latents of a plan after `done` of so many calls of the model, where somebody watches."""
    if _WATCH.by is None or monotonic() - _WATCH.latest < PAUSE:
        return
    from promptlang_runtime.drawing.colours import coloured

    if found := coloured(latents, plan):
        _WATCH.latest = monotonic()
        _WATCH.by(Glimpse(*found, *_step(plan, done, calls)))


def _step(plan: Plan, done: int, calls: int) -> tuple[int, int]:
    """The step that so many calls come to: some samplers ask the model twice for each."""
    steps = plan.steps if calls in (2 * plan.steps, 2 * plan.steps - 1) else calls
    return -(-done * steps // max(calls, 1)), steps
