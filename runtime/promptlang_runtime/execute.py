"""Plans to pictures."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import replace

from PIL import Image

from promptlang.plan import Plan
from promptlang_runtime.device import device_of, dtype_of, use_threads
from promptlang_runtime.families import family_of
from promptlang_runtime.loading import load

OnStep = Callable[[int, int, int], None]
"""Told after every denoiser call: pictures finished before, calls done of this batch, and calls of the batch."""

SEEDS = 2**64
DRAWN_SEEDS = 2**32  # drawn seeds stay short enough to type

BATCH_PIXELS = {"cpu": 4 * 512 * 512, "cuda": 16 * 512 * 512, "mps": 4 * 512 * 512}
"""How many pixels are drawn at once: past this, a batch gains little and memory runs short."""


def seeded(plan: Plan) -> Plan:
    """The plan with a seed: its own, or one drawn now."""
    return plan if plan.seed is not None else replace(plan, seed=secrets.randbelow(DRAWN_SEEDS))


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

    `exact` draws one picture at a time, so that batches of any size give the same bits. Raises RenderError.
    """
    use_threads()
    where = device_of(device)
    family = family_of(plan.model.family)
    model = load(plan.model, device=where, dtype=dtype_of(dtype, where), hub=hub)
    first = seeded(plan).seed
    seeds = [(first + place) % SEEDS for place in range(plan.images)]
    pictures: list[Image.Image] = []
    size = 1 if exact else _batch_size(plan, where.type)
    for start in range(0, len(seeds), size):
        batch = seeds[start : start + size]

        def on_call(done: int, total: int, start: int = start) -> None:
            if on_step is not None:
                on_step(start, done, total)

        drawn = family.draw(model, plan, batch, inversions=None, on_call=on_call)
        for picture, seed in zip(drawn, batch, strict=True):
            picture.info["seed"] = seed
        pictures += drawn
    return tuple(pictures)


def _batch_size(plan: Plan, device: str) -> int:
    width, height = plan.size
    return max(1, BATCH_PIXELS.get(device, BATCH_PIXELS["cpu"]) // (width * height))
