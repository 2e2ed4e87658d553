"""Plans to pictures."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from time import perf_counter

import torch
from PIL import Image

from promptlang.plans.json import verify
from promptlang.plans.plan import Plan
from promptlang_runtime.errors import RenderError
from promptlang_runtime.executors.loading import load
from promptlang_runtime.executors.networks import applied
from promptlang_runtime.executors.reading import refuse_unread
from promptlang_runtime.executors.seeds import seeded, seeds_of
from promptlang_runtime.families.family import LoadedModel
from promptlang_runtime.families.table import family_of
from promptlang_runtime.models.device import device_of, dtype_of

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
    """The pictures of a plan, image i from seed + i; its `info` has that `seed`, and the `seconds` it took.

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
    refuse_unread(plan)
    where = device_of(device)
    number = dtype_of(dtype, where, half=family_of(plan.model).half)
    model = load(plan.model, device=where, dtype=number, hub=hub)
    seeds = seeds_of(seeded(plan))
    size = 1 if exact else _batch_size(plan, where.type)
    with applied(model, plan, hub=hub) as ready:
        for start in range(0, len(seeds), size):
            yield from _drawn(ready, plan, seeds[start : start + size], partial(on_step or _silent, start))


def _drawn(
    model: LoadedModel, plan: Plan, seeds: Sequence[int], on_call: Callable[[int, int], None]
) -> Iterator[Image.Image]:
    """One batch; every picture's `info` has its seed and its share of the seconds."""
    began = perf_counter()

    def after_call(done: int, total: int) -> None:
        model.at_call(done)
        on_call(done, total)

    model.at_call(0)
    try:
        batch = model.family.draw(model, plan, seeds, on_call=after_call)
    except torch.OutOfMemoryError as error:
        raise RenderError(
            f"the memory of the device is too small for {len(seeds)} pictures of {plan.size[0]}x{plan.size[1]}",
            "write a smaller `/size`, or add `--exact` to draw one picture at a time",
        ) from error
    seconds = (perf_counter() - began) / len(seeds)
    for picture, seed in zip(batch, seeds, strict=True):
        picture.info |= {"seed": seed, "seconds": seconds}
        yield picture


def _batch_size(plan: Plan, device: str) -> int:
    width, height = plan.size
    return max(1, BATCH_PIXELS.get(device, BATCH_PIXELS["cpu"]) // (width * height))


def _silent(start: int, done: int, total: int) -> None:
    """Nobody asked how far it is."""
