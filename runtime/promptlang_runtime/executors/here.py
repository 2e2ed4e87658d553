"""Plans to pictures."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import partial
from time import perf_counter

from PIL import Image

from promptlang.plans.enlarging import drawn_size
from promptlang.plans.plan import Plan
from promptlang_runtime.drawing.wanted import Wanted
from promptlang_runtime.errors import NoNumber, OpenError, RenderError
from promptlang_runtime.executors.limits import MEMORY, Settings, at_once, memory_row
from promptlang_runtime.executors.loading import load
from promptlang_runtime.executors.networks import applied
from promptlang_runtime.executors.numberless import named
from promptlang_runtime.executors.reading import refuse_invalid
from promptlang_runtime.executors.seeds import seeded, seeds_of
from promptlang_runtime.families.family import LoadedModel
from promptlang_runtime.families.table import family_of, refiner_of
from promptlang_runtime.models.decoding import divide
from promptlang_runtime.models.device import device_of, dtype_of, is_of_memory, most_held
from promptlang_runtime.models.places import files_of

MISFIT = re.compile(r"\d+x\d+ and \d+x\d+(?=\)$)")
"""How torch ends when it says that two matrices do not follow each other."""

OnStep = Callable[[int, int, int], None]
"""Told after every denoiser call: pictures finished before, calls done of this batch, and calls of the batch."""


def render(
    plan: Plan,
    *,
    device: str = "auto",
    dtype: str | None = None,
    on_step: OnStep | None = None,
    exact: bool = False,
    hub: bool = False,
    memory: str = MEMORY[0].name,
) -> tuple[Image.Image, ...]:
    """The pictures of a plan, image i from seed + i; its `info` has that `seed`, and the `seconds` it took.

    `exact` draws one picture at a time, so that batches of any size give the same bits. `hub` allows a download where
    the plan names a repository. `memory` says how it is spared, by a name of the table. Raises RenderError where the
    plan cannot be rendered here.
    """
    found = pictures(plan, device=device, dtype=dtype, on_step=on_step, exact=exact, hub=hub, memory=memory)
    return tuple(found)


def pictures(
    plan: Plan,
    *,
    device: str = "auto",
    dtype: str | None = None,
    on_step: OnStep | None = None,
    exact: bool = False,
    hub: bool = False,
    memory: str = MEMORY[0].name,
) -> Iterator[Image.Image]:
    """The same one after the other, each batch as soon as it is drawn."""
    refuse_invalid(plan)
    wanted = [Wanted(plan, seed) for seed in seeds_of(seeded(plan))]
    size = 1 if exact or memory_row(memory).alone else at_once(drawn_size(plan), kind_of(device))
    settings = Settings(device=device, dtype=dtype, hub=hub, memory=memory)
    for start in range(0, len(wanted), size):
        told = partial(on_step or _silent, start)
        yield from drawn(wanted[start : start + size], settings, told)


def kind_of(device: str) -> str:
    """The kind of device that a name stands for: `cpu`, `cuda` or `mps`; raises RenderError where it is missing."""
    return device_of(device).type


def drawn(wanted: Sequence[Wanted], settings: Settings, on_call: Callable[[int, int], None]) -> list[Image.Image]:
    """One batch, or several where memory is short; every picture's `info` has its seed and its share of the seconds.

    The plans are valid and have in common what `shared` says. Raises RenderError where they cannot be drawn.
    """
    plan, where, sparing = wanted[0].plan, device_of(settings.device), memory_row(settings.memory)
    number = dtype_of(settings.dtype, where, half=family_of(plan.model).half)
    opened = partial(load, device=where, dtype=number, hub=settings.hub, memory=sparing)
    try:
        model = opened(plan.model)
        if plan.refiner:
            model = replace(model, refiner=opened(plan.refiner, family=refiner_of(plan.refiner)))
    except RenderError as error:
        raise OpenError(error.message, error.help) from error
    with applied(model, plan, hub=settings.hub) as ready:
        divide(ready.pipeline.vae, whether=sparing.divides)
        began = perf_counter()
        batch = _batch(ready, wanted, on_call)
        seconds = (perf_counter() - began) / len(batch)
    for picture, each in zip(batch, wanted, strict=True):
        picture.info |= {"seed": each.seed, "seconds": seconds, "memory": most_held(where)}
    return batch


def _batch(model: LoadedModel, wanted: Sequence[Wanted], on_call: Callable[[int, int], None]) -> list[Image.Image]:
    def after_call(done: int, total: int) -> None:
        model.at_call(done)
        on_call(done, total)

    model.at_call(0)
    try:
        return model.family.draw(model, wanted, on_call=after_call)
    except NoNumber as error:
        raise named(error, model, wanted[0].plan) from None
    except (RuntimeError, MemoryError) as error:
        if not is_of_memory(error):
            if refused := _misfit(error, wanted[0].plan):
                raise refused from error
            raise
        if len(wanted) == 1:
            width, height = drawn_size(wanted[0].plan)
            message = f"the memory of the device is too small for a picture of {width}x{height}"
            raise RenderError(message, "write a smaller `/size`, or add `--memory least`") from error
    middle = len(wanted) // 2  # what the failed try held is free only here
    return [
        *_batch(model, wanted[:middle], lambda done, total: on_call(done, 2 * total)),
        *_batch(model, wanted[middle:], lambda done, total: on_call(total + done, 2 * total)),
    ]


def _misfit(error: Exception, plan: Plan) -> RenderError | None:
    """That parts of the model do not go together, where torch says so."""
    sizes = MISFIT.search(str(error))
    if sizes is None:
        return None
    message = f"{files_of(plan.model)} cannot be drawn with: what one part gives, another cannot take ({sizes[0]})"
    return RenderError(message, "put parts of one model together")


def _silent(start: int, done: int, total: int) -> None:
    """Nobody asked how far it is."""
