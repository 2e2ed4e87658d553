"""Pictures without a model: a colour for each seed. It stands in for `promptlang_runtime.executors.here`."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import Any

from PIL import Image

from promptlang_runtime.drawing.wanted import Wanted
from promptlang_runtime.executors import processes

DRAWING = "promptlang_runtime.executors.here"


def paint() -> None:
    """Have this process paint whatever it is asked to draw, which needs no torch."""
    sys.modules[DRAWING] = sys.modules[__name__]


def work(*arguments: Any) -> None:
    """What a worker of `executors.processes` does, which paints."""
    paint()
    processes._work(*arguments)


def kind_of(device: str) -> str:
    """Paint needs no other device."""
    return device


def drawn(wanted: Sequence[Wanted], *_: object) -> list[Image.Image]:
    """The pictures, each in the size that its plan asks for."""
    return [_painted(each) for each in wanted]


def _painted(wanted: Wanted) -> Image.Image:
    picture = Image.new("RGB", wanted.plan.size, ("red", "green", "blue", "gold", "navy")[wanted.seed % 5])
    picture.info.update(seed=wanted.seed, seconds=0.0, memory=0)
    return picture
