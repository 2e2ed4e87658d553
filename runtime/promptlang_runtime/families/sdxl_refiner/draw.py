"""The refiner of Stable Diffusion XL: it goes on where another model stopped, told of an aesthetic score."""

from __future__ import annotations

from collections.abc import Sequence

from PIL import Image
from torch import Tensor

from promptlang.plans.plan import Network, Plan
from promptlang_runtime.conditioning.encode import Inversions
from promptlang_runtime.conditioning.sides import sides_of
from promptlang_runtime.drawing.pipelines import OnCall, stable_diffusion
from promptlang_runtime.drawing.resting import awake
from promptlang_runtime.drawing.unet import Begun, finished
from promptlang_runtime.drawing.wanted import Wanted
from promptlang_runtime.errors import RenderError
from promptlang_runtime.families.family import LoadedModel
from promptlang_runtime.families.sdxl.draw import UNMARKED
from promptlang_runtime.families.sdxl.encode import are_zeroes
from promptlang_runtime.families.sdxl_refiner.encode import reader_of
from promptlang_runtime.models import libraries
from promptlang_runtime.models.pipelines import Pipeline, Tensors, Vae
from promptlang_runtime.networks.layers import Changed

SAID = ("requires_aesthetics_score", "force_zeros_for_empty_prompt")
"""How the folder of a refiner sets its pipeline."""


def finish(model: LoadedModel, plan: Plan, begun: Begun, inversions: Inversions) -> Tensor:
    """The latents of pictures, whose last noise is gone."""
    with awake(model.pipeline):
        sides = sides_of(plan, reader_of(model, plan, inversions), zeroes=are_zeroes(model))
    return finished(_decoded_by(begun.vae, model), plan, sides, begun, config=model.scheduler_config)


def _decoded_by(vae: Vae, model: LoadedModel) -> Pipeline:
    """The refiner's pipeline with the VAE of the model that began: it tells the denoiser how large the picture is."""
    said = stable_diffusion(model.pipeline).config
    parts = {**model.pipeline.components, "vae": vae}
    set_alike = {each: said[each] for each in SAID}
    found = libraries.pipeline(model.family.folder.pipeline, **parts, **UNMARKED, **set_alike)
    found.set_progress_bar_config(disable=True)
    return found


def draw(model: LoadedModel, wanted: Sequence[Wanted], *, on_call: OnCall) -> list[Image.Image]:
    """Raises RenderError: it begins no pictures."""
    raise _nothing_begun(model.name)


def network(tensors: Tensors, pipeline: Pipeline, name: str) -> tuple[Changed, ...]:
    """Raises RenderError: networks are made for the model that begins the pictures."""
    raise _nothing_begun(name)


def inversions(model: LoadedModel, networks: Sequence[Network]) -> Inversions:
    """Raises RenderError: the words of textual inversions are those of the model that begins the pictures."""
    raise _nothing_begun(model.name)


def _nothing_begun(name: str) -> RenderError:
    return RenderError(f"<{name}> finishes pictures that another model begins", "call a model of SDXL beside it")
