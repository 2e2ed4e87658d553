"""Parts of a model that rest in main memory while they are not at work, so that a small device has room for others."""

from __future__ import annotations

from collections.abc import Generator, Iterable, Sequence
from contextlib import contextmanager
from itertools import chain
from weakref import WeakKeyDictionary

import torch
from torch import Tensor, nn

from promptlang_runtime.models import libraries
from promptlang_runtime.models.pipelines import Pipeline

SLICED = frozenset({"mps"})
"""Devices on which torch's own attention holds all of its scores at once."""

_readers: WeakKeyDictionary[Pipeline, tuple[Sequence[nn.Module], torch.device]] = WeakKeyDictionary()


def rest(pipeline: Pipeline, readers: Iterable[str], denoiser: str, device: torch.device, *, by_layer: bool) -> None:
    """Put a pipeline on a device, but for its text encoders, which come there while they read.

    With `by_layer` the denoiser comes layer by layer too, at every call, and attention is divided where that helps.
    """
    parts = libraries.parts_of(pipeline)
    reading = [parts[name] for name in readers if name in parts]
    for name, part in parts.items():
        if name == denoiser and by_layer:
            libraries.bring_by_layer(part, device)
            if device.type in SLICED:
                libraries.divide_attention(part)
        elif part not in reading:
            part.to(device)
    # Older versions of diffusers draw where the first part of a pipeline lies.
    if pipeline.device.type != device.type and not by_layer:
        for part in reading:
            part.to(device)
        return
    _readers[pipeline] = reading, device


@contextmanager
def awake(pipeline: Pipeline) -> Generator[None]:
    """The text encoders of a pipeline on its device, wherever they rest."""
    reading, device = _readers.get(pipeline, ((), torch.device("cpu")))
    kept = [(each, each.data) for part in reading for each in chain(part.parameters(), part.buffers())]
    try:
        for tensor, resting in kept:
            tensor.data = brought(resting, device)
        yield
    finally:
        for tensor, resting in kept:
            tensor.data = resting


def brought(resting: Tensor, device: torch.device) -> Tensor:
    """A tensor on the device that works with it."""
    return resting.to(device)
