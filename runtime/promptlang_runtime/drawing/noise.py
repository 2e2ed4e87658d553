"""Noise of a seed: the same numbers on every device and in every precision, where libraries draw others in each."""

from __future__ import annotations

from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import contextmanager
from functools import wraps
from typing import Protocol, TypeGuard

import torch
from torch import Tensor
from torch.overrides import TorchFunctionMode

from promptlang_runtime.models import libraries
from promptlang_runtime.models.pipelines import Pipeline, Scheduler
from promptlang_runtime.models.schedulers import PATH_SEED
from promptlang_runtime.sampling.driven import Driven
from promptlang_runtime.sampling.flow import FlowDriven

FIRST, STEP = "prepare_latents", "step"
"""What draws noise: of a pipeline that it begins with, and of a scheduler."""

Draws = Callable[..., object]


class _Pathed(Protocol):
    """A scheduler of diffusers whose noise is a path, made of seeds by its first step where there is none yet."""

    noise_sampler: Callable[[Tensor, Tensor], Tensor] | None
    noise_sampler_seed: Sequence[int]

    @property
    def sigmas(self) -> Tensor: ...


class _InSinglePrecision(TorchFunctionMode):
    """`torch.randn` draws in single precision, whatever number type is asked for: in another one the same generator
    draws other numbers.
    """

    def __torch_function__(
        self,
        func: Draws,
        types: Sequence[type],
        args: Sequence[object] = (),
        kwargs: Mapping[str, object] | None = None,
    ) -> object:
        given = kwargs or {}
        wanted = given.get("dtype")
        if func is not torch.randn or not isinstance(wanted, torch.dtype):
            return func(*args, **given)
        drawn = func(*args, **{**given, "dtype": torch.float32})
        assert isinstance(drawn, Tensor)
        return drawn.to(dtype=wanted)


@contextmanager
def drawn_alike(pipeline: Pipeline) -> Generator[None]:
    """A pipeline and its scheduler draw the noise that they would draw in single precision on the CPU."""
    device = next(pipeline.vae.parameters()).device  # `pipeline.device` looks through every layer of a part
    if device.type == "cpu" and pipeline.dtype == torch.float32:
        yield
        return
    changed: list[tuple[object, str, Draws]] = [(pipeline, FIRST, _single(getattr(pipeline, FIRST)))]
    if not isinstance(pipeline.scheduler, Driven | FlowDriven):  # which do so themselves
        changed.append((pipeline.scheduler, STEP, _stepping(pipeline.scheduler)))
    for owner, name, draws in changed:
        setattr(owner, name, draws)
    try:
        yield
    finally:
        for owner, name, _ in changed:
            delattr(owner, name)


def _single(draws: Draws) -> Draws:
    @wraps(draws)  # pipelines look at what a step takes
    def single(*args: object, **given: object) -> object:
        with _InSinglePrecision():
            return draws(*args, **given)

    return single


def _stepping(scheduler: Scheduler) -> Draws:
    step = _single(scheduler.step)
    if not _has_path(scheduler):
        return step

    @wraps(step)
    def stepping(output: Tensor, moment: Tensor, sample: Tensor, **given: object) -> object:
        if scheduler.noise_sampler is None:
            scheduler.noise_sampler = _path(scheduler, sample)
        return step(output, moment, sample, **given)

    return stepping


def _has_path(scheduler: object) -> TypeGuard[_Pathed]:
    return hasattr(scheduler, PATH_SEED)


def _path(scheduler: _Pathed, sample: Tensor) -> Callable[[Tensor, Tensor], Tensor]:
    """The path that the scheduler would make of its seeds for such a sample on the CPU."""
    levels = scheduler.sigmas[scheduler.sigmas > 0]
    like = torch.zeros_like(sample, device="cpu", dtype=torch.float32)
    path = libraries.noise_path(like, levels.min().item(), levels.max().item(), scheduler.noise_sampler_seed)
    return lambda level, after: path(level.cpu(), after.cpu()).to(sample)
