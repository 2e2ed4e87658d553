"""What the models of single files and parts share whose denoiser is a transformer: their layout, what shapes say."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from promptlang.models.parts import unremarked
from promptlang.tables.samplers import FLOW_EULER
from promptlang_runtime.models import libraries
from promptlang_runtime.models.layouts import building, filled
from promptlang_runtime.models.parts import FileLayout
from promptlang_runtime.models.pipelines import Denoiser, Scheduler, Tensors
from promptlang_runtime.rebuilding.checkpoint import check_parts

DENOISER, VAE = "transformer.", "vae."


def check_whole(tensors: Tensors, layout: FileLayout) -> None:
    """Raises RenderError for the first part of a whole checkpoint that is not there."""
    readers = {prefix: f"text encoder {unremarked(encoder)}" for prefix, encoder in layout.encoders.items()}
    needed = {prefix: title for prefix, title in readers.items() if prefix not in layout.spared}
    check_parts(tensors, {layout.denoiser: "denoiser", layout.vae: "VAE", **needed})


def transformer_of(kind: str, tensors: Tensors, **config: object) -> Denoiser:
    """The denoiser of that class with the tensors, which are named as diffusers names them."""
    return filled(libraries.empty(kind, **config), tensors, "denoiser", assign=True)


@building("denoiser")
def as_diffusers(kind: str, tensors: Tensors, mark: str) -> Tensors:
    """The denoiser's tensors under diffusers' names, one of which is `mark`, whichever they have."""
    return tensors if mark in tensors else libraries.transformer_tensors(kind, tensors)


def flow_levels(config: Mapping[str, object]) -> Scheduler:
    """The noise levels of a flow-matching model."""
    return libraries.scheduler(FLOW_EULER, config)


def turned(published: Sequence[int], head: int, step: int = 2) -> tuple[int, ...]:
    """How many numbers of an attention head turn with the place along each axis.

    As published; narrower heads are divided in the same proportion, in steps, and the first axis has what is left.
    """
    others = tuple(step * (each * head // (step * sum(published))) for each in published[1:])
    return (head - sum(others), *others)
