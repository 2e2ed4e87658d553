"""Plans to pictures."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial

from PIL import Image

from promptlang.plan import Plan
from promptlang.plan_json import verify
from promptlang_runtime.device import device_of, dtype_of, use_threads
from promptlang_runtime.errors import RenderError
from promptlang_runtime.families import family_of
from promptlang_runtime.loading import load
from promptlang_runtime.seeds import seeded, seeds_of

OnStep = Callable[[int, int, int], None]
"""Told after every denoiser call: pictures finished before, calls done of this batch, and calls of the batch."""

BATCH_PIXELS = {"cpu": 4 * 512 * 512, "cuda": 16 * 512 * 512, "mps": 4 * 512 * 512}
"""How many pixels are drawn at once: past this, a batch gains little and memory runs short."""


def render(
    plan: Plan,
    *,
    device: str = "auto",
    dtype: str | None = None,
    on_step: OnStep | None = None,
    exact: bool = False,
    hub: bool = False,
) -> tuple[Image.Image, ...]:
    """The pictures of a plan, image i from seed + i, which stands in its `info["seed"]`.

    `exact` draws one picture at a time, so that batches of any size give the same bits. `hub` allows a download where
    the plan names a repository. Raises RenderError where the plan cannot be rendered here.
    """
    return tuple(pictures(plan, device=device, dtype=dtype, on_step=on_step, exact=exact, hub=hub))


def pictures(
    plan: Plan,
    *,
    device: str = "auto",
    dtype: str | None = None,
    on_step: OnStep | None = None,
    exact: bool = False,
    hub: bool = False,
) -> Iterator[Image.Image]:
    """The same one after the other, each batch as soon as it is drawn."""
    if problems := verify(plan):
        raise RenderError(f"not a valid plan: {problems[0]}")
    family = family_of(plan.model.family)
    where = device_of(device)
    use_threads()
    model = load(plan.model, device=where, dtype=dtype_of(dtype, where), hub=hub)
    seeds = seeds_of(seeded(plan))
    size = 1 if exact else _batch_size(plan, where.type)
    for start in range(0, len(seeds), size):
        batch = seeds[start : start + size]
        on_call = partial(on_step, start) if on_step else _silent
        for picture, seed in zip(family.draw(model, plan, batch, on_call=on_call), batch, strict=True):
            picture.info["seed"] = seed
            yield picture


def _batch_size(plan: Plan, device: str) -> int:
    width, height = plan.size
    return max(1, BATCH_PIXELS.get(device, BATCH_PIXELS["cpu"]) // (width * height))


def _silent(done: int, total: int) -> None:
    """Nobody asked how far it is."""
